"""Words of memory that are known by address: a constant, or a constant past a pointer."""

from typing import Final

from diptych.audit.graph.ops import Op

__all__ = ["FREE", "Address", "Memory", "address"]

Address = tuple[int, int]
"""Identity of the op that points, 0 for none, and the distance from there."""
FREE: Final = (0, 0x40)
"""Where Solidity keeps its pointer to free memory."""
_SCRATCH = 0x40
_OBJECTS = 0x80  # below it is scratch space, the pointer and nought
_MOST_OF_LATEST = 8
_MOST = 0x200  # bytes of one stretch that are looked at
_MAX_KNOWN = 400


def address(op: Op) -> Address:
    """Return the address that a word is."""
    offset = 0
    for _ in range(16):
        if op.kind == "const" and isinstance(op.attribute, int):
            return 0, offset + op.attribute
        if op.kind != "binary" or op.attribute != "+":
            break
        left, right = op.operands
        if left.kind == "const":
            left, right = right, left
        if right.kind != "const" or not isinstance(right.attribute, int):
            break
        op, offset = left, offset + right.attribute
    return id(op), offset & ((1 << 256) - 1)


class Memory:
    """What is known of memory at one place of the code."""

    def __init__(self, words: dict[Address, Op] | None = None) -> None:
        self.words: dict[Address, Op] = {} if words is None else dict(words)

    def put(self, where: Address, value: Op) -> None:
        """Note a word."""
        if len(self.words) >= _MAX_KNOWN:
            self.words.pop(next(iter(self.words)))
        self.words[where] = value

    def read(self, where: Address, size: int | None) -> tuple[Op, ...]:
        """Return the known words of a stretch in order of address; None: all that follow."""
        base, start = where
        if size is not None and 0 < size <= _SCRATCH:  # words that stood there before overlap
            found = (self.words.get((base, start + at)) for at in range(0, size, 32))
            return tuple(op for op in found if op is not None)
        end = start + min(size or _MOST, _MOST)
        at = sorted(o for b, o in self.words if b == base and start <= o < end)
        return tuple(self.words[base, offset] for offset in at) if size != 0 else ()

    def latest(self) -> tuple[Op, ...]:
        """Return the words of the object that was written last, pointers and scratch apart."""
        bases = [base for base, offset in self.words if base or offset >= _OBJECTS]
        if not bases:
            return ()
        at = sorted(o for b, o in self.words if b == bases[-1] and (b or o >= _OBJECTS))
        return tuple(self.words[bases[-1], offset] for offset in at[:_MOST_OF_LATEST])


def joined(memories: list[Memory]) -> Memory:
    """Return what all agree on."""
    first, *others = memories
    return Memory(
        {
            where: op
            for where, op in first.words.items()
            if all(other.words.get(where) is op for other in others)
        }
    )
