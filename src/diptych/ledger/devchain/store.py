"""The block store: what the chain consists of, whatever happens to anvil.

Life of a block: `intend` (number, time and ordered transactions are on disk, hash unknown), anvil
mines, `seal` (hash on disk). Only then is anything acknowledged. Each row carries a checksum, so a
damaged row is told apart from a replay that went another way.
"""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from diptych.core.database import (
    Connect,
    Connection,
    connect_sqlite,
    make_durable,
    transaction,
)
from diptych.ledger.devchain.errors import NewerFormat, NotCreated, StoreCorrupt, StoreFailed
from diptych.ledger.devchain.genesis import ChainSpec, parse_spec

FORMAT = 1
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS blocks(number INTEGER PRIMARY KEY, time_s INTEGER NOT NULL,"
    " hash BLOB, transactions BLOB NOT NULL, checksum BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS pending(position INTEGER PRIMARY KEY, raw BLOB NOT NULL)",
)


@dataclass(frozen=True)
class StoredBlock:
    """One block as it must be mined again.

    Attributes:
        number: height, from 1; genesis is not stored.
        time_s: its timestamp, seconds since the epoch.
        raws: signed transactions in block order.
        block_hash: 32 bytes, or None for an intent that was never sealed.
    """

    number: int
    time_s: int
    raws: tuple[bytes, ...]
    block_hash: bytes | None

    def checksum(self, packed: bytes) -> bytes:
        """Return SHA-256 over all fields; `packed` is `pack(self.raws)`."""
        head = self.number.to_bytes(8, "big") + self.time_s.to_bytes(8, "big")
        sealed = b"\x01" + self.block_hash if self.block_hash is not None else b"\x00"
        return hashlib.sha256(head + sealed + packed).digest()


def pack(raws: Sequence[bytes]) -> bytes:
    """Join transactions, each after its 4-byte big-endian length."""
    return b"".join(len(raw).to_bytes(4, "big") + raw for raw in raws)


def unpack(packed: bytes) -> tuple[bytes, ...]:
    """Undo `pack`.

    Raises:
        StoreCorrupt: lengths and bytes do not fit.

    >>> unpack(pack([b"a", b""]))
    (b'a', b'')
    """
    raws, at = [], 0
    while at < len(packed):
        end = at + 4 + int.from_bytes(packed[at : at + 4], "big")
        if end > len(packed):
            raise StoreCorrupt("a block's transactions are cut short")
        raws.append(packed[at + 4 : end])
        at = end
    return tuple(raws)


