"""A copy in memory is changed, and the change goes nowhere."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.analysis.syntax import below, nodes_of
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.program import ContractNode
from diptych.audit.rules.rule import Match, Rule, declared
from diptych.audit.syntax.statements import Assembly, Declare
from diptych.audit.syntax.tree import Assign, Expression, Index, Member, Name, Update
from diptych.audit.syntax.unit import Function

INFO = RuleInfo(
    id="lost-write",
    title="A change of a copy in memory is lost",
    category="other",
    severity="medium",
    swc="",
    cwe="CWE-563",
    owasp="SC03:2025",
    description="A struct is copied from storage into memory, a member of the copy is set, and the "
    "copy is never used again.",
    scenario="A mark such as `active = false` is set on the copy; the stored entry stays as it was "
    "and is used again.",
    fix="Declare the local `storage`, or write the copy back.",
    reference="https://docs.soliditylang.org/en/latest/types.html#data-location-and-assignment-behavior",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield the last writes to copies that nothing uses after."""
    node = contract.node
    for function, declare in nodes_of(node, Declare):
        name = _copy(node, declare)
        if name and function.body is not None and not _has_assembly(function):
            lost = _lost(function, declare, name)
            if lost is not None:
                yield Match(declared(node, lost, function), f"'{name}' is a copy in memory")


def _copy(node: ContractNode, declare: Declare) -> str:
    """Return the local that is a copy of an entry of a state variable; empty for any other."""
    if len(declare.variables) != 1 or declare.variables[0] is None or declare.value is None:
        return ""
    variable = declare.variables[0]
    if variable.location != "memory" or not isinstance(declare.value, Index | Member):
        return ""
    if node.type_of(variable.type).kind != "struct":
        return ""
    root: Expression | None = declare.value
    while isinstance(root, Index | Member):
        root = root.base
    stored = {each.name for owner in node.ancestry for each in owner.tree.variables}
    return variable.name if isinstance(root, Name) and root.text in stored else ""


def _has_assembly(function: Function) -> bool:
    return any(isinstance(each, Assembly) for each in below(function.body))


def _lost(function: Function, declare: Declare, name: str) -> Assign | Update | None:
    """Return the last write to a member of a local, if nothing names the local after it."""
    uses = [e for e in below(function.body) if isinstance(e, Name) and e.text == name]
    last = max((each.start for each in uses if each.start > declare.end), default=-1)
    for each in below(function.body):
        if isinstance(each, Assign | Update):
            target = each.left if isinstance(each, Assign) else each.operand
            if isinstance(target, Member) and target.base.start == last:
                return each
    return None


RULE = Rule(INFO, check)
