"""A function looks at ether that it can never be sent."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.finding import RuleInfo
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="value-in-nonpayable",
    title="msg.value in a function that is not payable",
    category="other",
    severity="low",
    swc="",
    cwe="CWE-561",
    owasp="",
    description="A function that refuses ether uses msg.value, through a modifier or an internal "
    "function: it is always zero there.",
    scenario="A fee that was to be paid can never be paid, and the function never succeeds; or the "
    "fee is free.",
    fix="Make the function payable, or take the use of msg.value out.",
    reference="https://docs.soliditylang.org/en/latest/units-and-global-variables.html",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield conditions on msg.value where it is always zero."""
    if contract.node.tree.kind in ("library", "interface", "free", "abstract"):
        return
    if contract.node.unit.tree.language != "solidity" or not contract.node.unit.tree.pragmas:
        return
    for view in contract.entries:
        function = view.function
        if function is None or function.mutability or function.kind != "function":
            continue
        yield from _uses(view)


def _uses(view: FunctionView) -> Iterator[Match]:
    for block in view.graph.blocks:
        test = block.test
        if test is not None and test.kind == "binary":
            for each in test.operands:
                if each.kind == "env" and each.attribute == "msg.value":
                    yield Match(test, "no ether can come in here: msg.value is zero")


RULE = Rule(INFO, check)
