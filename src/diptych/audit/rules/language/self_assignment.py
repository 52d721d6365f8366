"""A name that is set to itself: an argument hides the variable that was meant."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.analysis.syntax import nodes_of
from diptych.audit.finding import RuleInfo
from diptych.audit.rules.rule import Match, Rule, declared
from diptych.audit.syntax.tree import Assign, Index, Member, Name

INFO = RuleInfo(
    id="self-assignment",
    title="Something is set to itself",
    category="other",
    severity="medium",
    swc="SWC-119",
    cwe="CWE-1164",
    owasp="",
    description="Both sides of an assignment are the same, so it does nothing. Often an argument "
    "has the name of the state variable that was meant.",
    scenario="`owner = owner` in a setter leaves the state as it was: a limit is never set, an "
    "owner never replaced.",
    fix="Give the argument another name.",
    reference="https://swcregistry.io/docs/SWC-119/",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield assignments of a place to itself."""
    node = contract.node
    text, shift = node.unit.text, node.unit.tree.shift
    for function, each in nodes_of(node, Assign):
        if each.operator or not isinstance(each.left, Name | Member | Index):
            continue
        if isinstance(each.left, Name) and each.left.text not in node.variables:
            continue  # as locals are said to be used; with a state variable's name, it was meant
        left = text[each.left.start - shift : each.left.end - shift].split()
        if left and left == text[each.right.start - shift : each.right.end - shift].split():
            yield Match(declared(node, each, function), "this does nothing")


RULE = Rule(INFO, check)
