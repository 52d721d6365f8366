"""The usage store: uses in SQLite, durable when `append` returns, summed up under one root.

A root covers everything since the beginning, so that one proof shows a licensee's whole total. Uses
are sorted into their licensees' trees when a root is made, in the order in which they were stored.
"""

import os
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from diptych.core.database import (
    Connect,
    Connection,
    connect_secret,
    make_durable,
    transaction,
)
from diptych.core.errors import EnvironmentFault
from diptych.core.files import DiskFull
from diptych.models.usage.packed import node_at, rank
from diptych.models.usage.record import UsageRecord, require_valid
from diptych.models.usage.rooting import UsageRoot, make_root, rebuild_nodes, stored_hashes
from diptych.models.usage.schema import SCHEMA, prepare
from diptych.models.usage.tree import gap_proof, total_proof
from diptych_verify.merkle import Frontier
from diptych_verify.usage import LicenseeTotal, Span, UsageProof, licensee_key


class UsageStoreFault(EnvironmentFault):
    """The usage store cannot be read or written, or is of a newer version."""

    code = "Usage.StoreFault"


@dataclass(frozen=True)
class Taken:
    """What came out of a spool file at once: uses, bytes that they fill, lines that are damaged."""

    count: int = 0
    read: int = 0
    damaged: int = 0


