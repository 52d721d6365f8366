"""Reading a log: entries, checkpoints, proofs. Needs no key and never blocks a writer."""

import sqlite3
from collections.abc import Collection, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from diptych.core.database import Connect, make_durable, make_reader
from diptych.provenance.log import cosignatures, schema
from diptych.provenance.log.errors import Corrupt, LogMissing, NoSuchEntry, storage_error
from diptych.provenance.log.store import Store
from diptych.provenance.log.tiles import TileTree
from diptych_verify.note import Checkpoint, VerifierKey

_CHUNK = 10_000


class LogReader:
    """The reading half of `Log`; use as a context manager, from one thread."""

    def __init__(self, path: Path, *, connect: Connect) -> None:
        self.path = path
        self._connect = connect
        try:
            connection = connect(path)
            try:
                self._start(Store(connection, path))
            except BaseException:
                connection.close()
                raise
        except sqlite3.Error as error:
            raise storage_error(path, error) from error
        except UnicodeDecodeError as error:  # Of SQLite's message, which quotes the damaged schema.
            raise Corrupt(f"{path} is not a readable log", hint="diptych restore BACKUP") from error

    def _start(self, store: Store) -> None:
        make_reader(store.connection)
        if schema.is_blank(store.connection):
            raise LogMissing(
                f"{self.path} holds no log yet",
                hint="diptych restore BACKUP, or diptych init in a new folder",
            )
        if schema.schema_version(store.connection, self.path) < schema.SCHEMA_VERSION:
            self._migrate()
        schema.require_tables(store.connection, self.path)
        row = store.row("SELECT key FROM log")
        self.key = VerifierKey.parse("" if row is None else str(row[0]))
        self._store = store
        self._tree = TileTree(store.load_tile)

    def _migrate(self) -> None:
        connection = self._connect(self.path)
        try:
            make_durable(connection)
            schema.migrate(connection, self.path)
        finally:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._store.connection.close()

    @property
    def origin(self) -> str:
        """Name of the log: the first line of its checkpoints."""
        return self.key.name

    @property
    def size(self) -> int:
        """Number of entries that are committed."""
        return self._store.size()

    def head(self) -> Checkpoint:
        """Return the newest checkpoint without its signature."""
        head = self._store.head()
        return Checkpoint(self.origin, head.size, head.root)

    def checkpoint(self, size: int | None = None) -> str:
        """Return a signed note with its witness lines: the newest, or the one signed at `size`.

        Raises:
            NoSuchEntry: no batch ended at that size.
        """
        head = self._store.head() if size is None else self._store.head_at(self._inside(size))
        return head.note(self.key) + cosignatures.lines(self._store, head.size)

    def root(self, size: int) -> bytes:
        """Return the 32-byte root of the first `size` entries."""
        return self._tree_of(size).root(size)

    def entry(self, index: int) -> bytes:
        """Return the envelope bytes at `index`."""
        self._inside(index + 1)
        return self._store.entry(index)

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Stream the envelopes of [start, stop); memory stays bounded."""
        end = self.size if stop is None else self._inside(stop)
        return self._store.entries(max(0, start), end)

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """Return the sibling hashes, leaf to root, of `index` in the tree of `size` entries."""
        size = self.size if size is None else size
        tree = self._tree_of(size)
        if not 0 <= index < size:
            raise NoSuchEntry(f"got index {index}, expected 0 to {size - 1}")
        return tree.inclusion_proof(index, size)

    def consistency_proof(self, old_size: int, new_size: int | None = None) -> list[bytes]:
        """Return the hashes that show the first `old_size` entries as a prefix of `new_size`."""
        new_size = self.size if new_size is None else new_size
        tree = self._tree_of(new_size)
        if not 1 <= old_size <= new_size:
            raise NoSuchEntry(f"got size {old_size}, expected 1 to {new_size}")
        return tree.consistency_proof(old_size, new_size)

    def tile(self, level: int, number: int, width: int) -> list[bytes]:
        """Return the first `width` hashes of a tile of the tree level `8 * level`."""
        return self._store.load_tile(level, number, width)

    def find(self, record_id: bytes) -> int | None:
        """Return the first index whose record id (32-byte leaf hash) this is, None if absent."""
        return self._store.find(record_id, self.size) if len(record_id) == 32 else None

    def label(self, name: str) -> int | None:
        """Return the index that a label points to: a local convenience, not evidence."""
        row = self._store.row("SELECT idx FROM labels WHERE name=?", (name,))
        return None if row is None else int(row[0])

    def labels(self, prefix: str = "") -> dict[str, int]:
        """Return the labels that begin with `prefix`, with their indexes, sorted by name."""
        beyond = prefix + "\U0010ffff"
        rows = self._store.rows(
            "SELECT name, idx FROM labels WHERE name >= ? AND name < ? ORDER BY name",
            (prefix, beyond),
        )
        return dict(rows)

    def newest_labels(self, prefix: str, limit: int) -> list[int]:
        """Return the greatest indexes that labels of this prefix point to, greatest first."""
        rows = self._store.rows(
            "SELECT DISTINCT idx FROM labels WHERE name >= ? AND name < ?"
            " ORDER BY idx DESC LIMIT ?",
            (prefix, prefix + "\U0010ffff", limit),
        )
        return [int(index) for (index,) in rows]

    def labels_of(self, prefix: str, indexes: Collection[int]) -> dict[str, int]:
        """Return the labels of this prefix that point to some entries, sorted by name.

        It reads all labels of the prefix and holds only what it returns.
        """
        found: dict[str, int] = {}
        wanted = sorted(set(indexes))
        for at in range(0, len(wanted), _CHUNK):
            chunk = wanted[at : at + _CHUNK]
            found |= dict(
                self._store.rows(
                    "SELECT name, idx FROM labels WHERE name >= ? AND name < ?"
                    f" AND idx IN ({','.join('?' * len(chunk))})",
                    (prefix, prefix + "\U0010ffff", *chunk),
                )
            )
        return dict(sorted(found.items()))

    def cosigned(self) -> Iterator[str]:
        """Yield the checkpoints that witnesses cosigned, newest first."""
        for (size,) in self._store.rows(
            "SELECT DISTINCT size FROM cosignatures ORDER BY size DESC"
        ):
            yield self.checkpoint(size)

    def _inside(self, size: int) -> int:
        local = self._store.size()
        if not 0 <= size <= local:
            raise NoSuchEntry(f"got {size}, but the log has {local} entries")
        return size

    def _tree_of(self, size: int) -> TileTree:
        local = self._store.size()
        if not 0 <= size <= local:
            raise NoSuchEntry(f"got tree size {size}, but the log has {local} entries")
        self._tree.grow(local)
        return self._tree
