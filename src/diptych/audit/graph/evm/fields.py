"""Fields that share a storage slot, told apart by the masks and shifts that pick them out."""

from typing import NamedTuple

from diptych.audit.graph.evm.words import value_of
from diptych.audit.graph.ops import FunctionGraph, Op, Place
from diptych.audit.graph.types import ADDRESS, BOOL, Type

__all__ = ["split_fields"]

_STORED = ("storage", "transient")
_FULL = (1 << 256) - 1


class _Field(NamedTuple):
    offset: int
    width: int

    @property
    def type(self) -> Type:
        if self.width == 160:
            return ADDRESS
        return BOOL if self.width == 8 else Type("uint", self.width)


def split_fields(graph: FunctionGraph) -> dict[int, Op]:
    """Let loads and stores name the field of a slot that they are about.

    Returns:
        What stands for the masked words, by their identity.
    """
    replaced: dict[int, Op] = {}
    added: dict[int, dict[_Field, tuple[Op, Op]]] = {}
    for op in graph.ops:
        found = _picked(op) if op.kind in ("binary", "cast") else None
        if found is not None:
            load, field = found
            known = added.setdefault(id(load), {})
            if field not in known:
                known[field] = _loaded(load, field)
            replaced[id(op)] = known[field][1]
    for block in graph.blocks:
        made: list[Op] = []
        for op in block.ops:
            if op.kind == "store" and op.place.where in _STORED:
                made += _write(op)
            made.append(op)
            for pair in added.get(id(op), {}).values():
                made += pair
        block.ops = made
    return replaced


def _loaded(load: Op, field: _Field) -> tuple[Op, Op]:
    """Make the load of a field, and the reference to it, where the slot is loaded."""
    target = _field_of(load.operands[0], field, load)
    made = Op("load", (target,), attribute=target.place, value_type=field.type, frame=load.frame)
    made.start, made.end = load.start, load.end
    return target, made


def _picked(op: Op) -> tuple[Op, _Field] | None:
    """Return the load and the field that a mask, with a shift or without, takes from it."""
    value, width = _masked(op)
    if not width:
        return None
    offset: int | None = 0
    if value.kind == "binary" and value.attribute in ("/", ">>"):
        offset = value_of(value.operands[1])
        if offset is not None and value.attribute == "/":
            offset = offset.bit_length() - 1
        value = value.operands[0]
    if value.kind != "load" or value.place.where not in _STORED or offset is None:
        return None
    return (value, _Field(offset, width)) if 0 <= offset <= 256 - width else None


def _masked(op: Op) -> tuple[Op, int]:
    """Return what a mask is laid on, and how many of the lowest bits it lets through."""
    if op.kind == "cast" and op.type is ADDRESS:
        return op.operands[0], 160
    if op.kind == "binary" and op.attribute == "&":
        for mask, other in (op.operands, op.operands[::-1]):
            bits = _ones(value_of(mask))
            if bits:
                return other, bits
    return op, 0


def _write(store: Op) -> list[Op]:
    """Turn a store of a slot in which one field was replaced into a store of the field."""
    place, value = store.operands
    found = _replaced(value)
    if found is None:
        return []
    field, part = found
    target = _field_of(place, field, store)
    made = [target]
    if part is None:
        part = Op("const", (), attribute=0, value_type=field.type, frame=store.frame)
        part.start, part.end = store.start, store.end
        made.append(part)
    store.operands, store.attribute, store.type = (target, part), target.place, field.type
    return made


def _replaced(value: Op) -> tuple[_Field, Op | None] | None:
    kept = _kept(value)
    if kept is not None:
        return kept, None
    if value.kind != "binary" or value.attribute not in ("|", "+"):
        return None
    for old, new in (value.operands, value.operands[::-1]):
        kept = _kept(old)
        if kept is not None:
            return kept, _unshifted(new, kept)
    return None


def _kept(op: Op) -> _Field | None:
    """Return the field that a mask clears in a load."""
    if op.kind != "binary" or op.attribute != "&":
        return None
    for mask, other in (op.operands, op.operands[::-1]):
        number = value_of(mask)
        if number is None or other.kind != "load" or other.place.where not in _STORED:
            continue
        cleared = number ^ _FULL
        offset = (cleared & -cleared).bit_length() - 1 if cleared else 0
        width = _ones(cleared >> offset)
        if width and width < 256:
            return _Field(offset, width)
    return None


def _unshifted(op: Op, field: _Field) -> Op:
    """Return what was shifted to the place of a field, without masks."""
    for _ in range(4):
        if op.kind == "binary" and op.attribute == "*" and len(op.operands) == 2:
            numbers = [value_of(each) for each in op.operands]
            if 1 << field.offset in numbers:
                op = op.operands[1 - numbers.index(1 << field.offset)]
                continue
        if (
            op.kind == "binary"
            and op.attribute == "<<"
            and value_of(op.operands[1]) == field.offset
        ):
            op = op.operands[0]
            continue
        if op.kind == "binary" and op.attribute == "&":
            numbers = [value_of(each) for each in op.operands]
            if any(_ones((n or 0) >> field.offset) for n in numbers):
                op = op.operands[0 if numbers[0] is None else 1]
                continue
        break
    return op


def _field_of(place: Op, field: _Field, at: Op) -> Op:
    where = Place(place.place.where, place.place.variable, f"@{field.offset}")
    made = Op("element", (place,), attribute=where, value_type=field.type, frame=at.frame)
    made.start, made.end = at.start, at.end
    return made


def _ones(number: int | None) -> int:
    """Return how many ones a number consists of, 0 if there is more to it."""
    if not number or number & (number + 1):
        return 0
    return number.bit_length()
