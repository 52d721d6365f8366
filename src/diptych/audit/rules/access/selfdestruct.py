"""Anybody can destroy the contract."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.finding import RuleInfo
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
                yield Match(op, "anybody can call this")


RULE = Rule(INFO, check)
