"""What an `audit` record says in public about a report."""

from dataclasses import dataclass
from typing import Final

from diptych.audit.finding import SEVERITIES
from diptych_verify.errors import JsonValue
from diptych_verify.jsonio import ObjectReader
from diptych_verify.statement import Statement

__all__ = ["KIND", "AuditClaim", "audit_claim"]

KIND: Final = "audit"
VERDICTS: Final = ("pass", "fail")


@dataclass(frozen=True)
class AuditClaim:
    """A report in a few words.

    Attributes:
        verdict: `pass` or `fail`, by the threshold that was given.
        report: hex SHA-256 of the report as it was written.
        code: hex SHA-256 of the list of files with their digests, which is kept as an object.
        files: how many files.
        partial: how many of them were not analysed whole.
        counts: findings by severity, gravest first, without suppressed ones.
        suppressed: how many findings were suppressed.
        score: the highest risk of a contract, a decimal string from 0 to 100.
        engine: hex SHA-256 of code, rules and model that judged.
        tool: name and version.
    """

    verdict: str
    report: str
    code: str
    files: int
    partial: int
    counts: tuple[int, ...]
    suppressed: int
    score: str
    engine: str
    tool: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return the member `audit` of the predicate."""
        return {
            "verdict": self.verdict,
            "report": self.report,
            "code": self.code,
            "files": self.files,
            "partial": self.partial,
            "findings": list(self.counts),
            "suppressed": self.suppressed,
            "score": self.score,
            "engine": self.engine,
            "tool": self.tool,
        }


def audit_claim(statement: Statement) -> AuditClaim | None:
    """Return what a statement says about an audit, None if it is of another kind.

    Raises:
        MalformedError: it is of this kind, but not well formed.
    """
    if statement.kind != KIND:
        return None
    reader = ObjectReader(dict(statement.predicate), "predicate").object(KIND)
    verdict = reader.text("verdict", max_characters=8)
    if verdict not in VERDICTS:
        raise reader.wrong("verdict", " or ".join(VERDICTS))
    counts = reader.items("findings", maximum=len(SEVERITIES))
    if len(counts) != len(SEVERITIES) or not all(type(one) is int and one >= 0 for one in counts):
        raise reader.wrong("findings", f"{len(SEVERITIES)} numbers")
    claim = AuditClaim(
        verdict=verdict,
        report=reader.hex_bytes("report", size=32).hex(),
        code=reader.hex_bytes("code", size=32).hex(),
        files=reader.integer("files"),
        partial=reader.integer("partial"),
        counts=tuple(int(str(one)) for one in counts),
        suppressed=reader.integer("suppressed"),
        score=reader.text("score", max_characters=8),
        engine=reader.hex_bytes("engine", size=32).hex(),
        tool=reader.text("tool", max_characters=64),
    )
    reader.done()
    return claim
