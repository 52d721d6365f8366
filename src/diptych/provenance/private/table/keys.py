"""Keys of private tables: table key, subject keys and row keys, each destroyable alone.

`private/datakeys.sqlite`. The master key wraps a random key per table and a random key per subject;
a subject's key encrypts the subject's name, places and row keys. A subject is found by
HMAC-SHA-256(table key, name); nothing is derived from the name, so that destroying the entry leaves
nothing to try guesses on.
"""

import hashlib
import hmac
import secrets
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from diptych.core.database import Connect, connect_sqlite, transaction
from diptych.provenance.private.errors import (
    BadMasterKey,
    PrivateErased,
    PrivateMissing,
    PrivateUnusable,
)
from diptych.provenance.private.table.boxes import KEY_BYTES, NONCE_BYTES, lock, unlock
from diptych.provenance.private.table.files import (
    memory_database,
    open_database,
    rewrite,
    store_errors,
)

FILE = "datakeys.sqlite"
_VERSION = 1
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS tables(root BLOB PRIMARY KEY, key BLOB) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS subjects(id INTEGER PRIMARY KEY, root BLOB, tag BLOB, body BLOB)",
    "CREATE UNIQUE INDEX IF NOT EXISTS found ON subjects(root, tag)",
)
_ADD_SUBJECT = "INSERT INTO subjects(root, tag, body) VALUES(?,?,?)"
_ROW = struct.Struct(">I32s")
_WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + 16
_TAG_BYTES = 16


@dataclass(frozen=True)
class RowKey:
    """Where one row of a subject stands, its block in the tree, and its key."""

    block: int
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class SubjectEntry:
    """One subject of one table; `id` is its row in the key store."""

    id: int
    name: str = field(repr=False)
    rows: tuple[RowKey, ...]


