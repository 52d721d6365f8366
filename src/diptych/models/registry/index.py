"""Which registry records concern what: an index from keys to places in the log; pure.

It holds numbers, no answers: whoever asks reads the entries that it names from the log and proves
them there. It must be complete, which no entry can show; so it is kept under a tag (`kept`).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from diptych.models.registry.logged import Logged

KEY_BYTES = 20
_ROW = struct.Struct(f">{KEY_BYTES}sII")
ROW_BYTES = _ROW.size
_MOST = (1 << 32) - 1
Parts = tuple[str, ...]
KEYS: Parts = ("keys",)
NAMES: Parts = ("names",)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands, and the version that a model record claims, else 0."""

    index: int
    number: int = 0


def key_of(parts: Parts) -> bytes:
    """Return the 20-byte key of what is asked for, for example `("revocation", record)`.

    Two that meet in one key are told apart when the entries are read.
    """
    return sha256("\0".join(parts).encode(errors="surrogatepass")).digest()[:KEY_BYTES]


class RecordIndex:
    """Places by key, in log order.

    Args:
        rows: as `pack` returned them.
    """

    def __init__(self, rows: bytes = b"") -> None:
        self._rows = rows
        self._new: dict[bytes, list[Place]] = {}

    def copy(self) -> "RecordIndex":
        """Return an independent index; packed rows are shared, because they never change."""
        other = RecordIndex(self._rows)
        other._new = {key: list(places) for key, places in self._new.items()}
        return other

    def add(self, logged: Logged) -> None:
        """Note a record; records come in log order."""
        for parts, number, group in _keys(logged):
            if group and not self.find(parts):
                self._note(group, Place(logged.index))
            self._note(parts, Place(logged.index, number))

    def find(self, parts: Parts) -> list[Place]:
        """Return the places under a key, in log order."""
        key = key_of(parts)
        return [*self._packed(key), *self._new.get(key, ())]

    def pack(self) -> bytes:
        """Return all rows as bytes, sorted by key and place, and hold them so from now on."""
        rows = [self._rows[at : at + ROW_BYTES] for at in range(0, len(self._rows), ROW_BYTES)]
        rows += sorted(
            _ROW.pack(key, one.index, one.number)
            for key, found in self._new.items()
            for one in found
        )
        rows.sort()  # two runs that are sorted already: one merge
        self._rows = b"".join(rows)
        self._new.clear()
        return self._rows

    def _note(self, parts: Parts, place: Place) -> None:
        self._new.setdefault(key_of(parts), []).append(place)

    def _packed(self, key: bytes) -> Iterator[Place]:
        low, high = 0, len(self._rows) // ROW_BYTES
        while low < high:
            middle = (low + high) // 2
            at = middle * ROW_BYTES
            if self._rows[at : at + KEY_BYTES] < key:
                low = middle + 1
            else:
                high = middle
        for at in range(low * ROW_BYTES, len(self._rows), ROW_BYTES):
            found, index, number = _ROW.unpack_from(self._rows, at)
            if found != key:
                return
            yield Place(index, number)


def _keys(logged: Logged) -> Iterator[tuple[Parts, int, Parts]]:
    """Yield key, number, and the key that lists the first record of each such key (or none)."""
    statement = logged.statement
    moved = logged.moved_alias()
    if statement.key is not None:
        yield KEYS, 0, ()
    elif statement.model is not None:
        name, version = statement.model.name, statement.model.version
        yield ("model", name), min(version, _MOST), NAMES
    elif moved is not None:
        yield ("alias", *moved), 0, ("aliases", moved[0])
    yield ("record", logged.record), 0, ()
    for target in sorted(logged.about()):
        yield (statement.kind, target), 0, ()
