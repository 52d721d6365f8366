"""Storage cells: the part of a state variable that an op reads or writes, apart from keys."""

from typing import NamedTuple, cast

from diptych.audit.graph.ops import Op

__all__ = ["Cell", "cell_of", "keys_of", "overlap"]


_FIXED = frozenset({"const", "cast", "builtin", "assembly", "unary", "binary"})
_DEPTH = 12


class Cell(NamedTuple):
    """A state variable, by identity, and the members on the way into it; `[]` stands for any key.

    For slots that assembly names, `variable` is the slot's number, one of its own for a slot that
    is computed from constants, or negative for any other.
    """

    variable: int
    path: tuple[str, ...]


def cell_of(op: Op) -> Cell:
    """Return the cell that a load, store, push or pop touches, or that a reference means."""
    if op.cell is None:
        op.cell = _cell_of(op)
    return cast(Cell, op.cell)


def _cell_of(op: Op) -> Cell:
    place = op if op.kind in ("ref", "element") or not op.operands else op.operands[0]
    path: list[str] = ["[]"] if op.kind in ("push", "pop") else []
    while place.kind == "element":
        path.append(place.place.field)
        place = place.operands[0]
    variable = op.place.variable
    return Cell(_slot(place) if variable is None else id(variable), tuple(reversed(path)))


def _slot(place: Op) -> int:
    """Return the number of the slot that assembly reads, or that a pointer was set to."""
    if place.kind == "ref" and place.operands:
        place = place.operands[0]
    while place.kind == "cast":
        place = place.operands[0]
    if place.kind == "const" and isinstance(place.attribute, int):
        return place.attribute
    formula = _formula(place, _DEPTH) if place.kind in _FIXED else None
    return -1 if formula is None else abs(hash(formula))


def _formula(op: Op, depth: int) -> tuple[object, ...] | None:
    """Return how a slot is computed from nothing but constants, as ERC-7201 and others do."""
    if depth == 0 or op.kind not in _FIXED:
        return None
    parts = [_formula(each, depth - 1) for each in op.operands]
    if any(part is None for part in parts):
        return None
    value = "" if op.kind == "cast" else op.attribute
    return (op.kind, value, *parts) if isinstance(value, str | int | bytes) else None


def keys_of(op: Op) -> tuple[Op, ...]:
    """Return the keys on the way to what an op touches, outermost first."""
    place = op.operands[0] if op.kind in ("load", "store", "push", "pop") and op.operands else op
    keys: list[Op] = []
    while place.kind == "element":
        keys += place.operands[1:2]
        place = place.operands[0]
    return tuple(reversed(keys))


def overlap(first: Cell, second: Cell) -> bool:
    """Whether two cells share storage for some keys: the same, or one a part of the other."""
    if first.variable != second.variable or first.variable < 0:
        return False
    shared = min(len(first.path), len(second.path))
    return first.path[:shared] == second.path[:shared]