class BlockStore:
    """Blocks and waiting transactions in SQLite (WAL, synchronous=FULL); one thread at a time."""

    def __init__(self, connection: Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        with self._reading():
            self.spec = self._load_spec()

    @classmethod
    def create(cls, path: Path, spec: ChainSpec, *, connect: Connect = connect_sqlite) -> Self:
        """Create the store of a new chain.

        Raises:
            StoreFailed: the file cannot be written.
        """
        connection = connect(path)
        try:
            make_durable(connection)
            with transaction(connection):
                for statement in _SCHEMA:
                    connection.execute(statement)
                connection.executemany(
                    "INSERT INTO meta VALUES(?,?)",
                    [("format", str(FORMAT)), ("spec", spec.to_json())],
                )
        except sqlite3.Error as error:
            connection.close()
            raise _store_failed(path, error) from error
        return cls(connection, path)

    @classmethod
    def open(cls, path: Path, *, connect: Connect = connect_sqlite, writing: bool = True) -> Self:
        """Open an existing store.

        Raises:
            NotCreated: there is none.
            NewerFormat: a newer version wrote it.
            StoreCorrupt: it is no readable store.
        """
        if not path.is_file():
            raise NotCreated(f"no embedded chain in {path.parent}", hint="diptych chain up")
        connection = connect(path)
        try:
            if writing:
                make_durable(connection)
            return cls(connection, path)
        except sqlite3.Error as error:
            connection.close()
            raise _corrupt(path, error) from error
        except BaseException:
            connection.close()
            raise

    def _load_spec(self) -> ChainSpec:
        meta = dict(self._connection.execute("SELECT key, value FROM meta").fetchall())
        found = meta.get("format", "")
        if found.isdigit() and int(found) > FORMAT:
            raise NewerFormat(
                f"{self._path}: got format {found}, expected at most {FORMAT}",
                hint="pip install --upgrade diptych",
            )
        if found != str(FORMAT) or "spec" not in meta:
            raise StoreCorrupt(f"{self._path}: format or genesis is missing")
        return parse_spec(meta["spec"])

    def intend(self, block: StoredBlock) -> None:
        """Put a block on disk before it is mined.

        Raises:
            StoreFailed: it could not be written; nothing changed.
        """
        packed = pack(block.raws)
        row = (block.number, block.time_s, None, packed, block.checksum(packed))
        with self._writing():
            self._connection.execute("INSERT OR REPLACE INTO blocks VALUES(?,?,?,?,?)", row)

    def seal(self, block: StoredBlock, waiting: Sequence[bytes]) -> None:
        """Put a mined block's hash and final transactions on disk.

        Args:
            block: with its hash, and the transactions that it includes.
            waiting: accepted transactions that it does not include; replaces the earlier list.

        Raises:
            StoreFailed: it could not be written; the intent stands as it was.
        """
        packed = pack(block.raws)
        row = (block.block_hash, packed, block.checksum(packed), block.number)
        with self._writing():
            self._connection.execute(
                "UPDATE blocks SET hash=?, transactions=?, checksum=? WHERE number=?", row
            )
            self._replace_waiting(waiting)

    def keep_waiting(self, waiting: Sequence[bytes]) -> None:
        """Replace the list of accepted transactions that no block includes yet.

        Raises:
            StoreFailed: it could not be written.
        """
        with self._writing():
            self._replace_waiting(waiting)

    def drop_intent(self) -> bool:
        """Forget a block that was never sealed, hence never acknowledged.

        Returns:
            Whether there was one.

        Raises:
            StoreFailed: it could not be written.
        """
        with self._writing():
            rows = self._connection.execute("SELECT number FROM blocks WHERE hash IS NULL")
            found = bool(rows.fetchall())
            self._connection.execute("DELETE FROM blocks WHERE hash IS NULL")
        return found

    def _replace_waiting(self, waiting: Sequence[bytes]) -> None:
        self._connection.execute("DELETE FROM pending")
        self._connection.executemany("INSERT INTO pending(raw) VALUES(?)", [(r,) for r in waiting])

    def waiting(self) -> tuple[bytes, ...]:
        """Return accepted transactions that no block includes, oldest first."""
        with self._reading():
            rows = self._connection.execute("SELECT raw FROM pending ORDER BY position").fetchall()
        raws = tuple(row[0] for row in rows)
        if not all(isinstance(raw, bytes) for raw in raws):
            raise StoreCorrupt(f"{self._path}: a waiting transaction is damaged")
        return raws

    def head_number(self) -> int:
        """Return the height of the newest block, 0 for genesis only."""
        with self._reading():
            row = self._connection.execute("SELECT max(number) FROM blocks").fetchone()
        return int(row[0] or 0)

    def block(self, number: int) -> StoredBlock | None:
        """Return one block, None when there is none of that number."""
        return next(self.blocks(number, number), None)

    def blocks(self, first: int, last: int) -> Iterator[StoredBlock]:
        """Yield the blocks `first..last` that exist, checked, in order.

        Raises:
            StoreCorrupt: a row is damaged, or a number is missing between two rows.
        """
        expected: int | None = None
        sql = "SELECT * FROM blocks WHERE number BETWEEN ? AND ? ORDER BY number"
        with self._reading():
            for row in self._connection.execute(sql, (first, last)):
                block = self._block(row)
                if expected not in (None, block.number):
                    raise StoreCorrupt(f"{self._path}: block {expected} is missing")
                expected = block.number + 1
                yield block

    def _block(self, row: tuple[int, int, bytes | None, bytes, bytes]) -> StoredBlock:
        number, time_s, block_hash, packed, checksum = row
        try:
            block = StoredBlock(number, time_s, unpack(packed), block_hash)
            intact = block.checksum(packed) == checksum
        except (TypeError, OverflowError, AttributeError):
            intact = False
        if not intact:
            raise StoreCorrupt(
                f"{self._path}: block {number} is damaged (checksum differs)",
                hint="restore the folder from a backup, or `diptych chain reset`",
            )
        return block

    def hashes(self, last: int) -> list[tuple[int, bytes]]:
        """Return (number, hash) of the sealed blocks up to `last`, in order."""
        sql = "SELECT number, hash FROM blocks WHERE number<=? AND hash NOT NULL ORDER BY number"
        with self._reading():
            rows = self._connection.execute(sql, (last,)).fetchall()
        return [(int(number), bytes(block_hash)) for number, block_hash in rows]

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with transaction(self._connection):
                yield
        except sqlite3.Error as error:
            raise _store_failed(self._path, error) from error

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _corrupt(self._path, error) from error


def _store_failed(path: Path, error: sqlite3.Error) -> StoreFailed:
    full = getattr(error, "sqlite_errorname", "") == "SQLITE_FULL" or "is full" in str(error)
    return StoreFailed(
        f"cannot write {path}: {'the disk is full' if full else error}; nothing was acknowledged",
        hint="free disk space and send again" if full else "check the disk and its permissions",
    )


def _corrupt(path: Path, error: sqlite3.Error) -> StoreCorrupt:
    return StoreCorrupt(
        f"{path} cannot be read: {error}",
        hint="restore the folder from a backup, or `diptych chain reset`",
    )
