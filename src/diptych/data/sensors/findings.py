"""What is found wrong with a series of readings."""

from dataclasses import dataclass
from typing import Final

from diptych.core.errors import JsonValue

RULES: Final = {
    "gap": "counters are missing: readings were lost or removed",
    "replay": "a stretch of values was sent before",
    "conflict": "one counter came with two different readings",
    "clock-back": "the device's clock went backwards",
    "clock-jump": "the device's clock leapt ahead while counters went on",
    "duplicate-time": "several readings carry one time",
    "silence": "no reading for much longer than usual",
    "stuck": "the value stays the same for longer than it ever did",
    "spike": "single values far from their neighbours",
    "noise": "the values scatter more than they ever did",
    "dropout": "the value falls to a constant that stands for no measurement",
    "shift": "the level changed within few readings",
    "drift": "the level left its range slowly",
    "unit": "the values fit the history in another unit or scale",
    "swap": "level and scatter or resolution changed at once: another sensor",
    "excursion": "the value was outside its limits for too long",
}
"""What each rule says."""
SEVERITIES: Final = ("notice", "warning", "critical")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a stretch of a series.

    Attributes:
        rule: one of `RULES`.
        first: index of the first reading concerned.
        last: index of the last one.
        from_s: time of the first one, seconds since the epoch.
        to_s: time of the last one.
        value: what was measured by the rule, in the rule's own unit.
        limit: what it was compared with.
        severity: `notice`, `warning` or `critical`.
        text: one sentence.
    """

    rule: str
    first: int
    last: int
    from_s: float
    to_s: float
    value: float
    limit: float
    severity: str
    text: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data sensors check --json` shows."""
        from diptych.core.clock import iso_utc

        return {
            "rule": self.rule,
            "first": self.first,
            "last": self.last,
            "from": iso_utc(self.from_s),
            "to": iso_utc(self.to_s),
            "value": float(f"{self.value:.6g}"),
            "limit": float(f"{self.limit:.6g}"),
            "severity": self.severity,
            "text": self.text,
        }


@dataclass(frozen=True)
class Limits:
    """What the goods demand, for example 2 to 8 degC for vaccines.

    Attributes:
        low: smallest allowed value.
        high: largest allowed value.
        for_s: how long the value may be outside before it is a finding.
    """

    low: float
    high: float
    for_s: float = 0.0
