"""Reading the log's tables: the head, entries, tiles, and where a record stands."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from diptych.core.database import Connection, Row
from diptych.provenance.log.errors import Corrupt, NoSuchEntry, storage_error
from diptych.provenance.log.finder import RUN_LENGTH, aligned_find, run_candidates
from diptych.provenance.log.tiles import TILE_HEIGHT, TILE_WIDTH, split_tile
from diptych_verify.merkle import EMPTY_ROOT, HASH_BYTES, leaf_hash
from diptych_verify.note import Checkpoint, VerifierKey, note_signature_line

_CHUNK_ENTRIES = 256


def tile_id(level: int, number: int) -> int:
    """Return the row id of a tile."""
    return level << 40 | number


@dataclass(frozen=True)
class Head:
    """A signed tree head as it is stored: size, 32-byte root, raw signature."""

    size: int
    root: bytes
    signature: bytes

    def note(self, key: VerifierKey) -> str:
        """Return the checkpoint as a signed note."""
        body = Checkpoint(key.name, self.size, self.root).body()
        return f"{body}\n{note_signature_line(key.name, key.key_hash, self.signature)}"


class Store:
    """The tables of one log seen through one connection."""

    def __init__(self, connection: Connection, path: Path) -> None:
        self.connection = connection
        self.path = path

    def row(self, sql: str, parameters: Sequence[object] = ()) -> Row | None:
        """Return the first row of a query."""
        try:
            found: Row | None = self.connection.execute(sql, parameters).fetchone()
        except sqlite3.Error as error:
            raise storage_error(self.path, error) from error
        return found

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Return all rows of a small query."""
        try:
            return self.connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise storage_error(self.path, error) from error

    def size(self) -> int:
        """Return the number of entries."""
        row = self.row("SELECT max(idx) FROM entries")
        return 0 if row is None or row[0] is None else int(row[0]) + 1

    def head(self) -> Head:
        """Return the newest signed head."""
        row = self.row("SELECT idx, root, signature FROM entries ORDER BY idx DESC LIMIT 1")
        if row is None:
            return self.head_at(0)
        if row[1] is None or row[2] is None:
            raise Corrupt(f"{self.path}: the last entry has no checkpoint", index=row[0])
        return Head(row[0] + 1, row[1], row[2])

    def head_at(self, size: int) -> Head:
        """Return the head that was signed at `size`.

        Raises:
            NoSuchEntry: no batch ended at this size.
        """
        if size == 0:
            row = self.row("SELECT signature FROM log")
            if row is not None:
                return Head(0, EMPTY_ROOT, row[0])
        row = self.row("SELECT root, signature FROM entries WHERE idx=?", (size - 1,))
        if row is None or row[0] is None or row[1] is None:
            raise NoSuchEntry(
                f"got size {size}, expected one at which a checkpoint was signed",
                hint="diptych log",
            )
        return Head(size, row[0], row[1])

    def entry(self, index: int) -> bytes:
        """Return the envelope bytes at `index`."""
        row = self.row("SELECT envelope FROM entries WHERE idx=?", (index,))
        if row is None:
            raise NoSuchEntry(f"got index {index}, expected 0 to {self.size() - 1}")
        return bytes(row[0])

    def entries(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield envelopes of [start, stop) in chunks, without holding a snapshot between them.

        Raises:
            Corrupt: an index is missing.
        """
        while start < stop:
            end = min(stop, start + _CHUNK_ENTRIES)
            rows = self.rows(
                "SELECT idx, envelope FROM entries WHERE idx>=? AND idx<? ORDER BY idx",
                (start, end),
            )
            for index, envelope in rows:
                if index != start:
                    break
                start += 1
                yield bytes(envelope)
            if start != end:
                raise Corrupt(f"{self.path}: entry {start} is missing", index=start)

    def load_tile(self, level: int, number: int, width: int) -> list[bytes]:
        """Return the first `width` hashes of a tile; level 0 falls back on the entries."""
        body = self.tile_body(level, number)
        if level == 0 and body is None and width < TILE_WIDTH:
            first = number * TILE_WIDTH
            return [leaf_hash(entry) for entry in self.entries(first, first + width)]
        if body is None or len(body) % HASH_BYTES or len(body) < width * HASH_BYTES:
            raise Corrupt(
                f"{self.path}: tile {level}/{number} is missing or shorter than {width} hashes",
                level=level,
                number=number,
                index=number << (level + 1) * TILE_HEIGHT,
            )
        return split_tile(body[: width * HASH_BYTES])

    def tile_body(self, level: int, number: int) -> bytes | None:
        """Return the stored hashes of a tile, if it is stored."""
        row = self.row("SELECT body FROM tiles WHERE id=?", (tile_id(level, number),))
        return None if row is None else bytes(row[0])

    def find(self, record_id: bytes, size: int) -> int | None:
        """Return the first index below `size` whose leaf hash is `record_id`."""
        for index in run_candidates(self.connection, record_id, size):
            body = self.tile_body(0, index // TILE_WIDTH)
            at = index % TILE_WIDTH * HASH_BYTES
            if body is not None and body[at : at + HASH_BYTES] == record_id:
                return index
        newest = size // RUN_LENGTH * RUN_LENGTH // TILE_WIDTH
        for number in range(newest, size // TILE_WIDTH + 1):
            width = min(TILE_WIDTH, size - number * TILE_WIDTH)
            if not width:
                break
            hashes = b"".join(self.load_tile(0, number, width))
            position = aligned_find(hashes, record_id)
            if position >= 0:
                return number * TILE_WIDTH + position
        return None