class DataKeys:
    """Keys of private tables.

    Args:
        folder: created with mode 0700.
        master_key: 32 bytes.
        connect: opens the database; replaceable for power-cut tests.

    Raises:
        BadMasterKey: the key is not 32 bytes long.
        PrivateUnusable: the folder or database cannot be used.
    """

    def __init__(
        self, folder: Path, master_key: bytes, *, connect: Connect = connect_sqlite
    ) -> None:
        if len(master_key) != KEY_BYTES:
            raise BadMasterKey(f"got a master key of {len(master_key)} bytes, expected {KEY_BYTES}")
        self.path = folder / FILE
        self._master = AESGCM(master_key)
        self._connection = open_database(self.path, _SCHEMA, _VERSION, connect)

    @classmethod
    def from_bytes(cls, content: bytes, master_key: bytes) -> "DataKeys":
        """Open a copy of a key store in memory; nothing of it touches the disk.

        Raises:
            PrivateUnusable: it is no key store that this version can read.
        """
        copy = object.__new__(cls)
        copy.path = Path(FILE)
        copy._master = AESGCM(master_key)
        copy._connection = memory_database(content, _VERSION)
        return copy

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def add_table(
        self, root: bytes, table_key: bytes, subjects: Iterable[tuple[str, Sequence[RowKey]]]
    ) -> int:
        """Keep the keys of a new table durably; return the number of subjects."""
        entries = [
            (root, subject_tag(table_key, name), self._seal_subject(root, name, rows))
            for name, rows in subjects
        ]
        secrets.SystemRandom().shuffle(entries)  # their order says nothing about the file's
        wrapped = lock(self._master, table_key, _label(root, b"table"))
        with store_errors(self.path), transaction(self._connection):
            self._connection.execute("INSERT INTO tables VALUES(?,?)", (root, wrapped))
            self._connection.executemany(_ADD_SUBJECT, entries)
        return len(entries)

    def add_subjects(self, root: bytes, subjects: Iterable[tuple[str, Sequence[RowKey]]]) -> None:
        """Keep further subjects of a table durably."""
        key = self.table_key(root)
        entries = [
            (root, subject_tag(key, name), self._seal_subject(root, name, rows))
            for name, rows in subjects
        ]
        with store_errors(self.path), transaction(self._connection):
            self._connection.executemany(_ADD_SUBJECT, entries)

    def was_forgotten(self, root: bytes) -> bool:
        """Tell whether a table was erased here as a whole."""
        row = self._row("SELECT key IS NULL FROM tables WHERE root=?", (root,))
        return row is not None and bool(row[0])

    def table_key(self, root: bytes) -> bytes:
        """Return the key of a table.

        Raises:
            PrivateMissing: no such table was sealed here.
            PrivateErased: the table was erased as a whole.
            PrivateLocked: the master key is another.
        """
        row = self._row("SELECT key FROM tables WHERE root=?", (root,))
        if row is None:
            raise PrivateMissing(f"no private table with root {root.hex()} is kept here")
        if row[0] is None:
            raise PrivateErased(f"the private table with root {root.hex()} was erased")
        return unlock(self._master, row[0], _label(root, b"table"))

    def roots(self) -> list[bytes]:
        """Return the roots of all tables that can still be opened."""
        with store_errors(self.path):
            rows = self._connection.execute("SELECT root FROM tables WHERE key IS NOT NULL")
            return [root for (root,) in rows.fetchall()]

    def find(self, root: bytes, name: str) -> SubjectEntry | None:
        """Return a subject of a table, None if no row of it is left or it never was there."""
        tag = subject_tag(self.table_key(root), name)
        row = self._row("SELECT id, body FROM subjects WHERE root=? AND tag=?", (root, tag))
        return None if row is None else self._open_subject(root, row[0], row[1])

    def subjects(self, root: bytes) -> Iterator[SubjectEntry]:
        """Yield every subject of a table that is left, in no particular order."""
        with store_errors(self.path):
            rows = self._connection.execute(
                "SELECT id, body FROM subjects WHERE root=? ORDER BY id", (root,)
            ).fetchall()
        for row_id, body in rows:
            yield self._open_subject(root, row_id, body)

    def entry(self, root: bytes, entry_id: int) -> SubjectEntry | None:
        """Return the subject of a row of this store, None if it is gone."""
        row = self._row("SELECT body FROM subjects WHERE id=? AND root=?", (entry_id, root))
        return None if row is None else self._open_subject(root, entry_id, row[0])

    def replace(
        self, root: bytes, changes: Sequence[tuple[SubjectEntry, Sequence[RowKey]]]
    ) -> None:
        """Destroy subject keys; subjects that keep rows get a new key for these.

        Args:
            root: the table.
            changes: each subject with the rows that it keeps (none: the subject is forgotten).

        Raises:
            EraseIncomplete: keys are deleted, but another process holds old pages; call `wipe`.
        """
        with store_errors(self.path), transaction(self._connection):
            for entry, rows in changes:
                if rows:
                    body = self._seal_subject(root, entry.name, rows)
                    self._connection.execute(
                        "UPDATE subjects SET body=? WHERE id=?", (body, entry.id)
                    )
                else:
                    self._connection.execute("DELETE FROM subjects WHERE id=?", (entry.id,))

    def forget(self, root: bytes) -> None:
        """Destroy every key of a table; needs no look at the keys. Call `wipe` then."""
        with store_errors(self.path), transaction(self._connection):
            self._connection.execute("DELETE FROM subjects WHERE root=?", (root,))
            self._connection.execute("DELETE FROM tables WHERE root=?", (root,))
            self._connection.execute("INSERT INTO tables VALUES(?,NULL)", (root,))

    def wipe(self) -> None:
        """Leave no deleted byte in the files.

        Raises:
            EraseIncomplete: another process keeps old pages alive; call again.
        """
        rewrite(self._connection, self.path)

    def _row(self, sql: str, parameters: Sequence[object]) -> tuple[bytes, ...] | None:
        with store_errors(self.path):
            found: tuple[bytes, ...] | None = self._connection.execute(sql, parameters).fetchone()
        return found

    def _seal_subject(self, root: bytes, name: str, rows: Sequence[RowKey]) -> bytes:
        key = secrets.token_bytes(KEY_BYTES)
        text = name.encode()
        plain = struct.pack(">I", len(text)) + text
        plain += b"".join(_ROW.pack(row.block, row.key) for row in rows)
        wrapped = lock(self._master, key, _label(root, b"subject"))
        return wrapped + lock(AESGCM(key), plain, _label(root, b"rows"))

    def _open_subject(self, root: bytes, row_id: int | bytes, body: bytes) -> SubjectEntry:
        if not isinstance(row_id, int) or not isinstance(body, bytes):
            raise PrivateUnusable(f"cannot use {self.path}: got a row of another kind")
        key = unlock(self._master, body[:_WRAPPED_BYTES], _label(root, b"subject"))
        plain = unlock(AESGCM(key), body[_WRAPPED_BYTES:], _label(root, b"rows"))
        (length,) = struct.unpack_from(">I", plain)
        rows = tuple(RowKey(*fields) for fields in _ROW.iter_unpack(plain[4 + length :]))
        return SubjectEntry(int(row_id), plain[4 : 4 + length].decode(), rows)


def subject_tag(table_key: bytes, name: str) -> bytes:
    """Return the tag by which a subject of one table is found, 16 bytes."""
    message = b"diptych-table/1 subject " + name.encode()
    return hmac.digest(table_key, message, hashlib.sha256)[:_TAG_BYTES]


def _label(root: bytes, what: bytes) -> bytes:
    return b"diptych-datakeys/1 " + root + what
