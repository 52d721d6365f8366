"""What a store holds: how far it is, and how many rows stand in each table."""

from collections.abc import Sequence
from dataclasses import dataclass

from diptych.index.manifest.entity import Entity
from diptych.index.store.digest import store_digest
from diptych.index.store.store import Snapshot
from diptych.index.store.tables import UNREAD, quoted


@dataclass(frozen=True)
class Held:
    """What a store holds.

    Attributes:
        block: newest block that is indexed, -1 before the first.
        block_hash: its hash, 0x text.
        timestamp_s: its time.
        rows: rows that stand now, by table.
        unread: events that could not be decoded.
        digest: SHA-256 over all rows, None if it was not asked for.
    """

    block: int
    block_hash: str
    timestamp_s: int
    rows: dict[str, int]
    unread: int
    digest: str | None = None


def held(seen: Snapshot, entities: Sequence[Entity], *, digest: bool = False) -> Held:
    """Return what a store holds.

    Args:
        seen: the store.
        entities: its tables.
        digest: whether to digest all its rows, which reads every one.
    """
    cursor = seen.cursor()
    rows = {}
    for one in entities:
        standing = "" if one.immutable else " where _to is null"
        rows[one.table] = _count(seen, f"{quoted(one.table)}{standing}")
    return Held(
        block=-1 if cursor is None else cursor.block.number,
        block_hash="" if cursor is None else "0x" + cursor.block.hash.hex(),
        timestamp_s=0 if cursor is None else cursor.block.timestamp_s,
        rows=rows,
        unread=_count(seen, UNREAD),
        digest=store_digest(seen, entities).digest if digest else None,
    )


def _count(seen: Snapshot, what: str) -> int:
    return int(seen.rows(f"select count(*) from {what}")[0][0])
