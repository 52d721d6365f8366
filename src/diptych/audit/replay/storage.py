"""What a contract's storage holds, named by source variable."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from eth_hash.auto import keccak

from diptych.audit.compile.layout import Layout, StorageType, StorageVariable

__all__ = ["NamedStorage", "named_storage"]

_WORD = 32
_MAX_ITEMS = 64
_MAX_DEPTH = 4
_SLOTS = 1 << 256


@dataclass(frozen=True)
class NamedStorage:
    """A contract's storage by source variable; zeros are left out.

    Attributes:
        values: by name, such as `held[0x12…]` or `queue[3].amount`.
        rest: slots with a value that no variable and no known key explains.
    """

    values: dict[str, bytes] = field(default_factory=dict)
    rest: dict[int, int] = field(default_factory=dict)


def named_storage(layout: Layout, storage: dict[int, int], keys: Iterable[bytes]) -> NamedStorage:
    """Name every slot that can be named.

    Args:
        layout: where variables lie.
        storage: values by slot.
        keys: what mappings may have been indexed with: words, and texts.
    """
    reader = _Reader(layout, storage, tuple(dict.fromkeys(keys)))
    values = {
        name: value for variable in layout.variables for name, value in reader.variable(variable)
    }
    rest = {slot: v for slot, v in storage.items() if v and slot not in reader.seen}
    return NamedStorage(values, rest)


class _Spot(NamedTuple):
    """Where a value begins, what it is called, and how deep it is."""

    name: str
    slot: int
    offset: int = 0
    depth: int = 0

    def inner(self, name: str, slot: int, offset: int = 0) -> "_Spot":
        """Return the spot of a part."""
        return _Spot(self.name + name, slot % _SLOTS, offset, self.depth + 1)


_Named: TypeAlias = Iterator[tuple[str, bytes]]


class _Reader:
    def __init__(self, layout: Layout, storage: dict[int, int], keys: tuple[bytes, ...]) -> None:
        self.layout = layout
        self.storage = storage
        self.keys = keys
        self.seen: set[int] = set()

    def variable(self, variable: StorageVariable) -> _Named:
        spot = _Spot(variable.name, variable.slot, variable.offset)
        return self._value(variable.type, spot)

    def _value(self, type_name: str, spot: _Spot) -> _Named:
        kind = self.layout.types.get(type_name)
        if kind is None or spot.depth > _MAX_DEPTH:
            return
        if kind.encoding != "inplace":
            yield from self._elsewhere(kind, spot)
        elif kind.members:
            for part in kind.members:
                inner = spot.inner(f".{part.name}", spot.slot + part.slot, part.offset)
                yield from self._value(part.type, inner)
        elif kind.item:
            yield from self._items(kind, spot, self._length(kind))
        else:
            word = self._word(spot.slot).to_bytes(_WORD, "big")
            value = word[_WORD - spot.offset - kind.size : _WORD - spot.offset]
            if any(value):
                yield spot.name, value

    def _elsewhere(self, kind: StorageType, spot: _Spot) -> _Named:
        if kind.encoding == "mapping":
            yield from self._mapping(kind, spot)
        elif kind.encoding == "bytes":
            yield from self._bytes(spot)
        else:
            length = self._word(spot.slot)
            if length:
                yield f"{spot.name}.length", length.to_bytes(_WORD, "big")
                yield from self._items(kind, spot._replace(slot=_hash(spot.slot)), length)

    def _length(self, kind: StorageType) -> int:
        item = self.layout.types[kind.item]
        if item.size > _WORD:
            return kind.size // item.size
        return (kind.size // _WORD) * (_WORD // item.size)

    def _items(self, kind: StorageType, first: _Spot, count: int) -> _Named:
        item = self.layout.types.get(kind.item)
        if item is None or not item.size:
            return
        per_slot = _WORD // item.size
        for at in range(min(count, _MAX_ITEMS)):
            if per_slot > 1:
                inner = first.inner(
                    f"[{at}]", first.slot + at // per_slot, at % per_slot * item.size
                )
            else:
                inner = first.inner(f"[{at}]", first.slot + at * -(-item.size // _WORD))
            yield from self._value(kind.item, inner)

    def _mapping(self, kind: StorageType, spot: _Spot) -> _Named:
        item = self.layout.types.get(kind.item)
        if item is None:
            return
        texts = kind.key in self.layout.types and self.layout.types[kind.key].encoding == "bytes"
        deep = item.encoding != "inplace" or bool(item.members) or bool(item.item)
        for key in self.keys:
            if not texts and len(key) != _WORD:
                continue
            at = int.from_bytes(_keccak(key + spot.slot.to_bytes(_WORD, "big")), "big")
            if deep or at in self.storage:
                yield from self._value(kind.item, spot.inner(f"[0x{key.hex()}]", at))

    def _bytes(self, spot: _Spot) -> _Named:
        word = self._word(spot.slot)
        if not word:
            return
        if not word & 1:
            yield spot.name, word.to_bytes(_WORD, "big")[: (word & 0xFF) // 2]
            return
        length, first = (word - 1) // 2, _hash(spot.slot)
        slots = min(-(-length // _WORD), _MAX_ITEMS)
        parts = [self._word((first + at) % _SLOTS).to_bytes(_WORD, "big") for at in range(slots)]
        yield spot.name, b"".join(parts)[:length]

    def _word(self, slot: int) -> int:
        self.seen.add(slot)
        return self.storage.get(slot, 0)


def _hash(slot: int) -> int:
    return int.from_bytes(_keccak(slot.to_bytes(_WORD, "big")), "big")


@lru_cache(maxsize=1 << 16)
def _keccak(data: bytes) -> bytes:
    return bytes(keccak(data))
