"""Names and columns of a store's tables, the same in every database. Pure."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from diptych.index.blocks import BlockRef
from diptych.index.manifest.entity import Entity
from diptych.index.store.store import BLOCK_HASH, FROM, TO, Cursor

if TYPE_CHECKING:
    import pyarrow as pa

META, LINKS, CHILDREN, UNREAD = "_meta", "_links", "_children", "_unread"
FORMAT = 1
_LOG = (
    "block_number log_index transaction_index block_hash transaction_hash address data topic0"
    " topic1 topic2 topic3 event reason"
)
_WHOLE = {"block_number", "log_index", "transaction_index", "number", "timestamp_s"}


class Column(NamedTuple):
    """One column: `type` is `bigint` or `text` for the store's own, else the entity's kind."""

    name: str
    type: str
    nullable: bool = True


def quoted(name: str) -> str:
    """Return a name as SQL takes it whatever it is.

    >>> quoted("from")
    '"from"'
    """
    return '"' + name.replace('"', '""') + '"'


def listed(names: Iterable[str], prefix: str = "") -> str:
    """Return names as a list in SQL.

    >>> listed(["a", "b"], "t.")
    't."a", t."b"'
    """
    return ", ".join(prefix + quoted(one) for one in names)


def own_tables() -> dict[str, list[Column]]:
    """Return the columns of the tables that every store has."""
    return {
        META: _columns("key value"),
        LINKS: _columns("number hash parent_hash timestamp_s"),
        CHILDREN: _columns("contract address block_number"),
        UNREAD: _columns(_LOG),
    }


def versioned(entity: Entity) -> list[str]:
    """Return the names of all columns of an entity's table."""
    return [*(one.name for one in entity.fields), FROM, TO, BLOCK_HASH]


def shown_cursor(cursor: Cursor) -> str:
    """Return a cursor as text; `read_cursor` reads it again."""
    number, hash_, parent_hash, timestamp_s = cursor.block
    place = [str(number), hash_.hex(), parent_hash.hex(), str(timestamp_s)]
    return " ".join([*place, cursor.genesis_hash.hex(), cursor.manifest])


def read_cursor(text: str) -> Cursor:
    """Return what `shown_cursor` wrote."""
    number, hash_, parent_hash, timestamp_s, genesis_hash, manifest = text.split(" ")
    block = BlockRef(
        int(number), bytes.fromhex(hash_), bytes.fromhex(parent_hash), int(timestamp_s)
    )
    return Cursor(block, manifest, bytes.fromhex(genesis_hash))


def links_table(links: Sequence[BlockRef]) -> "pa.Table":
    """Return blocks as rows of `_links`."""
    import pyarrow as pa

    return pa.table(
        {
            "number": pa.array([one.number for one in links], pa.int64()),
            "hash": [one.hash.hex() for one in links],
            "parent_hash": [one.parent_hash.hex() for one in links],
            "timestamp_s": pa.array([one.timestamp_s for one in links], pa.int64()),
        }
    )


def _columns(names: str) -> list[Column]:
    return [Column(one, "bigint" if one in _WHOLE else "text") for one in names.split()]
