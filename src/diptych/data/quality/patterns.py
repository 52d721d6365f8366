"""Regular expressions from a file that somebody else wrote: only those that end soon.

Python's matcher backtracks. A pattern is refused if it repeats a group that has a choice in it,
refers back, looks around, or could be matched in more than 2^26 ways; cells longer than
`MAX_CHARACTERS` never match.
"""

import math
import re
from typing import Final

MAX_CHARACTERS: Final = 256
_MAX_PATTERN = 200
_MAX_TIMES = 64
_MAX_BITS = 26.0
_TOKEN = re.compile(
    r"(?P<escape>\\.)|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<bad>\(\?(?!:))|(?P<open>\((?:\?:)?)"
    r"|(?P<close>\))|(?P<repeat>[*+?]|\{(?P<low>[0-9]{1,4})?(?P<comma>,(?P<high>[0-9]{1,4})?)?\})"
    r"|(?P<or>\|)|(?P<plain>.)",
    re.DOTALL,
)


def safe_pattern(text: str) -> "re.Pattern[str]":
    """Compile a pattern that is cheap to match.

    Raises:
        ValueError: saying why it is refused.

    >>> safe_pattern("[A-Z]{2}-[0-9]+").fullmatch("AB-17") is not None
    True
    """
    if not 1 <= len(text) <= _MAX_PATTERN:
        raise ValueError(f"got {len(text)} characters, expected 1 to {_MAX_PATTERN}")
    _require_cheap(text)
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"no regular expression: {error}") from None


def _require_cheap(text: str) -> None:
    """Walk over the tokens; `choices` says of each open group whether it can match in two ways."""
    choices, closed, bits = [False], False, 0.0
    for token in _TOKEN.finditer(text):
        _require_plain(token)
        if token["open"]:
            choices.append(False)
        elif token["close"]:
            closed = choices.pop() if len(choices) > 1 else False
            choices[-1] = choices[-1] or closed
            continue
        elif token["or"] or token["repeat"]:
            ways = 1.0 if token["or"] else _bits(token)
            if closed and token[0] != "?":
                raise ValueError("repeats a group that can match in several ways")
            bits += ways
            choices[-1] = choices[-1] or ways > 0
        closed = False
    if bits > _MAX_BITS:
        raise ValueError("can match in too many ways")


def _require_plain(token: "re.Match[str]") -> None:
    if token["bad"]:
        raise ValueError("got '(?', expected plain groups or (?:…)")
    if token["escape"] and token["escape"][1].isdigit():
        raise ValueError("got a reference back to a group")


def _bits(token: "re.Match[str]") -> float:
    """Return log2 of the number of ways in which a repetition can match."""
    if token["repeat"] == "?":
        return 1.0
    if token["repeat"] in {"*", "+"}:
        return math.log2(MAX_CHARACTERS)
    low = int(token["low"] or 0)
    high = int(token["high"] or MAX_CHARACTERS) if token["comma"] else low
    if low > _MAX_TIMES or (token["high"] and high > _MAX_TIMES) or high < low:
        raise ValueError(f"got {token[0]}, expected at most {_MAX_TIMES} times")
    return math.log2(high - low + 1)
