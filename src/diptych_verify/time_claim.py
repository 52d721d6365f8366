"""One piece of evidence about time."""

from collections.abc import Mapping
from dataclasses import dataclass

from diptych_verify.errors import JsonValue


@dataclass(frozen=True)
class TimeClaim:
    """Something says that the log head existed at `time_s` (Unix seconds) at the latest.

    Attributes:
        source: `anchor`, `witness` or `timestamp`.
        time_s: upper bound of the time of the record.
        trusted: True if the policy lists who says so.
        text: who says so, for people.
        evidence: the facts, JSON-ready.
    """

    source: str
    time_s: int
    trusted: bool
    text: str
    evidence: Mapping[str, JsonValue]
