"""One digest of all rows of a store, the same for any database and any way to the same rows.

A row is the JSON text of its values in the order of the columns, without spaces: whole numbers and
floats as JSON writes them, amounts as decimal text. Its digest is SHA-256 of that. A table's digest
is SHA-256 of its name, its columns and its row digests in ascending order; so the order in which a
database gives rows does not matter.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from diptych.index.manifest.entity import Entity
from diptych.index.store.store import FROM, QueryLimits, Snapshot
from diptych.index.store.tables import CHILDREN, UNREAD, listed, own_tables, quoted, versioned

if TYPE_CHECKING:
    import pyarrow as pa

_PIECE = 50_000
_LIMITS = QueryLimits(rows=50_000_000, timeout_s=600.0, bytes=4 << 30)
_OWN = {CHILDREN: "block_number", UNREAD: "block_number"}


class StoreDigest(NamedTuple):
    """What a store held at one commit.

    Attributes:
        block: newest indexed block, -1 before the first.
        block_hash: its hash, empty before the first.
        tables: SHA-256 of each table, by name.
    """

    block: int
    block_hash: str
    tables: dict[str, str]

    @property
    def digest(self) -> str:
        """SHA-256 over all of it, in hexadecimal."""
        return hashlib.sha256(_json([self.block, self.block_hash, self.tables])).hexdigest()


def store_digest(seen: Snapshot, entities: Iterable[Entity]) -> StoreDigest:
    """Return the digest of the rows that a store holds, those of past blocks included.

    Args:
        seen: one snapshot, so that all tables are of the same commit.
        entities: its tables; children of factories and undecodable events come with them.

    Raises:
        QueryRefused: the store holds too many rows.
    """
    cursor = seen.cursor()
    columns = {one.table: versioned(one) for one in entities}
    places = dict.fromkeys(columns, FROM) | _OWN
    columns |= {name: [one.name for one in own_tables()[name]] for name in _OWN}
    return StoreDigest(
        block=-1 if cursor is None else cursor.block.number,
        block_hash="" if cursor is None else "0x" + cursor.block.hash.hex(),
        tables={
            name: _table_digest(seen, name, columns[name], places[name]) for name in sorted(columns)
        },
    )


def row_digests(table: "pa.Table", columns: Sequence[str]) -> list[bytes]:
    """Return the digest of each row of a table, in its order."""
    values = zip(*(table.column(name).to_pylist() for name in columns), strict=True)
    return [hashlib.sha256(_json(row)).digest() for row in values]


def _table_digest(seen: Snapshot, name: str, columns: Sequence[str], by: str) -> str:
    digests: list[bytes] = []
    for first, last in _pieces(seen, name, by):
        sql = (
            f"select {listed(columns)} from {quoted(name)}"
            f" where {quoted(by)} >= {first} and {quoted(by)} <= {last}"
        )
        digests += row_digests(seen.query(sql, limits=_LIMITS), columns)
    total = hashlib.sha256(_json([name, list(columns)]))
    for one in sorted(digests):
        total.update(one)
    return total.hexdigest()


def _pieces(seen: Snapshot, name: str, by: str) -> Iterator[tuple[int, int]]:
    """Return ranges of blocks with a bounded number of rows each, where one block allows it."""
    column, table = quoted(by), quoted(name)
    ends = seen.query(f"select min({column}) as a, max({column}) as z from {table}", limits=_LIMITS)
    (row,) = ends.to_pylist()
    waiting = [] if row["a"] is None else [(int(row["a"]), int(row["z"]))]
    while waiting:
        first, last = waiting.pop()
        counted = seen.query(
            f"select count(*) as n from {table} where {column} >= {first} and {column} <= {last}",
            limits=_LIMITS,
        )
        if counted.to_pylist()[0]["n"] <= _PIECE or first == last:
            yield first, last
            continue
        middle = (first + last) // 2
        waiting += [(middle + 1, last), (first, middle)]


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
