"""What is out of date while another contract runs: read before a call, written only after it."""

from collections.abc import Iterator

from diptych.audit.analysis.calls import gives_control, is_for_people
from diptych.audit.analysis.cells import cell_of, keys_of, overlap
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.paths import reaches_round
from diptych.audit.analysis.values import alike
from diptych.audit.graph.ops import Op

__all__ = ["leaving_calls", "stale_writes", "writes_after"]


def leaving_calls(contract: ContractGraph) -> tuple[tuple[FunctionView, Op], ...]:
    """Return the calls by which a contract can be entered again, with the entries they are in."""
    return contract.analysis(_leaving)


def _leaving(contract: ContractGraph) -> tuple[tuple[FunctionView, Op], ...]:
    return tuple(
        (view, call)
        for view in contract.entries
        for call in view.calls
        if gives_control(call) and not is_for_people(view, call)
    )


def writes_after(view: FunctionView, call: Op) -> Iterator[Op]:
    """Yield the writes of storage that can run after a call."""
    for write in view.writes:
        if view.flow.reaches(call, write) and not _is_flag(view, write, call):
            yield write


def stale_writes(view: FunctionView, call: Op) -> Iterator[Op]:
    """Yield the writes after a call of what was read before it and counts for it.

    What is read again on the way from the call to the write, as each round of a loop does, is not
    out of date.
    """
    reads = [read for read in view.reads if view.flow.reaches(read, call)]
    if not reads:
        return
    for write in writes_after(view, call):
        cell = cell_of(write)
        for read in reads:
            stale = overlap(cell_of(read), cell) and reaches_round(view, call, write, read)
            if stale and _counts(view, read, (call, write)):
                yield write
                break


def _counts(view: FunctionView, read: Op, ops: tuple[Op, Op]) -> bool:
    """Whether a read decides whether, or with which values, a call and a write are done."""
    for op in ops:
        values = op.operands if op.kind == "call" else op.operands[1:]
        if any(each is read for value in values for each in sources(value)):
            return True
        if any(each is read for fact in view.flow.facts(op) for each in sources(fact.test)):
            return True
    return False


def _is_flag(view: FunctionView, write: Op, call: Op) -> bool:
    """Whether a write takes back a mark that was tested and set before a call."""
    cell, keys = cell_of(write), keys_of(write)
    for other in view.writes:
        if other is write or cell_of(other) != cell or not view.flow.dominates(other, call):
            continue
        if other.operands[-1].kind not in ("const", "zero") or not _same(keys, keys_of(other)):
            continue
        for fact in view.flow.facts(other):
            for each in sources(fact.test):
                if each.kind == "load" and cell_of(each) == cell and _same(keys, keys_of(each)):
                    return True
    return False


def _same(first: tuple[Op, ...], second: tuple[Op, ...]) -> bool:
    return len(first) == len(second) and all(
        one is other or alike(one, other) for one, other in zip(first, second, strict=True)
    )
