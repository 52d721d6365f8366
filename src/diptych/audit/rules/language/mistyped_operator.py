"""Operators written the wrong way round, and comparisons that nothing looks at."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.analysis.syntax import nodes_of
from diptych.audit.finding import RuleInfo
from diptych.audit.rules.rule import Match, Rule, declared
from diptych.audit.syntax.statements import Evaluate
from diptych.audit.syntax.tree import Assign, Binary, Unary

INFO = RuleInfo(
    id="mistyped-operator",
    title="Operator written the wrong way round",
    category="other",
    severity="medium",
    swc="SWC-129",
    cwe="CWE-480",
    owasp="",
    description="`=+` or `=-` stands where `+=` or `-=` was meant, or a comparison `==` stands as "
    "a statement where `=` was meant.",
    scenario="`total =+ amount` sets the total to the last amount: what others paid in is lost.",
    fix="Write `+=`, `-=` or `=`; put spaces round operators.",
    reference="https://swcregistry.io/docs/SWC-129/",
)
_COMPARISONS = frozenset({"==", "!=", "<", ">", "<=", ">="})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield slips in a contract's own functions."""
    node = contract.node
    text, shift = node.unit.text, node.unit.tree.shift
    for function, each in nodes_of(node, Assign):
        if isinstance(each.right, Unary) and not each.operator and each.right.operator in "+-!":
            between = text[each.left.end - shift : each.right.start - shift]
            spaced = text[each.right.start - shift : each.right.operand.start - shift].endswith(
                b" "
            )
            if between.endswith(b"=") and (each.right.operator == "+" or spaced):
                sign = each.right.operator
                yield Match(declared(node, each, function), f"'={sign}' sets, it does not change")
    for function, statement in nodes_of(node, Evaluate):
        found = statement.expression
        if isinstance(found, Binary) and found.operator in _COMPARISONS:
            yield Match(declared(node, found, function), "the comparison has no effect")


RULE = Rule(INFO, check)
