"""Storage cells: the part of a state variable that an op reads or writes, apart from keys."""

from typing import NamedTuple

from diptych.audit.graph.ops import Op

__all__ = ["Cell", "cell_of", "keys_of", "overlap"]


class Cell(NamedTuple):
    """A state variable, by identity, and the members on the way into it; `[]` stands for any key.

    For slots that assembly names, `variable` is the slot's number, or negative where it is
    computed.
    """

    variable: int
    path: tuple[str, ...]


def cell_of(op: Op) -> Cell:
    """Return the cell that a load, store, push or pop touches, or that a reference means."""
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
    return place.attribute if place.kind == "const" and isinstance(place.attribute, int) else -1


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
