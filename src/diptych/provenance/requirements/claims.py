"""What a `quality` record says in public: verdict, rules, report, the first rules that failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue
from diptych_verify.jsonio import ObjectReader
from diptych_verify.statement import Statement

KIND: Final = "quality"
VERDICTS: Final = ("pass", "fail")
MAX_FAILED: Final = 5
MAX_ROWS: Final = 5
MAX_BYTES: Final = 700
"""Of the claim: with time, edges and subject the public part stays within 1 KB."""


@dataclass(frozen=True)
class RuleFailure:
    """A rule that was not met: its id, how many rows, the first of their numbers."""

    rule: str
    count: int
    rows: tuple[int, ...] = ()

    def sentence(self) -> str:
        """Return it as people read it.

        >>> RuleFailure("range:age", 2, (5, 17)).sentence()
        'range:age (2: rows 5, 17)'
        """
        rows = ", ".join(map(str, self.rows))
        more = ", …" if len(self.rows) < self.count else ""
        return f"{self.rule} ({self.count}{f': rows {rows}{more}' if rows else ''})"


@dataclass(frozen=True)
class QualityClaim:
    """What a record says about data that were checked.

    Attributes:
        verdict: `pass` or `fail`.
        rules: hex digest of the rule set.
        report: hex digest of the report object.
        tool: name and version of what checked.
        failed: the first rules that were not met; none for private data.
        file: path of the table within the data; empty for private data.
    """

    verdict: str
    rules: str
    report: str
    tool: str
    failed: tuple[RuleFailure, ...] = ()
    file: str = ""

    def to_json(self) -> dict[str, JsonValue]:
        """Return the member `quality` of the predicate, at most `MAX_BYTES` long."""
        said: dict[str, JsonValue] = {
            "verdict": self.verdict,
            "rules": self.rules,
            "report": self.report,
            "tool": self.tool,
        }
        if self.file:
            said["file"] = self.file
        listed: list[JsonValue] = [
            {"rule": one.rule, "count": one.count, "rows": list(one.rows[:MAX_ROWS])}
            for one in self.failed[:MAX_FAILED]
        ]
        while listed and len(canonical_json({**said, "failed": [*listed]})) > MAX_BYTES:
            listed.pop()
        return {**said, "failed": [*listed]} if listed else said


def quality_claim(statement: Statement) -> QualityClaim | None:
    """Return what a statement says about quality, None if it is of another kind.

    Raises:
        MalformedError: it is of this kind, but not well formed.
    """
    if statement.kind != KIND:
        return None
    reader = ObjectReader(dict(statement.predicate), "predicate").object(KIND)
    verdict = reader.text("verdict", max_characters=8)
    if verdict not in VERDICTS:
        raise reader.wrong("verdict", " or ".join(VERDICTS))
    failed: Sequence[ObjectReader] = ()
    if reader.has("failed"):
        failed = reader.objects("failed", maximum=MAX_FAILED)
    claim = QualityClaim(
        verdict=verdict,
        rules=reader.hex_bytes("rules", size=32).hex(),
        report=reader.hex_bytes("report", size=32).hex(),
        tool=reader.text("tool", max_characters=64),
        failed=tuple(map(_failure, failed)),
        file=reader.text("file") if reader.has("file") else "",
    )
    reader.done()
    return claim


def _failure(reader: ObjectReader) -> RuleFailure:
    rows = reader.items("rows", maximum=MAX_ROWS)
    if not all(type(one) is int and one > 0 for one in rows):
        raise reader.wrong("rows", "row numbers from 1")
    made = RuleFailure(
        reader.text("rule", max_characters=512),
        reader.integer("count"),
        tuple(int(str(one)) for one in rows),
    )
    reader.done()
    return made
