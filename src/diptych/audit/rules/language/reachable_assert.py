"""assert is used where require belongs."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, sources
from diptych.audit.finding import RuleInfo
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="assert-on-input",
    title="assert on what the caller passes",
    category="other",
    severity="info",
    swc="SWC-110",
    cwe="CWE-670",
    owasp="",
    description="assert, which is for what can never fail, tests an argument alone.",
    scenario="Before Solidity 0.8 a failing assert takes all gas; tools that prove asserts report "
    "a fault.",
    fix="Use require or a custom error.",
    reference="https://swcregistry.io/docs/SWC-110/",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield asserts that depend on arguments and nothing else."""
    for view in contract.entries:
        for op in view.ops:
            if op.kind == "guard" and op.attribute == "assert":
                found = list(sources(op.operands[0]))
                if any(each in view.graph.parameters for each in found) and not any(
                    each.kind in ("load", "call", "builtin") for each in found
                ):
                    yield Match(op, "an argument alone decides this: it can fail")


RULE = Rule(INFO, check)
