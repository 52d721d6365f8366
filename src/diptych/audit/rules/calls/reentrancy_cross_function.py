"""While one function waits for a call, another works on what the first has yet to write."""

from collections.abc import Iterator

from diptych.audit.analysis.calls import is_locked, is_trusted, lock_cells
from diptych.audit.analysis.cells import Cell, cell_of, overlap
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.payments import is_payment
from diptych.audit.analysis.reentry import leaving_calls, stale_writes
from diptych.audit.analysis.tokens import is_zero
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="reentrancy-cross-function",
    title="A lock that other functions on the same state do not take",
    category="reentrancy",
    severity="medium",
    swc="SWC-107",
    cwe="CWE-841",
    owasp="SC05:2025",
    description="A function holds a lock while it calls out and writes state only afterwards; "
    "another function that reads and writes, or pays by, the same state takes no lock.",
    scenario="The attacker is paid, and while the record still stands moves it to a second account "
    "by the other function; the lock of the first does not see it.",
    fix="Write state before the call, or let every function on that state take the lock.",
    reference="https://docs.soliditylang.org/en/latest/security-considerations.html#reentrancy",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield locked calls after which state is written that an unlocked function works on."""
    for view, call in leaving_calls(contract):
        if is_trusted(view, call) or not is_locked(view, call):
            continue
        workless: set[Cell] = set()
        for write in stale_writes(view, call, workless):
            cell = cell_of(write)
            workless.add(cell)
            other = _worker(contract, view, cell, lock_cells(view, call))
            if other is not None:
                name = write.place.variable.name if write.place.variable is not None else "state"
                text = f"'{name}' is out of date in this call, and another function takes no lock"
                severity = "medium" if is_payment(call) else "low"
                yield Match(call, text, (write, other), severity)
                break


def _worker(
    contract: ContractGraph, locked: FunctionView, cell: Cell, lock: frozenset[Cell]
) -> Op | None:
    """Return where another entry that takes no lock works by a cell."""
    for view in contract.entries:
        if view is locked or not view.writes or _tests(view, lock):
            continue
        for read in view.reads:
            if overlap(cell_of(read), cell) and _works_by(view, read, cell):
                return read
    return None


def _tests(view: FunctionView, lock: frozenset[Cell]) -> bool:
    """Whether a function looks at a lock; a modifier that is not there is taken to."""
    if any(op.kind == "modifier" for op in view.ops):
        return True
    tests = (block.test for block in view.graph.blocks if block.test is not None)
    return any(
        each.kind == "load" and cell_of(each) in lock for test in tests for each in sources(test)
    )


def _works_by(view: FunctionView, read: Op, cell: Cell) -> bool:
    """Whether a function takes away from a cell what it reads there, moves it, or pays by it."""
    moved = _moved(view, cell)
    for write in view.writes:
        made = list(sources(write.operands[-1])) if overlap(cell_of(write), cell) else []
        less = any(each.kind == "binary" and each.attribute == "-" for each in made)
        if (less or moved) and any(each is read for each in made):
            return True
    return any(
        is_payment(call) and any(e is read for operand in call.operands for e in sources(operand))
        for call in view.calls
    )


def _moved(view: FunctionView, cell: Cell) -> bool:
    """Whether a function clears an entry of a cell."""
    cleared = (write for write in view.writes if overlap(cell_of(write), cell))
    return any(is_zero(write.operands[-1]) for write in cleared)


RULE = Rule(INFO, check)
