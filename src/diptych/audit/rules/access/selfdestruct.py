"""Anybody can destroy the contract."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.taint import tainted
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="unprotected-selfdestruct",
    title="Anybody can destroy the contract",
    category="access_control",
    severity="high",
    swc="SWC-106",
    cwe="CWE-284",
    owasp="SC01:2025",
    description="selfdestruct is reached without a condition on who calls.",
    scenario="An attacker calls the function: the balance goes to an address, and code that others "
    "rely on is gone (before Cancun; since EIP-6780 only the balance goes).",
    fix="Restrict the function to its owner, or remove selfdestruct.",
    reference="https://swcregistry.io/docs/SWC-106/",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield each selfdestruct that no condition on the caller guards."""
    for view in contract.entries:
        for op in view.ops:
            if op.kind == "selfdestruct" and anybody_reaches(view, op):
                severity = "low" if _is_closing(view, op) else "high"
                yield Match(op, "anybody can call this", (), severity)


def _is_closing(view: FunctionView, op: Op) -> bool:
    """Whether anybody may end a contract when its time has come, for whom it was made for."""
    heir = op.operands[0] if op.operands else None
    if heir is None or tainted(view, heir, at=op):
        return False
    tests = [each for fact in view.flow.facts(op) for each in sources(fact.test)]
    return any(each.kind == "env" and each.attribute == "block.timestamp" for each in tests)


RULE = Rule(INFO, check)
