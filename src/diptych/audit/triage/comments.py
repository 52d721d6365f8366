"""Suppressions in the source itself.

`// diptych-ignore reentrancy: only the owner's vault is called (until 2027-01-01)` stands at the
end of the line it is about, or on a line of its own above. In Vyper it begins with `#`.
"""

import re
from collections.abc import Iterator

from diptych.audit.source.text import SourceText
from diptych.audit.triage.suppression import Suppression, day_of

__all__ = ["comment_suppressions"]

_MARK = b"diptych-ignore"
_MAX_LINE = 2_000
_COMMENT = re.compile(
    r"(?P<code>.*?)(?://+|#|/\*+)\s*diptych-ignore\s+(?P<rules>[\w*-]+(?:\s*,\s*[\w*-]+)*)"
    r"\s*(?::(?P<reason>.*))?$"
)
_UNTIL = re.compile(r"\(until\s+([0-9-]{4,10})\)\s*$")
_ONLY_COMMENT = re.compile(r"\s*(?://|#|/\*|\*|$)")
_MAX_SKIPPED = 50


def comment_suppressions(text: SourceText) -> Iterator[Suppression]:
    """Yield the suppressions that a file's comments hold."""
    if _MARK not in text.data:
        return
    for number in range(1, len(text.line_starts) + 1):
        line = text.line(number)[:_MAX_LINE]
        match = _COMMENT.match(line) if "diptych-ignore" in line else None
        if match is not None:
            target = number if match["code"].strip() else _next_code(text, number + 1)
            yield _suppression(match, (text.path, number, target))


def _suppression(match: re.Match[str], place: tuple[str, int, int]) -> Suppression:
    path, number, target = place
    reason = (match["reason"] or "").strip().removesuffix("*/").strip()
    until = _UNTIL.search(reason)
    day = day_of(until[1]) if until else None
    if until is not None and day is not None:
        reason = reason[: until.start()].strip()
    return Suppression(
        origin=f"{path}:{number}",
        kind="inSource",
        rules=frozenset(rule.strip() for rule in match["rules"].split(",")),
        reason=reason,
        until=day,
        path=path.replace("[", "[[]").replace("*", "[*]").replace("?", "[?]"),
        lines=(target, target),
    )


def _next_code(text: SourceText, number: int) -> int:
    """Return the number of the next line that is not only a comment."""
    for at in range(number, number + _MAX_SKIPPED):
        if not _ONLY_COMMENT.match(text.line(at)):
            return at
    return number
