"""A local struct or array that points at the contract's first storage slots."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.analysis.syntax import nodes_of
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.program import ContractNode
from diptych.audit.rules.rule import Match, Rule, declared
from diptych.audit.syntax.statements import Declare, Variable
from diptych.audit.syntax.tree import Assign, Expression, Index, Member, Name
from diptych.audit.syntax.unit import Function

INFO = RuleInfo(
    id="uninitialised-storage-pointer",
    title="Local storage pointer without a value",
    category="other",
    severity="high",
    swc="SWC-109",
    cwe="CWE-824",
    owasp="",
    description="Before Solidity 0.5 a local struct, array or mapping without `memory` points at "
    "storage; without a value it points at slot 0, and its members are the contract's first "
    "variables.",
    scenario="The function fills the local struct from its arguments and so overwrites the owner, "
    "a secret or a balance that lies in the first slots.",
    fix="Declare the local `memory`, or let it point at an item of a stored array or mapping.",
    reference="https://swcregistry.io/docs/SWC-109/",
)
_SCOPED = (0, 5, 0)
_REFERENCES = frozenset({"struct", "array", "mapping"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield storage pointers that are used before they point anywhere."""
    unit = contract.node.unit
    if unit.tree.language != "solidity" or (unit.tree.pragmas and unit.version >= _SCOPED):
        return
    for function, node in nodes_of(contract.node, Declare):
        variable = node.variables[0] if len(node.variables) == 1 else None
        if variable is None or node.value is not None or not _is_pointer(contract.node, variable):
            continue
        uses = _uses(contract.node, function, variable)
        if not uses or uses[0].start in _pointed(contract.node, function, variable):
            continue
        written = tuple(
            declared(contract.node, each, function)
            for held, each in nodes_of(contract.node, Assign)
            if held is function and each.start > node.end and _root(each.left) == variable.name
        )
        text = f"'{variable.name}' points at storage slot 0: what is written to it overwrites state"
        yield Match(declared(contract.node, node, function), text, written)


def _is_pointer(contract: ContractNode, variable: Variable) -> bool:
    return (
        variable.location in ("", "storage")
        and variable.type is not None
        and contract.type_of(variable.type).kind in _REFERENCES
    )


def _uses(contract: ContractNode, function: Function, variable: Variable) -> list[Name]:
    """Return the uses of a local after its declaration, in source order."""
    return [
        name
        for held, name in nodes_of(contract, Name)
        if held is function and name.text == variable.name and name.start >= variable.end
    ]


def _pointed(contract: ContractNode, function: Function, variable: Variable) -> set[int]:
    """Return where the local as a whole is made to point at something."""
    return {
        each.left.start
        for held, each in nodes_of(contract, Assign)
        if held is function and isinstance(each.left, Name) and each.left.text == variable.name
    }


def _root(node: Expression) -> str:
    while isinstance(node, Member | Index):
        node = node.base
    return node.text if isinstance(node, Name) else ""


RULE = Rule(INFO, check)
