"""A secret text that no repr, log or traceback shows."""

import hmac


class Secret:
    """Holds a passphrase; only `reveal` gives it away.

    >>> Secret("hunter2")
    Secret(********)
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(********)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        mine, theirs = (one.encode("utf-8", "surrogatepass") for one in (self._text, other._text))
        return hmac.compare_digest(mine, theirs)

    def __hash__(self) -> int:
        return hash((Secret, self._text))