class UsageStore:
    """One usage store; use as a context manager, from one thread.

    Args:
        path: made if missing, readable by its owner only.
        connect: opens the database.

    Raises:
        UsageStoreFault: the file cannot be opened.
    """

    def __init__(self, path: Path, *, connect: Connect = connect_secret) -> None:
        self._path = path
        self._ids: dict[str, int] = {}
        try:
            self._connection: Connection = connect(path)
            make_durable(self._connection)
            version = prepare(self._connection, lambda: rebuild_nodes(self._connection))
        except (sqlite3.Error, OSError) as error:
            raise self._fault(error) from error
        if version != SCHEMA:
            raise UsageStoreFault(f"{path}: got schema {version}, expected {SCHEMA}")

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
        self._connection.close()

    def append(self, records: Sequence[UsageRecord]) -> None:
        """Store uses; when this returns they survive a power cut, all of them.

        Raises:
            BadUsage: one of them is invalid; none is stored.
            DiskFull: no space left; none is stored.
            UsageStoreFault: the file cannot be written; none is stored.
        """
        for record in records:
            require_valid(record)
        try:
            with transaction(self._connection):
                self._insert(records)
        except sqlite3.Error as error:
            self._ids.clear()
            raise self._fault(error) from error

    def take(
        self, path: Path, read: Callable[[int], tuple[Sequence[UsageRecord], int, int]]
    ) -> Taken:
        """Store the next uses of a spool file, and how far it was read, together.

        Args:
            path: the file; gone means that somebody else took it in to its end.
            read: gets the bytes taken so far; returns valid uses, bytes read, damaged lines.

        Raises:
            UsageStoreFault: the store cannot be written; nothing was taken.
        """
        try:
            with transaction(self._connection):
                if not os.path.lexists(path):
                    return Taken()
                row = self._connection.execute(
                    "SELECT taken FROM spool WHERE name=?", (path.name,)
                ).fetchone()
                taken = int(row[0]) if row is not None else 0
                records, size, damaged = read(taken)
                self._insert(records)
                self._connection.execute(
                    "INSERT OR REPLACE INTO spool VALUES (?,?)", (path.name, taken + size)
                )
        except sqlite3.Error as error:
            self._ids.clear()
            raise self._fault(error) from error
        return Taken(len(records), size, damaged)

    def forget(self, path: Path) -> None:
        """Forget how far a spool file was read, once it is gone."""
        with transaction(self._connection):
            if not os.path.lexists(path):
                self._connection.execute("DELETE FROM spool WHERE name=?", (path.name,))

    def count(self, licensee: str = "", asset: str = "") -> tuple[int, int]:
        """Return records and units so far, of one licensee or asset if given; not proven."""
        wanted = [(name, text) for name, text in (("licensee", licensee), ("asset", asset)) if text]
        where = " AND ".join(f"{name}=(SELECT id FROM word WHERE text=?)" for name, _ in wanted)
        sql = "SELECT count(*), coalesce(sum(units), 0) FROM use" + (
            f" WHERE {where}" if where else ""
        )
        row = self._connection.execute(sql, [text for _, text in wanted]).fetchone()
        return int(row[0]), int(row[1])

    def newest_root(self) -> UsageRoot | None:
        """Return the newest root, None before the first."""
        row = self._connection.execute("SELECT * FROM root ORDER BY id DESC LIMIT 1").fetchone()
        return None if row is None else UsageRoot(*row)

    def pending(self) -> int:
        """Return how many uses no root covers yet."""
        root = self.newest_root()
        row = self._connection.execute(
            "SELECT count(*) FROM use WHERE id>?", (root.upto if root else 0,)
        ).fetchone()
        return int(row[0])

    def make_root(self) -> UsageRoot | None:
        """Bring every use under one root; None if no use is new since the last one.

        Raises:
            UsageStoreFault: the file cannot be read or written; the old root stays.
        """
        try:
            with transaction(self._connection):
                return make_root(self._connection, self.newest_root())
        except sqlite3.Error as error:
            raise self._fault(error) from error

    def logged(self, root: UsageRoot, record: str) -> None:
        """Note that a root stands in the log as `record` (hex)."""
        with transaction(self._connection):
            self._connection.execute("UPDATE root SET record=? WHERE id=?", (record, root.number))

    def assets(self, root: UsageRoot) -> list[str]:
        """Return the hex record ids of all assets whose uses are new under a root, sorted."""
        before = self._connection.execute(
            "SELECT coalesce(max(upto), 0) FROM root WHERE id<?", (root.number,)
        ).fetchone()[0]
        rows = self._connection.execute(
            "SELECT DISTINCT text FROM use JOIN word ON word.id=asset WHERE use.id>? AND use.id<=?",
            (before, root.upto),
        )
        return sorted(text for (text,) in rows)

    def proof(self, licensee: str) -> UsageProof:
        """Prove a licensee's total under the newest root; zero if it stands nowhere."""
        position = rank(self._connection, licensee_key(licensee))
        row = self._connection.execute(
            "SELECT count, units, frontier, last, last_proof FROM total"
            " WHERE licensee=(SELECT id FROM word WHERE text=?)",
            (licensee,),
        ).fetchone()
        if row is None:
            return gap_proof(self._node, licensee, position)
        count, units, frontier, last, path = row
        total = LicenseeTotal(
            licensee, count, units, Frontier(count, stored_hashes(frontier)).root()
        )
        return total_proof(self._node, total, position, (last, stored_hashes(path)))

    def _node(self, level: int, position: int) -> Span | None:
        return node_at(self._connection, level, position)

    def _insert(self, records: Sequence[UsageRecord]) -> None:
        self._learn({text for r in records for text in (r.licensee, r.asset, r.action)})
        ids = self._ids
        self._connection.executemany(
            "INSERT INTO use (licensee, asset, action, time, units) VALUES (?,?,?,?,?)",
            ((ids[r.licensee], ids[r.asset], ids[r.action], r.time_s, r.units) for r in records),
        )

    def _learn(self, texts: set[str]) -> None:
        new = sorted(texts - self._ids.keys())
        if not new:
            return
        self._connection.executemany(
            "INSERT OR IGNORE INTO word (text) VALUES (?)", [(text,) for text in new]
        )
        for text in new:
            row = self._connection.execute("SELECT id FROM word WHERE text=?", (text,)).fetchone()
            self._ids[text] = int(row[0])

    def _fault(self, error: Exception) -> EnvironmentFault:
        if "full" in str(error):
            return DiskFull(f"no space left while writing {self._path}", hint="free disk space")
        return UsageStoreFault(f"cannot use {self._path}: {error}")
