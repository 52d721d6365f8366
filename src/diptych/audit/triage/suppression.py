"""A suppression: what it silences, why, and until when."""

import datetime as dt
from dataclasses import dataclass
from fnmatch import fnmatchcase

from diptych.audit.finding import Finding
from diptych_verify.errors import JsonValue

__all__ = ["ALL", "Suppression", "day_of"]

ALL = "*"


@dataclass(frozen=True)
class Suppression:
    """One suppression; what is empty or zero matches everything.

    Attributes:
        origin: where it is written, as a reader finds it.
        kind: `inSource` for comments, `external` for files (the words of SARIF).
        rules: ids of rules, or `*`.
        reason: why the finding is no fault here, or one that is accepted.
        until: last day on which it counts.
        path: glob of paths.
        lines: first and last line that a finding may begin on.
        contract: name.
        function: name.
        fingerprint: of the one finding.
    """

    origin: str
    kind: str
    rules: frozenset[str]
    reason: str
    until: dt.date | None = None
    path: str = ""
    lines: tuple[int, int] | None = None
    contract: str = ""
    function: str = ""
    fingerprint: str = ""

    def covers(self, finding: Finding, fingerprint: str) -> bool:
        """Whether it is about a finding."""
        place = finding.location
        return (
            (ALL in self.rules or finding.rule.id in self.rules)
            and self.fingerprint in ("", fingerprint)
            and self.contract in ("", place.contract)
            and self.function in ("", place.function)
            and (not self.path or fnmatchcase(place.path, self.path))
            and (self.lines is None or self.lines[0] <= place.line <= self.lines[1])
        )

    def fault(self, today: dt.date) -> str:
        """Return why it does not count, empty if it does."""
        if not self.reason.strip():
            return "gives no reason"
        if self.until is not None and self.until < today:
            return f"expired on {self.until.isoformat()}"
        return ""

    def to_json(self) -> dict[str, JsonValue]:
        """Return the suppression as plain data."""
        until = None if self.until is None else self.until.isoformat()
        return {"origin": self.origin, "kind": self.kind, "reason": self.reason, "until": until}


def day_of(text: str) -> dt.date | None:
    """Return the day that a text names (ISO 8601), None if it names none.

    >>> day_of("2027-01-01"), day_of("soon")
    (datetime.date(2027, 1, 1), None)
    """
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
