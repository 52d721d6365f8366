"""What an audit says: findings, the files it looked at, and the rules that spoke."""

from dataclasses import dataclass

from diptych_verify.errors import JsonValue

__all__ = ["SEVERITIES", "Exposure", "FileState", "Finding", "Location", "RuleInfo"]

SEVERITIES = ("high", "medium", "low", "info")


@dataclass(frozen=True)
class RuleInfo:
    """What a rule looks for, in the field's own classifications.

    Attributes:
        id: stable name, e.g. `reentrancy`.
        title: what is wrong, in a few words.
        category: DASP-10 name, or `honeypot`, `malware`.
        severity: high, medium, low or info.
        swc: entry of the SWC registry, or empty.
        cwe: entry of the CWE list.
        owasp: entry of the OWASP Smart Contract Top 10 (2025), or empty.
        description: what the rule looks for.
        scenario: how it is exploited.
        fix: what to do instead.
        reference: where to read on.
    """

    id: str
    title: str
    category: str
    severity: str
    swc: str
    cwe: str
    owasp: str
    description: str
    scenario: str
    fix: str
    reference: str


@dataclass(frozen=True, order=True)
class Location:
    """A stretch of one file; lines and columns count from 1, columns in characters."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    contract: str
    function: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return the location as plain data."""
        return {
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "end_line": self.end_line,
            "end_column": self.end_column,
            "contract": self.contract,
            "function": self.function,
        }


@dataclass(frozen=True)
class Exposure:
    """Who can reach a fault, and what there is to lose.

    Attributes:
        reach: `anyone`, `keyed` (who holds an entry of their own), `privileged`, `deployer`,
            `nobody`, or `unknown`.
        value: `code` (the contract itself), `ether`, `tokens`, `state` or `none`.
        scope: `function` where that value leaves through the function itself, else `contract`.
    """

    reach: str
    value: str
    scope: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return the exposure as plain data."""
        return {"reach": self.reach, "value": self.value, "scope": self.scope}


@dataclass(frozen=True)
class Finding:
    """One fault, how grave it is, where it is and what else belongs to it.

    Attributes:
        rule: what was looked for.
        severity: high, medium, low or info.
        message: why, in one line.
        location: where.
        related: what else belongs to it.
        probability: that it is one, calibrated, None where no network judged.
        spoke: who says so: `rule`, `network` or both.
        evidence: lines that carried the network's judgement, weightiest first.
        exposure: who can reach it and what there is to lose, None where that was not asked.
        risk: from 0 to 100; see `diptych.audit.risk`.
    """

    rule: RuleInfo
    severity: str
    message: str
    location: Location
    related: tuple[Location, ...] = ()
    probability: float | None = None
    spoke: tuple[str, ...] = ("rule",)
    evidence: tuple[Location, ...] = ()
    exposure: Exposure | None = None
    risk: float | None = None

    def to_json(self) -> dict[str, JsonValue]:
        """Return the finding as plain data."""
        return {
            "rule": self.rule.id,
            "category": self.rule.category,
            "severity": self.severity,
            "message": self.message,
            "location": self.location.to_json(),
            "related": [each.to_json() for each in self.related],
            "probability": self.probability,
            "spoke": list(self.spoke),
            "evidence": [each.to_json() for each in self.evidence],
            "exposure": None if self.exposure is None else self.exposure.to_json(),
            "risk": self.risk,
        }


@dataclass(frozen=True)
class FileState:
    """How far one file was analysed; `reasons` is empty where it was whole.

    `digest` is the hex SHA-256 of what was read of it, `compiler` which one confirmed and refined
    how it was read, empty where none was asked or none takes it.
    """

    path: str
    lines: int
    reasons: tuple[str, ...] = ()
    digest: str = ""
    compiler: str = ""

    def to_json(self) -> dict[str, JsonValue]:
        """Return the state as plain data."""
        state = "partial" if self.reasons else "whole"
        return {
            "path": self.path,
            "lines": self.lines,
            "state": state,
            "reasons": list(self.reasons),
            "sha256": self.digest,
            "compiler": self.compiler,
        }
