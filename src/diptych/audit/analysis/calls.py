"""Calls out of a contract: which hand over control, and what bars the way back in."""

from diptych.audit.analysis.contract import FunctionView, sources
from diptych.audit.graph.ops import Op

__all__ = ["gives_control", "is_locked"]

_OPEN = frozenset({"call", "callcode", "delegatecall"})
_READ_ONLY = frozenset({"view", "pure"})
_STIPEND_GAS = 2300


def gives_control(op: Op) -> bool:
    """Whether a call lets the callee run code of its own with gas to call back.

    `send` and `transfer` forward 2,300 gas, too little for a call; static calls cannot change
    state. A high-level call counts unless its declaration is `view` or `pure`. A contract that is
    created on the spot runs our own code.
    """
    call = op.call
    if call.target is not None and any(_is_created(each) for each in sources(call.target)):
        return False
    if call.kind in _OPEN:
        gas = call.gas.attribute if call.gas is not None and call.gas.kind == "const" else None
        return not (isinstance(gas, int) and gas <= _STIPEND_GAS)
    if call.kind != "high_level":
        return False
    return call.declaration is None or call.declaration.mutability not in _READ_ONLY


def _is_created(op: Op) -> bool:
    return op.kind == "call" and op.call.kind == "create"


def is_locked(view: FunctionView, call: Op) -> bool:
    """Whether a variable is tested before a call, changed before it, and changed back after it."""
    tested = {
        source.place.variable
        for fact in view.flow.facts(call)
        for source in sources(fact.test)
        if source.kind == "load" and source.place.where in ("storage", "transient")
    }
    locks = [
        write
        for write in view.graph.ops
        if write.kind == "store"
        and write.place.where in ("storage", "transient")
        and write.place.variable in tested
        and write.place.field == ""
    ]
    return any(
        view.flow.dominates(taken, call) and view.flow.reaches(call, freed)
        for taken in locks
        for freed in locks
        if taken.place.variable is freed.place.variable and taken is not freed
    )
