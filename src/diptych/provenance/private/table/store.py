"""Ciphertext and tree nodes of private tables: `private/tables.sqlite`; useless without the keys.

Rows are kept by their block in the tree, whose order is random, so that neither a row nor the gap
that an erased one leaves says where it stood in the file that was sealed.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from diptych.core.database import Connect, connect_sqlite, transaction
from diptych.provenance.private.errors import PrivateCorrupt, PrivateMissing
from diptych.provenance.private.table.files import (
    empty_log,
    open_database,
    rewrite,
    store_errors,
)
from diptych_verify.merkle import HASH_BYTES

FILE = "tables.sqlite"
NODES_PER_ROW = 256
REWRITTEN_BYTES = 256 << 20
"""Up to this size the file is written anew after an erasure. Above it, erased rows are overwritten
where they stand; a copy that a page kept of one is ciphertext without a key."""
_VERSION = 1
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS tables(id INTEGER PRIMARY KEY, root BLOB UNIQUE, object TEXT,"
    " blocks INTEGER)",
    "CREATE TABLE IF NOT EXISTS rows(id INTEGER PRIMARY KEY, body BLOB)",
    "CREATE TABLE IF NOT EXISTS nodes(id INTEGER PRIMARY KEY, body BLOB)",
    "CREATE TABLE IF NOT EXISTS erased(id INTEGER PRIMARY KEY AUTOINCREMENT, tbl INTEGER,"
    " block INTEGER, places TEXT, entry INTEGER, instead BLOB, logged INTEGER)",
    "CREATE INDEX IF NOT EXISTS erased_of ON erased(tbl, block)",
)
_SHIFT = 32


@dataclass(frozen=True)
class TableEntry:
    """A sealed table in the store: its number, root, encrypted description, blocks of its tree."""

    id: int
    root: bytes
    object_name: str
    blocks: int


@dataclass(frozen=True)
class Erasing:
    """One row of which something is being or was erased.

    Attributes:
        block: its place in the tree.
        places: erased fields of the row, None for all of it.
        entry: id of its subject in the key store, None once an `erased` record says it is gone.
        instead: the rest of the row under a new key, until it has taken the row's place.
        logged: whether an `erased` record says so.
        id: its row in the store, 0 before it has one.
    """

    block: int
    places: tuple[int, ...] | None = None
    entry: int | None = None
    instead: bytes | None = field(default=None, repr=False)
    logged: bool = False
    id: int = 0


class TableStore:
    """Rows and nodes of private tables.

    Args:
        folder: created with mode 0700.
        connect: opens the database; replaceable for power-cut tests.

    Raises:
        PrivateUnusable: the folder or database cannot be used.
    """

    def __init__(self, folder: Path, *, connect: Connect = connect_sqlite) -> None:
        self.path = folder / FILE
        self._connection = open_database(self.path, _SCHEMA, _VERSION, connect)

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def add(
        self,
        root: bytes,
        object_name: str,
        nodes: Sequence[bytes],
        rows: Iterable[tuple[int, bytes]],
    ) -> None:
        """Keep a new table durably.

        Args:
            root: over the nodes.
            object_name: its encrypted description.
            nodes: one per block.
            rows: (block, sealed row) in ascending order.
        """
        with store_errors(self.path), transaction(self._connection):
            self._connection.execute(
                "INSERT INTO tables VALUES(NULL,?,?,?)", (root, object_name, len(nodes))
            )
            table = self._connection.execute("SELECT last_insert_rowid()").fetchone()[0]
            chunks = (
                (_key(table, at // NODES_PER_ROW), b"".join(nodes[at : at + NODES_PER_ROW]))
                for at in range(0, len(nodes), NODES_PER_ROW)
            )
            self._connection.executemany("INSERT INTO nodes VALUES(?,?)", chunks)
            self._connection.executemany(
                "INSERT INTO rows VALUES(?,?)",
                ((_key(table, block), body) for block, body in rows),
            )
        empty_log(self._connection, self.path)

    def find(self, root: bytes) -> TableEntry:
        """Return a table.

        Raises:
            PrivateMissing: no such table was sealed here.
        """
        with store_errors(self.path):
            row = self._connection.execute(
                "SELECT id, root, object, blocks FROM tables WHERE root=?", (root,)
            ).fetchone()
        if row is None:
            raise PrivateMissing(f"no private table with root {root.hex()} is kept here")
        return TableEntry(*row)

    def nodes(self, table: int) -> list[bytes]:
        """Return the nodes over the blocks of a table, 32 bytes each."""
        with store_errors(self.path):
            rows = self._connection.execute(
                "SELECT body FROM nodes WHERE id>=? AND id<? ORDER BY id", _bounds(table)
            ).fetchall()
        joined = b"".join(body for (body,) in rows)
        return [joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES)]

    def body(self, table: int, block: int) -> bytes:
        """Return one sealed row.

        Raises:
            PrivateCorrupt: it is missing.
        """
        with store_errors(self.path):
            row = self._connection.execute(
                "SELECT body FROM rows WHERE id=?", (_key(table, block),)
            ).fetchone()
        if row is None:
            raise PrivateCorrupt(
                f"block {block} of a private table is missing", hint="diptych restore BACKUP"
            )
        return bytes(row[0])

    def bodies(self, table: int) -> Iterator[tuple[int, bytes]]:
        """Yield (block, sealed row) of all rows of a table that are left."""
        after, end = _key(table, 0) - 1, _key(table + 1, 0)
        while True:
            with store_errors(self.path):
                rows = self._connection.execute(
                    "SELECT id, body FROM rows WHERE id>? AND id<? ORDER BY id LIMIT 1000",
                    (after, end),
                ).fetchall()
            if not rows:
                return
            for row_id, body in rows:
                yield row_id & (1 << _SHIFT) - 1, body
            after = rows[-1][0]

    def begin_erasing(self, table: int, erasing: Sequence[Erasing]) -> None:
        """Note durably what is about to be erased."""
        rows = ((table, one.block, _json(one.places), one.entry, one.instead) for one in erasing)
        with store_errors(self.path), transaction(self._connection):
            self._connection.executemany("INSERT INTO erased VALUES(NULL,?,?,?,?,?,0)", rows)

    def wipe(self, table: int, erasing: Sequence[Erasing]) -> None:
        """Overwrite and delete rows, or put their rest in their place, and leave no copy behind.

        Raises:
            EraseIncomplete: another process keeps old pages alive; erase again.
        """
        whole = [(_key(table, one.block),) for one in erasing if one.places is None]
        rests = [(one.instead, _key(table, one.block)) for one in erasing if one.instead]
        keys = [*whole, *((key,) for _, key in rests)]
        with store_errors(self.path), transaction(self._connection):
            run = self._connection.executemany
            run("UPDATE rows SET body=zeroblob(length(body)) WHERE id=?", keys)
            run("DELETE FROM rows WHERE id=?", whole)
            run("UPDATE rows SET body=? WHERE id=?", rests)
            run("UPDATE erased SET instead=NULL WHERE id=?", [(one.id,) for one in erasing])
        self._leave_nothing()

    def has_erased(self, table: int) -> bool:
        """Tell whether anything of a table was erased."""
        with store_errors(self.path):
            row = self._connection.execute("SELECT 1 FROM erased WHERE tbl=?", (table,)).fetchone()
        return row is not None

    def erased(self, table: int, *, unlogged: bool = False) -> list[Erasing]:
        """Return what was or is being erased of a table, in the order in which it was."""
        only = " AND logged=0" if unlogged else ""
        with store_errors(self.path):
            rows = self._connection.execute(
                "SELECT block, places, entry, instead, logged, id FROM erased"
                f" WHERE tbl=?{only} ORDER BY id",
                (table,),
            ).fetchall()
        return [
            Erasing(block, None if places is None else tuple(json.loads(places)), *rest)
            for block, places, *rest in rows
        ]

    def settle(self, *, logged: Sequence[Erasing] = (), undone: Sequence[Erasing] = ()) -> None:
        """Mark erasures as logged, and forget others that did not happen."""
        with store_errors(self.path), transaction(self._connection):
            run = self._connection.executemany
            run("UPDATE erased SET logged=1, entry=NULL WHERE id=?", [(o.id,) for o in logged])
            run("DELETE FROM erased WHERE id=?", [(one.id,) for one in undone])
        empty_log(self._connection, self.path)

    def drop(self, entry: TableEntry) -> None:
        """Delete all rows and nodes of a table.

        Raises:
            EraseIncomplete: another process keeps old pages alive; erase again.
        """
        with store_errors(self.path), transaction(self._connection):
            for name in ("rows", "nodes"):
                self._connection.execute(
                    f"DELETE FROM {name} WHERE id>=? AND id<?", _bounds(entry.id)
                )
        self._leave_nothing()

    def _leave_nothing(self) -> None:
        if self.path.stat().st_size <= REWRITTEN_BYTES:
            rewrite(self._connection, self.path)
        else:
            empty_log(self._connection, self.path)


def _key(table: int, number: int) -> int:
    return table << _SHIFT | number


def _bounds(table: int) -> tuple[int, int]:
    return _key(table, 0), _key(table + 1, 0)


def _json(places: tuple[int, ...] | None) -> str | None:
    return None if places is None else json.dumps(places)
