"""What whoever calls can bring about."""

from collections.abc import Callable

from diptych.audit.analysis.access import (
    caller_conditions,
    free_blocks,
    is_keyed_by_caller,
    is_restricted,
    restricting,
)
from diptych.audit.analysis.cells import cell_of, overlap
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.dominance import Fact
from diptych.audit.analysis.locks import locks_of
from diptych.audit.analysis.taint import writable_cells
from diptych.audit.graph.ops import Op

__all__ = ["anybody_reaches", "is_privileged"]

_RELATIONS = frozenset({"==", "!=", ">", "<", ">=", "<="})


def anybody_reaches(view: FunctionView, op: Op) -> bool:
    """Whether an op can be made to happen, and stand, by whoever calls.

    Beyond what `is_restricted` knows, callers are kept out by a number recorded for them that not
    everybody can have recorded: a place in a list, a level of rights. Functions of libraries run in
    the context of the contract that uses them, so they have no callers of their own.
    """
    if _has_no_callers(view) or is_restricted(view, op):
        return False
    return op.block in view.analysis(_free)


def _has_no_callers(view: FunctionView) -> bool:
    """Whether a function is of a library, or of a file; what a pragma heads is no fragment."""
    tree, function = view.graph.contract.tree, view.function
    if tree.kind == "library":
        return True
    unseen = function is not None and not function.visibility
    return tree.kind == "free" and unseen and bool(view.graph.contract.unit.tree.pragmas)


def _free(view: FunctionView) -> frozenset[int]:
    restricts = restricting(view)
    refused = view.shared(_refused)
    open_ways = free_blocks(view, restricts)
    return free_blocks(
        view,
        lambda fact: (
            restricts(fact)
            or fact in refused
            or _is_listed(view, fact)
            or _is_session(view, fact)
            or _is_answer(fact, open_ways, restricts)
        ),
    )


def _is_answer(fact: Fact, ways: frozenset[int], restricts: Callable[[Fact], bool]) -> bool:
    """Whether a function that answers in several places only says yes to some callers."""
    test, holds = fact
    if test.kind != "phi" or not holds or not test.operands:
        return False
    return all(
        not each.attribute
        if each.kind in ("const", "zero")
        else each.kind != "phi" and restricts(Fact(each, True))
        for each in test.operands
        if each.block in ways
    )


def _refused(view: FunctionView) -> frozenset[Fact]:
    """Return conditions under which code that is not there refuses whoever is not let in.

    As in `if (msg.sender != owner) Errors.notOwner(msg.sender).raise();` of an unread library.
    """
    return frozenset(
        fact
        for call in view.calls
        if not call.users and _is_unread(call)
        for fact in view.flow.facts(call)
        if caller_conditions(Fact(fact.test, not fact.holds))
    )


def _is_unread(call: Op) -> bool:
    """Whether a call goes to what an unread library gave, or to such a library."""
    target = call.call.target
    if call.call.kind == "library":
        return call.call.declaration is None
    if call.call.kind != "high_level" or target is None:
        return False
    return target.kind == "unknown" or (target.kind == "call" and _is_unread(target))


def _is_session(view: FunctionView, fact: Fact) -> bool:
    """Whether a flag must be up that only a restricted function raises, and takes down again."""
    test, holds = fact
    if not holds or test.kind != "load" or view.contract is None:
        return False
    return id(test.place.variable) in view.contract.analysis(_sessions)


def _sessions(contract: ContractGraph) -> frozenset[int]:
    """Return flags that functions raise and take down, none of them for anybody."""
    raised: dict[int, bool] = {}
    for view in contract.functions:
        for write in view.writes if not view.is_constructor else ():
            if write.operands[-1].kind != "zero" and not write.place.field:
                variable = id(write.place.variable)
                kept = variable in locks_of(view) and is_restricted(view, write)
                raised[variable] = raised.get(variable, True) and (kept or _is_down(write))
    return frozenset(variable for variable, kept in raised.items() if kept)


def _is_down(write: Op) -> bool:
    value = write.operands[-1]
    return value.kind == "const" and not value.attribute


def _is_listed(view: FunctionView, fact: Fact) -> bool:
    test = fact.test
    if test.kind != "binary" or test.attribute not in _RELATIONS:
        return False
    cells = () if view.contract is None else writable_cells(view.contract)
    return any(
        each.kind == "load"
        and is_keyed_by_caller(each)
        and not any(overlap(cell_of(each), cell) for cell in cells)
        for each in sources(test)
    )


def is_privileged(view: FunctionView, op: Op) -> bool:
    """Whether only callers whom somebody else let in reach an op and have it stand.

    A list that anybody can get onto, or a key that anybody can name, lets nobody else in.
    """
    if not is_restricted(view, op):
        return False
    return op.block not in view.analysis(_open)


def _open(view: FunctionView) -> frozenset[int]:
    restricts = restricting(view)
    return free_blocks(view, lambda fact: restricts(fact) and not _is_for_joining(view, fact))


def _is_for_joining(view: FunctionView, fact: Fact) -> bool:
    """Whether a condition looks the caller up where anybody can enter himself."""
    cells = () if view.contract is None else writable_cells(view.contract)
    return any(
        each.kind == "load"
        and is_keyed_by_caller(each)
        and any(overlap(cell_of(each), cell) for cell in cells)
        for each in sources(fact.test)
    )
