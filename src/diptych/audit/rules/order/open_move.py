"""Moves of a game are stored for all to see before the others have made theirs."""

from collections.abc import Iterator

from diptych.audit.analysis.cells import Cell, cell_of, overlap
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.payments import is_payment
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.taint import tainted
from diptych.audit.analysis.values import unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="open-move",
    title="Moves of a game are public before all have moved",
    category="front_running",
    severity="medium",
    swc="SWC-114",
    cwe="CWE-362",
    owasp="SC07:2025",
    description="Numbers that players pass in are stored as they are, and a payment is decided by "
    "what they give together, by a remainder.",
    scenario="The last player reads the numbers of the others from the chain, or from the waiting "
    "transaction, and chooses his own so that he wins.",
    fix="Let all commit to hashes first and reveal the numbers afterwards.",
    reference="https://swcregistry.io/docs/SWC-114/",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield the stores of moves by which a payment is decided."""
    decided = [cell for view in contract.entries for cell in _decided(view)]
    if not decided:
        return
    for view in contract.entries:
        for write in view.writes:
            move = _move(view, write)
            if move is None or not any(overlap(cell_of(write), cell) for cell in decided):
                continue
            if tainted(view, move, ("argument",), at=write) and anybody_reaches(view, write):
                yield Match(write, "the others can see this before they choose")
                break


def _decided(view: FunctionView) -> Iterator[Cell]:
    """Yield the cells of which at least two items, mixed, decide about a payment."""
    for call in view.calls:
        if not is_payment(call):
            continue
        for fact in view.flow.facts(call):
            for mixed in sources(fact.test):
                if mixed.kind == "binary" and mixed.attribute == "%":
                    loads = [each for each in sources(mixed) if _is_item(each)]
                    cells = {cell_of(each) for each in loads}
                    if len(loads) > 1:
                        yield from cells


def _is_item(op: Op) -> bool:
    return op.kind == "load" and op.place.where == "storage" and op.type.is_number


def _move(view: FunctionView, write: Op) -> Op | None:
    """Return the argument that a write keeps: as it is, or as a part of a record."""
    value = write.operands[-1]
    parts = value.operands if value.kind == "make" else (value,)
    for part in map(unwrapped, parts):
        if part.kind == "param" and part.type.is_number:
            return part
    return None


RULE = Rule(INFO, check)
