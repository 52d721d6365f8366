"""What of a value comes from outside: from the caller, the block, other contracts, open storage.

Taint runs along def-use edges, through memory by its root, and through storage by cells: a cell is
open if a function that anybody can call puts something from outside into it. Guards are
sanitisers: a condition that holds a value against what nobody chooses, looks it up in a list that
not everybody writes, or holds its hash or a signature of it against what is stored, pins it.
"""

from collections.abc import Collection, Iterator, Mapping

from diptych.audit.analysis.access import is_restricted
from diptych.audit.analysis.cells import Cell, cell_of, overlap
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.dominance import Fact
from diptych.audit.analysis.once import runs_once
from diptych.audit.analysis.origins import BIT, KINDS, STORED, carried, origin_masks
from diptych.audit.analysis.paths import all_facts
from diptych.audit.graph.ops import Op

__all__ = ["CHOSEN", "KINDS", "is_pinned", "open_cells", "tainted", "writable_cells"]

CHOSEN = ("caller", "argument", "value", "storage")
"""What whoever calls has a say in."""

_HASHES = frozenset({"keccak256", "sha256", "ripemd160"})


def tainted(
    view: FunctionView, op: Op, kinds: Collection[str] = CHOSEN, *, at: Op | None = None
) -> bool:
    """Whether a value is made from what comes from outside.

    Args:
        view: the function, as part of a contract; alone, no storage counts as open.
        op: the value.
        kinds: which origins count, of `KINDS`: `caller` (who calls), `argument`, `value` (ether
            sent), `block` (what its maker decides), `result` (of calls to others), `storage`
            (cells that anybody writes).
        at: where the value is used; what conditions pin there does not count.
    """
    wanted = sum(BIT[kind] for kind in set(kinds))
    known = view.analysis(_masks)
    if not known.get(op, 0) & wanted:
        return False
    if at is None:
        return True
    return any(not is_pinned(view, each, at, kinds) for each in _origins(op, known, wanted))


def is_pinned(view: FunctionView, origin: Op, at: Op, kinds: Collection[str] = CHOSEN) -> bool:
    """Whether a condition leaves no choice of a value where it is used.

    It equals what is not of these kinds, is listed where not everybody can list, or its hash or a
    signature of it is held against something.
    """
    return any(_pins(view, fact, origin, kinds) for fact in all_facts(view, at))


def open_cells(contract: ContractGraph) -> tuple[Cell, ...]:
    """Return the storage cells into which anybody can bring something from outside."""
    return contract.analysis(_Cells).open


def writable_cells(contract: ContractGraph) -> tuple[Cell, ...]:
    """Return the cells that anybody can set to something, be it a plain truth."""
    return contract.analysis(_Cells).writable


class _Cells:
    """The open cells of one contract."""

    def __init__(self, contract: ContractGraph) -> None:
        self.open: tuple[Cell, ...] = ()
        self.variables: frozenset[int] = frozenset()
        found: dict[Cell, bool] = {}
        for view in contract.entries:
            own = view.shared(_plain) if view.writes else {}
            for write in view.writes:
                value, cell = write.operands[-1], cell_of(write)
                is_open = _is_brought(own, value)
                if found.get(cell) or (cell in found and not is_open) or value.kind == "zero":
                    continue
                if _is_for_anybody(view, write):
                    found[cell] = is_open
        self.writable = tuple(found)
        self.open = tuple(cell for cell, is_open in found.items() if is_open)
        self.variables = frozenset(cell.variable for cell in self.open)

    def is_open(self, load: Op) -> bool:
        """Whether what a load reads can come from anybody."""
        if not self.variables:
            return False
        cell = cell_of(load)
        return cell.variable in self.variables and any(overlap(cell, each) for each in self.open)


def _is_brought(own: Mapping[Op, int], value: Op) -> bool:
    """Whether a value comes from outside; the answer of a fixed contract to a fixed question not.

    Who has it written again gets no other.
    """
    mask = own.get(value, 0)
    if mask != BIT["result"]:
        return bool(mask)
    asked = (each for each in sources(value) if each.kind == "call")
    return any(
        each.call.kind != "high_level" or any(own.get(operand, 0) for operand in each.operands)
        for each in asked
    )


def _is_for_anybody(view: FunctionView, write: Op) -> bool:
    return not is_restricted(view, write) and not runs_once(view, write)


def _masks(view: FunctionView) -> dict[Op, int]:
    """Return each op's origins as bits; ops without any are left out."""
    cells = None if view.contract is None else view.contract.analysis(_Cells)
    if cells is not None and any(map(cells.is_open, view.shared(_stored_reads))):
        return origin_masks(view, cells.is_open)
    return view.shared(_plain)


def _plain(view: FunctionView) -> dict[Op, int]:
    """Return the same as if no storage were open."""
    return origin_masks(view, None)


def _stored_reads(view: FunctionView) -> tuple[Op, ...]:
    return tuple(op for op in view.ops if op.kind == "load" and op.place.where in STORED)


def _origins(op: Op, known: dict[Op, int], wanted: int) -> Iterator[Op]:
    """Yield the ops that bring the wanted origins into a value."""
    seen = {id(op)}
    pending = [op]
    while pending:
        current = pending.pop()
        below = [each for each in current.operands if known.get(each, 0) & wanted]
        if not below or not carried(current, known) & wanted:
            yield current
            continue
        for each in below:
            if id(each) not in seen:
                seen.add(id(each))
                pending.append(each)


def _pins(view: FunctionView, fact: Fact, origin: Op, kinds: Collection[str]) -> bool:
    test, holds = fact
    if test.kind == "binary" and (test.attribute, holds) in (("==", True), ("!=", False)):
        left, right = test.operands
        for one, other in ((left, right), (right, left)):
            if _is_made_from(one, origin) and not tainted(view, other, kinds):
                return _is_whole(one, origin) or _is_hashed(one, origin)
    if any(_is_hashed(each, origin) for each in sources(test)):
        return True
    return holds and test.kind in ("load", "binary") and _is_listed(view, test, origin)


def _is_made_from(value: Op, origin: Op) -> bool:
    return any(each is origin for each in sources(value))


def _is_whole(value: Op, origin: Op) -> bool:
    while value.kind == "cast":
        value = value.operands[0]
    return value is origin


def _is_hashed(value: Op, origin: Op) -> bool:
    """Whether a value is, or is looked up by, a hash or a signer that an origin goes into."""
    if value.kind == "builtin" and value.attribute in (*_HASHES, "ecrecover"):
        return _is_made_from(value, origin)
    return False


def _is_listed(view: FunctionView, test: Op, origin: Op) -> bool:
    """Whether a value is looked up in a cell that not everybody writes."""
    cells = view.contract.analysis(_Cells) if view.contract is not None else None
    for load in sources(test):
        if load.kind != "load" or load.place.where not in STORED:
            continue
        if cells is not None and any(overlap(cell_of(load), cell) for cell in cells.writable):
            continue
        place = load.operands[0]
        while place.kind == "element":
            if any(_is_whole(key, origin) for key in place.operands[1:2]):
                return True
            place = place.operands[0]
    return False
