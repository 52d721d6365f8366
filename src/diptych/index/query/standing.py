"""Rows as they stood at a block, piece by piece."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from diptych.core.errors import UsageError
from diptych.index.manifest.entity import Entity
from diptych.index.store.store import BLOCK_HASH, FROM, TO, QueryLimits
from diptych.index.store.tables import listed, quoted

if TYPE_CHECKING:
    import pyarrow as pa

_PIECE = 50_000
_LIMITS = QueryLimits(rows=50_000_000, timeout_s=600.0)


class NotIndexed(UsageError):
    """A state is asked for at a block that the index has not reached."""

    code = "Index.NotIndexed"


class Asked(Protocol):
    """What answers one SELECT: a snapshot of a store."""

    def query(
        self, sql: str, parameters: tuple[object, ...] = (), *, limits: QueryLimits | None = None
    ) -> "pa.Table":
        """Answer one SELECT."""
        ...


def columns_of(entity: Entity) -> list[str]:
    """Return the columns of a row that stands: the entity's, `_from` and `_block_hash`."""
    return [*(one.name for one in entity.fields), FROM, BLOCK_HASH]


def standing(seen: Asked, entity: Entity, block: int) -> Iterator["pa.Table"]:
    """Yield the rows that stood at a block, in no order.

    Args:
        seen: one snapshot.
        entity: whose rows.
        block: at which they stood; not later than the newest that is indexed.
    """
    stood = f"{FROM} <= {block} and ({TO} is null or {TO} > {block})"
    table, columns = quoted(entity.table), listed(columns_of(entity))
    ends = seen.query(
        f"select min({FROM}) as a, max({FROM}) as z from {table} where {stood}", limits=_LIMITS
    )
    (row,) = ends.to_pylist()
    waiting = [] if row["a"] is None else [(int(row["a"]), int(row["z"]))]
    while waiting:
        first, last = waiting.pop()
        there = f"from {table} where {FROM} between {first} and {last} and {stood}"
        counted = seen.query(f"select count(*) as n {there}", limits=_LIMITS).to_pylist()[0]["n"]
        if int(counted) > _PIECE and first < last:
            middle = (first + last) // 2
            waiting += [(middle + 1, last), (first, middle)]
        elif counted:
            yield seen.query(f"select {columns} {there}", limits=_LIMITS)
