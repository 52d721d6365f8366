"""Storage slots as places: constants, hashes of keys and slots, and what is counted from them.

Layout as the Solidity documentation has it, "Layout of State Variables in Storage"; Vyper hashes
slot and key in the other order.
"""

from collections.abc import Callable
from dataclasses import dataclass

from diptych.audit.graph.ops import Op, Place
from diptych.audit.graph.types import UINT256
from diptych.audit.syntax.evm.code import Bytecode

__all__ = ["Places"]

_DEPTH = 8
_HASH = 1 << 64  # a constant beyond is the hash of something, no distance


@dataclass(frozen=True)
class Places:
    """Makes references to what slots hold.

    Attributes:
        code: keeps the variables.
        make: makes an op at the place in question.
        where: storage or transient.
    """

    code: Bytecode
    make: Callable[..., Op]
    where: str

    def of(self, slot: Op, depth: int = 0) -> Op:
        """Return a reference to what a slot holds, found in `depth` hashes."""
        if slot.kind == "const" and isinstance(slot.attribute, int):
            number = slot.attribute if self.where == "storage" else ~slot.attribute
            place = Place(self.where, self.code.variable(number))
            return self.make("ref", (), attribute=place, type=UINT256)
        made = None
        if depth < _DEPTH and slot.kind == "builtin" and slot.attribute == "keccak256":
            made = self._hashed(slot, depth + 1)
        elif depth < _DEPTH and slot.kind == "binary" and slot.attribute == "+":
            made = self._counted(slot, depth + 1)
        return made or self.make("ref", (slot,), attribute=Place(self.where), type=UINT256)

    def _hashed(self, slot: Op, depth: int) -> Op | None:
        words = slot.operands
        if len(words) == 1 and _is_slot(words[0]):
            return self._element(self.of(words[0], depth))
        if len(words) == 2 and _is_slot(words[1]):
            return self._element(self.of(words[1], depth), words[0])
        if len(words) == 2 and _is_slot(words[0]):
            return self._element(self.of(words[0], depth), words[1])
        return None

    def _counted(self, slot: Op, depth: int) -> Op | None:
        base, distance = slot.operands
        if not _is_far(base):
            base, distance = distance, base
        if not _is_far(base):
            return None
        if distance.kind == "const" and isinstance(distance.attribute, int):
            inner = self.of(base, depth)
            place = Place(self.where, inner.place.variable, f".{distance.attribute}")
            return self.make("element", (inner,), attribute=place, type=UINT256)
        if base.kind == "builtin" and len(base.operands) == 1:
            base = base.operands[0]  # the items of an array start at the hash of its slot
        return self._element(self.of(base, depth), distance)

    def _element(self, inner: Op, *key: Op) -> Op:
        place = Place(self.where, inner.place.variable, "[]")
        return self.make("element", (inner, *key), attribute=place, type=UINT256)


def _is_slot(op: Op) -> bool:
    """Whether a word can be what a place is counted from."""
    if op.kind == "binary" and op.attribute == "+":
        return any(each.kind != "const" and _is_hash(each) for each in op.operands)
    return op.kind == "const" or _is_hash(op)


def _is_hash(op: Op) -> bool:
    while op.kind == "binary" and op.attribute == "+":
        left, right = op.operands
        op = right if left.kind == "const" else left
    return op.kind == "builtin" and op.attribute == "keccak256"


def _is_far(op: Op) -> bool:
    """Whether a word is a hash, or counted from one."""
    if op.kind == "const":
        return isinstance(op.attribute, int) and op.attribute >= _HASH
    return _is_slot(op)
