"""A function that promises a value and never says which."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.analysis.syntax import header, nodes_of
from diptych.audit.finding import RuleInfo
from diptych.audit.rules.rule import Match, Rule
from diptych.audit.syntax.statements import Assembly, Return, Revert, UnreadStatement
from diptych.audit.syntax.tree import Call, Name
from diptych.audit.syntax.unit import Function

INFO = RuleInfo(
    id="missing-return",
    title="Function returns nothing it promised",
    category="other",
    severity="low",
    swc="",
    cwe="CWE-394",
    owasp="",
    description="A function declares a result without a name and has no return statement: it "
    "always answers zero, false or nothing.",
    scenario="A token's `transfer` moves the amount and answers false; contracts that check the "
    "answer undo the payment or book it twice.",
    fix="Return the value.",
    reference="https://cwe.mitre.org/data/definitions/394.html",
)
_LEAVING = (Return, Assembly, Revert, UnreadStatement)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield functions with results and no way to set them."""
    node = contract.node
    if node.unit.tree.language != "solidity":
        return
    silent = [f for f in node.tree.functions if _promises(f)]
    if not silent:
        return
    speaking = {id(f) for kind in _LEAVING for f, _ in nodes_of(node, kind)}
    speaking |= {
        id(f)
        for f, call in nodes_of(node, Call)
        if isinstance(call.function, Name) and call.function.text == "revert"
    }
    for function in silent:
        if id(function) not in speaking:
            yield Match(header(node, function), "no statement gives the result a value")


def _promises(function: Function) -> bool:
    return (
        function.kind == "function"
        and bool(function.returns)
        and function.body is not None
        and bool(function.body.statements)
        and not any(each.name for each in function.returns)
    )


RULE = Rule(INFO, check)
