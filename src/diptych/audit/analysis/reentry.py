"""What is out of date while another contract runs: read before a call, written only after it."""

from collections import defaultdict
from collections.abc import Container, Iterator

from diptych.audit.analysis.calls import gives_control, is_for_people
from diptych.audit.analysis.cells import Cell, cell_of, keys_of, overlap
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.paths import can_stand, later_facts, reaches_round
from diptych.audit.analysis.values import alike, unwrapped
from diptych.audit.graph.ops import Op

__all__ = ["leaving_calls", "stale_writes", "writes_after"]

_EQUALITY = {"==": True, "!=": False}


def leaving_calls(contract: ContractGraph) -> tuple[tuple[FunctionView, Op], ...]:
    """Return the calls by which a contract can be entered again, with the entries they are in."""
    return contract.analysis(_leaving)


def _leaving(contract: ContractGraph) -> tuple[tuple[FunctionView, Op], ...]:
    return tuple(
        (view, call)
        for view in contract.entries
        for call in view.calls
        if gives_control(call) and can_stand(view, call) and not is_for_people(view, call)
    )


def writes_after(view: FunctionView, call: Op) -> Iterator[Op]:
    """Yield the writes of storage that can run after a call."""
    for write in view.writes:
        if view.flow.reaches(call, write) and not (
            _is_flag(view, write, call) or _is_put_back(view, write, call)
        ):
            yield write


def stale_writes(view: FunctionView, call: Op, but: Container[Cell] = ()) -> Iterator[Op]:
    """Yield the writes after a call of what was read before it and counts for it.

    What is read again on the way from the call to the write, as each round of a loop does, is not
    out of date. Writes of the cells `but` are left out; it may grow meanwhile.
    """
    reads = {id(read): read for read in view.reads if view.flow.reaches(read, call)}
    if not reads:
        return
    for_call, held = _deciding(view, call), _held_against(view, call)
    for write in writes_after(view, call):
        if cell_of(write) in held or cell_of(write) in but:
            continue
        cell, counting = cell_of(write), (for_call | _deciding(view, write)) & reads.keys()
        if any(
            overlap(cell_of(reads[each]), cell) and reaches_round(view, call, write, reads[each])
            for each in counting
        ):
            yield write


def _deciding(view: FunctionView, op: Op) -> frozenset[int]:
    """Return what decides whether, or with which values, an op is done, by identity."""
    made = view.shared(_decisions)
    if id(op) not in made:
        values = op.operands if op.kind == "call" else op.operands[1:]
        tests = (fact.test for fact in view.flow.facts(op))
        made[id(op)] = frozenset(id(each) for value in (*values, *tests) for each in sources(value))
    return made[id(op)]


def _decisions(view: FunctionView) -> dict[int, frozenset[int]]:
    del view
    return {}


def _is_flag(view: FunctionView, write: Op, call: Op) -> bool:
    """Whether a write takes back a mark that was tested and set before a call."""
    keys = keys_of(write)
    return any(
        mark is not write and _same(keys, keys_of(mark)) and _comes_first(view, mark, call, write)
        for mark in view.shared(_marks).get(cell_of(write), ())
    )


def _comes_first(view: FunctionView, mark: Op, call: Op, write: Op) -> bool:
    """Whether a mark is set before a call, at least on every way on which a write follows it."""
    if view.flow.dominates(mark, call):
        return True
    if not view.flow.reaches(mark, call) or view.flow.reaches(call, mark):
        return False
    return set(view.flow.facts(mark)) <= set(view.flow.facts(write))


def _is_put_back(view: FunctionView, write: Op, call: Op) -> bool:
    """Whether a write restores what was kept while another value stood there during a call."""
    value, cell = unwrapped(write.operands[-1]), cell_of(write)
    if value.kind != "load" or cell_of(value) != cell or not view.flow.dominates(value, call):
        return False
    return any(
        other is not write
        and other.kind == "store"
        and cell_of(other) == cell
        and view.flow.dominates(value, other)
        and view.flow.dominates(other, call)
        for other in view.writes
    )


def _held_against(view: FunctionView, call: Op) -> frozenset[Cell]:
    """Return the cells that must be after a call what they were before it."""
    found: set[Cell] = set()
    for test, holds in later_facts(view, call):
        if test.kind != "binary" or _EQUALITY.get(str(test.attribute)) is not holds:
            continue
        left, right = ({cell_of(e): e for e in sources(s) if _is_stored(e)} for s in test.operands)
        for cell in left.keys() & right.keys():
            pair = (left[cell], right[cell])
            after = [view.flow.reaches(call, each) for each in pair]
            if sorted(after) == [False, True] and "[]" not in cell.path:
                found.add(cell)
    return frozenset(found)


def _is_stored(op: Op) -> bool:
    return op.kind == "load" and op.place.where == "storage"


def _marks(view: FunctionView) -> dict[Cell, list[Op]]:
    """Return by cell the writes of constants to what was tested before."""
    found: dict[Cell, list[Op]] = defaultdict(list)
    for write in view.writes:
        if write.operands[-1].kind in ("const", "zero"):
            cell, keys = cell_of(write), keys_of(write)
            tested = (each for fact in view.flow.facts(write) for each in sources(fact.test))
            if any(
                each.kind == "load" and cell_of(each) == cell and _same(keys, keys_of(each))
                for each in tested
            ):
                found[cell].append(write)
    return found


def _same(first: tuple[Op, ...], second: tuple[Op, ...]) -> bool:
    return len(first) == len(second) and all(
        one is other or alike(one, other) for one, other in zip(first, second, strict=True)
    )
