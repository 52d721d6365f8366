"""Risk from 0 to 100: of a finding severity x probability x exposure, of a contract all of them.

A contract's score is a noisy-or (Pearl, "Probabilistic Reasoning in Intelligent Systems", 1988):
`100 * (1 - prod(1 - weight * risk / 100))`. The n-th finding of one rule in one contract weighs
`1 / 2**(n - 1)`, for the same habit, seen again, tells less each time. The factors are ours; the
report shows them, so that a reader can put in others.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from diptych.audit.finding import Exposure, Finding
from diptych_verify.errors import JsonValue

__all__ = ["ContractRisk", "RiskPart", "contract_risks", "finding_risk"]

SEVERITY: Final[Mapping[str, float]] = {"high": 1.0, "medium": 0.5, "low": 0.15, "info": 0.02}
REACH: Final[Mapping[str, float]] = {
    "anyone": 1.0,
    "keyed": 0.8,
    "unknown": 0.6,
    "privileged": 0.3,
    "deployer": 0.1,
    "nobody": 0.05,
}
VALUE: Final[Mapping[str, float]] = {
    "code": 1.0,
    "ether": 1.0,
    "tokens": 0.9,
    "state": 0.5,
    "none": 0.2,
}
ELSEWHERE: Final = 0.8
"""The value does not leave through the function itself, but through another of the contract."""
ASSUMED_PROBABILITY: Final = 0.7
"""Of a rule's finding that no network judged."""
_AGAINST_USERS = frozenset({"honeypot", "malware"})


def finding_risk(
    severity: str, category: str, probability: float | None, exposure: Exposure | None
) -> float:
    """Return the risk of a finding, from 0 to 100, to one decimal.

    >>> finding_risk("high", "reentrancy", None, Exposure("anyone", "ether", "function"))
    70.0
    """
    given = ASSUMED_PROBABILITY if probability is None else probability
    return round(100 * SEVERITY[severity] * given * exposure_factor(category, exposure), 1)


def exposure_factor(category: str, exposure: Exposure | None) -> float:
    """Return the exposure as a factor from 0 to 1; traps for users are always fully exposed."""
    if exposure is None or category in _AGAINST_USERS:
        return 1.0
    apart = exposure.scope == "contract" and exposure.value in ("code", "ether", "tokens")
    return REACH[exposure.reach] * VALUE[exposure.value] * (ELSEWHERE if apart else 1.0)


@dataclass(frozen=True)
class RiskPart:
    """What one finding adds to a contract's score."""

    fingerprint: str
    finding: Finding
    weight: float

    def sentence(self) -> str:
        """Return the derivation as people read it."""
        one = self.finding
        given = one.probability
        shown = f"{ASSUMED_PROBABILITY} assumed" if given is None else f"{given:.2f}"
        factor = exposure_factor(one.rule.category, one.exposure)
        weight = "" if self.weight == 1 else f", weight {self.weight:g}"
        return (
            f"{one.rule.id} line {one.location.line}: severity {SEVERITY[one.severity]} x "
            f"probability {shown} x exposure {factor:.2f} ({exposure_words(one)}) = "
            f"{one.risk or 0:.1f}{weight}"
        )

    def to_json(self) -> dict[str, JsonValue]:
        """Return the part as plain data."""
        one = self.finding
        return {
            "fingerprint": self.fingerprint,
            "rule": one.rule.id,
            "line": one.location.line,
            "severity": SEVERITY[one.severity],
            "probability": ASSUMED_PROBABILITY if one.probability is None else one.probability,
            "assumed": one.probability is None,
            "exposure": round(exposure_factor(one.rule.category, one.exposure), 3),
            "risk": one.risk or 0.0,
            "weight": self.weight,
        }


@dataclass(frozen=True)
class ContractRisk:
    """The score of one contract and what it is made of, gravest first."""

    path: str
    contract: str
    score: float
    parts: tuple[RiskPart, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """Return the score as plain data."""
        return {
            "path": self.path,
            "contract": self.contract,
            "score": self.score,
            "parts": [part.to_json() for part in self.parts],
        }


def exposure_words(finding: Finding) -> str:
    """Return who can reach a finding and what is to lose, in words."""
    exposure = finding.exposure
    if finding.rule.category in _AGAINST_USERS:
        return "whoever uses the contract"
    if exposure is None:
        return "not asked"
    where = "" if exposure.scope == "function" else " of the contract"
    return f"{exposure.reach}, {exposure.value}{where}"


def contract_risks(named: Iterable[tuple[Finding, str]]) -> tuple[ContractRisk, ...]:
    """Score every contract with findings, the riskiest first.

    Args:
        named: findings with their fingerprints.
    """
    groups: dict[tuple[str, str], list[tuple[Finding, str]]] = {}
    for finding, name in named:
        place = finding.location
        groups.setdefault((place.path, place.contract), []).append((finding, name))
    risks = [_contract_risk(*key, group) for key, group in groups.items()]
    return tuple(sorted(risks, key=lambda risk: (-risk.score, risk.path, risk.contract)))


def _contract_risk(path: str, contract: str, group: list[tuple[Finding, str]]) -> ContractRisk:
    seen: Counter[str] = Counter()
    parts: list[RiskPart] = []
    left = 1.0
    for finding, name in sorted(group, key=lambda item: -(item[0].risk or 0.0)):
        weight = 0.5 ** seen[finding.rule.id]
        seen[finding.rule.id] += 1
        left *= 1 - weight * (finding.risk or 0.0) / 100
        parts.append(RiskPart(name, finding, weight))
    return ContractRisk(path, contract, round(100 * (1 - left), 1), tuple(parts))
