"""What a check found: rule, rows and counts; never a value, unless the rule says it is public."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from diptych.core.errors import JsonValue

FAIL: Final = "fail"
NOTICE: Final = "notice"
MAX_ROWS: Final = 100
MAX_SHOWN: Final = 10
_MAX_SHOWN_CHARACTERS = 80
RULES: Final = {
    "rows": "the table has fewer or more rows than allowed",
    "column-missing": "a required column is not there",
    "column-extra": "a column is there that no rule knows",
    "type": "cells are not of the declared type",
    "missing": "cells are empty where none, or fewer, may be",
    "range": "values lie outside their range",
    "values": "values are none of the allowed ones",
    "pattern": "texts do not match their pattern",
    "length": "texts are too long",
    "unique": "values occur twice in a column where they must not",
    "compare": "two columns of one row contradict each other",
    "duplicate": "rows repeat an earlier row",
    "near-duplicate": "rows repeat an earlier row but for a few cells or their spelling",
    "leak": "rows of the test data are also in the training data",
    "near-leak": "rows of the test data are almost in the training data",
    "group-leak": "groups have rows both in training and in test data",
    "label-error": "labels contradict the rest of their row",
    "label-flips": "labels of one class were turned into another more than chance explains",
    "drift": "values are distributed otherwise than in the parent",
    "missing-drift": "empty cells are more or less common than in the parent",
    "column-drift": "columns came or went since the parent",
    "balance": "a class is rare",
    "parity": "the favourable label is more common in one subgroup than in another",
    "representation": "a subgroup is rare",
    "missing-gap": "empty cells are more common in one subgroup than in another",
    "sensor": "readings of a sensor are implausible",
    "limit": "something could not be looked at in full",
}
"""What each rule says; the id of a finding adds a column: `range:age`."""


@dataclass(frozen=True)
class Finding:
    """One rule that is not met.

    Attributes:
        rule: its id: a key of `RULES`, and after a colon what it is about.
        severity: `fail`, or `notice` for what a person should look at.
        count: of rows concerned (of columns or groups where no rows are).
        rows: their numbers from 1 in the order of the file, the first `MAX_ROWS`.
        text: one sentence.
        numbers: what was measured and compared.
        shown: values of a public column.
    """

    rule: str
    severity: str
    count: int
    rows: tuple[int, ...]
    text: str
    numbers: Mapping[str, float] = field(default_factory=dict)
    shown: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The rule without what it is about."""
        return self.rule.partition(":")[0]

    def to_json(self) -> dict[str, JsonValue]:
        """Return its entry in a report."""
        numbers: dict[str, JsonValue] = {
            name: float(f"{value:.6g}") for name, value in self.numbers.items()
        }
        return {
            "rule": self.rule,
            "severity": self.severity,
            "count": self.count,
            "rows": list(self.rows),
            "text": self.text,
            "numbers": numbers,
            "shown": list(self.shown),
        }


def finding(
    rule: str,
    rows: Iterable[int],
    text: str,
    *,
    severity: str = FAIL,
    count: int | None = None,
    numbers: Mapping[str, float] | None = None,
) -> Finding:
    """Return a finding about rows; all of them are counted, the first are named."""
    listed = sorted(int(row) for row in rows)
    total = len(listed) if count is None else count
    return Finding(rule, severity, total, tuple(listed[:MAX_ROWS]), text, dict(numbers or {}))


class Tally:
    """Collects rows that break one rule over many parts of a table; memory stays small."""

    def __init__(self, rule: str, text: str, *, public: bool = False) -> None:
        self.rule = rule
        self.count = 0
        self._text = text
        self._public = public
        self._rows: list[int] = []
        self._shown: dict[str, None] = {}

    def add(self, rows: Iterable[int], values: Iterable[object] = ()) -> None:
        """Count rows; values are kept only if the column is public."""
        for row in sorted(rows):
            self.count += 1
            if len(self._rows) < MAX_ROWS:
                self._rows.append(int(row))
        if self._public:
            for value in values:
                if len(self._shown) >= MAX_SHOWN:
                    return
                self._shown[str(value)[:_MAX_SHOWN_CHARACTERS]] = None

    def findings(self) -> list[Finding]:
        """Return one finding, or none if no row was counted."""
        if not self.count:
            return []
        rows = tuple(self._rows)
        shown = tuple(self._shown)
        return [Finding(self.rule, FAIL, self.count, rows, self._text, {}, shown)]
