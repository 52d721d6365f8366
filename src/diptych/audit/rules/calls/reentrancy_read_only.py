"""A view computes from state of which a call out has let only a part be written."""

from collections.abc import Iterator

from diptych.audit.analysis.calls import is_locked, is_trusted, lock_cells
from diptych.audit.analysis.cells import Cell, cell_of, overlap
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.payments import is_payment
from diptych.audit.analysis.reentry import leaving_calls, stale_writes, writes_after
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="reentrancy-read-only",
    title="A view is wrong while another contract runs",
    category="reentrancy",
    severity="low",
    swc="SWC-107",
    cwe="CWE-841",
    owasp="SC05:2025",
    description="A function pays or writes a part of its state, calls out, and writes another part "
    "afterwards; a view that divides one by the other looks at no lock.",
    scenario="In the call, the attacker has a lending market ask the view for a price: it divides "
    "what has left already by shares that are still there, or the other way round.",
    fix="Write all state before the call, or let the view revert while the lock is held.",
    reference="https://docs.soliditylang.org/en/latest/security-considerations.html#reentrancy",
)
_VIEWS = frozenset({"view", "pure", "constant"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield calls between two writes of what a view puts in relation."""
    views = [each for each in contract.entries if _relates(each)]
    if not views:
        return
    for view, call in leaving_calls(contract):
        if is_trusted(view, call) or (
            not is_locked(view, call) and next(stale_writes(view, call), None) is not None
        ):
            continue  # reentrancy speaks of these
        late = {cell_of(write): write for write in writes_after(view, call)}
        for each in views if late else ():
            read = _torn(each, view, call, late)
            if read is not None:
                name = each.function.name if each.function is not None else "a view"
                yield Match(
                    call, f"'{name}' computes from a half-written state in this call", (read,)
                )
                break


def _relates(view: FunctionView) -> bool:
    """Whether an entry is a view that divides."""
    function = view.function
    if function is None or function.mutability not in _VIEWS:
        return False
    return any(op.kind == "binary" and op.attribute == "/" for op in view.ops)


def _torn(asked: FunctionView, view: FunctionView, call: Op, late: dict[Cell, Op]) -> Op | None:
    """Return the read of a view that is out of date while another of its parts is not."""
    parts = [
        each
        for op in asked.ops
        if op.kind == "binary" and op.attribute == "/"
        for each in sources(op)
    ]
    reads = [each for each in parts if each.kind == "load" and each.place.where == "storage"]
    stale = [read for read in reads if any(overlap(cell_of(read), cell) for cell in late)]
    if not stale or _looks_at(asked, lock_cells(view, call)):
        return None
    early = [write for write in view.writes if view.flow.dominates(write, call)]
    done = any(overlap(cell_of(read), cell_of(write)) for read in reads for write in early)
    paid = is_payment(call) and any(
        each.kind == "account" and each.attribute == "balance" for each in parts
    )
    return stale[0] if done or paid else None


def _looks_at(view: FunctionView, lock: frozenset[Cell]) -> bool:
    return any(read.kind == "load" and cell_of(read) in lock for read in view.ops)


RULE = Rule(INFO, check)
