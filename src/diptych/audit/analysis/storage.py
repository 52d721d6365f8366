"""Storage layouts, and the code that runs on them by delegatecall."""

from collections.abc import Iterator
from typing import NamedTuple

from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.graph.ops import Op
from diptych.audit.graph.program import ContractNode
from diptych.audit.graph.types import Type
from diptych.audit.syntax.unit import StateVariable

__all__ = ["Delegation", "delegations", "layout", "slots", "strangers"]

_KINDS = frozenset({"delegatecall", "callcode"})


class Delegation(NamedTuple):
    """A delegatecall; `forwards` says that it passes on whatever call data came in."""

    view: FunctionView
    call: Op
    forwards: bool


def slots(node: ContractNode) -> list[tuple[ContractNode, StateVariable]]:
    """Return the variables that take storage slots, in the order of their slots."""
    return [
        (owner, variable)
        for owner in reversed(node.ancestry)
        for variable in owner.tree.variables
        if not variable.mutability
    ]


def layout(node: ContractNode) -> list[tuple[str, Type]]:
    """Return name and type of what lies in storage, in the order of the slots."""
    return [(variable.name, owner.type_of(variable.type)) for owner, variable in slots(node)]


def delegations(contract: ContractGraph) -> Iterator[Delegation]:
    """Yield the delegatecalls of a contract's functions."""
    for view in contract.functions:
        for call in view.calls:
            if call.call.kind in _KINDS:
                yield Delegation(view, call, _forwards(view, call))


def _forwards(view: FunctionView, call: Op) -> bool:
    function = view.function
    if function is None or function.kind not in ("fallback", "receive"):
        return False
    found = (each for argument in call.call.arguments for each in sources(argument))
    return any(
        (each.kind == "env" and each.attribute in ("msg.data", "calldatasize"))
        or (each.kind == "param" and each.type.kind == "bytes")
        for each in found
    )


def strangers(contract: ContractGraph) -> Iterator[ContractNode]:
    """Yield the contracts in sight that have state and are not of the same family."""
    node = contract.node
    for unit in node.unit.visible:
        for other in node.program.contracts:
            if (
                other.unit is unit
                and other.tree.kind == "contract"
                and other is not node
                and node not in other.ancestry
                and other not in node.ancestry
                and slots(other)
            ):
                yield other
