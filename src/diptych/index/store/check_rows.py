"""What the conformance suite of stores puts into them."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from diptych.index.blocks import BlockRef
from diptych.index.manifest.entity import Entity, Field
from diptych.index.manifest.kinds import KINDS, TOTAL, Address, Int256, Uint256
from diptych.index.store.store import Commit, Cursor
from diptych.index.store.tables import own_tables, versioned

if TYPE_CHECKING:
    import pyarrow as pa

MOST = 10**78 - 1
"""Greatest number of 78 digits; 2**256 has as many."""
_GENESIS = bytes([7]) * 32

TRANSFER = Entity(
    "Transfer",
    (
        Field("id", KINDS[str]),
        Field("value", KINDS[Uint256]),
        Field("note", KINDS[str], nullable=True),
        Field("rate", KINDS[float], nullable=True),
        Field("is_mint", KINDS[bool]),
    ),
    ("id",),
    immutable=True,
)
BALANCE = Entity(
    "Balance",
    (Field("account", KINDS[Address]), Field("amount", KINDS[Int256], fold=TOTAL)),
    ("account",),
)
SLOT = Entity(
    "Select",
    (
        Field("order", KINDS[Uint256]),
        Field("from", KINDS[str]),
        Field("group", KINDS[int]),
        Field("user", KINDS[str], nullable=True),
    ),
    ("order", "from", "group"),
)
"""A table and columns whose names are words of SQL, and a key of an amount, a text and a number."""
ENTITIES = (TRANSFER, BALANCE, SLOT)


def block(number: int, branch: int = 0) -> BlockRef:
    """Return a block of a branch."""
    made = [hashlib.sha256(b"%d %d" % (one, branch)).digest() for one in (number, number - 1)]
    return BlockRef(number, made[0], made[1], 1_600_000_000 + number)


def version(number: int, end: int | None = None, **values: object) -> Any:
    """Return a row that begins in a block and ends before another."""
    return {**values, "_from": number, "_to": end, "_block_hash": "0x" + block(number).hash.hex()}


def rows_of(entity: Entity, rows: Sequence[Mapping[str, Any]]) -> "pa.Table":
    """Return rows as a table of versions."""
    import pyarrow as pa

    types = {one.name: pa.type_for_alias(one.kind.arrow) for one in entity.fields}
    types |= {"_from": pa.int64(), "_to": pa.int64(), "_block_hash": pa.string()}
    columns = {
        name: pa.array([row[name] for row in rows], types[name]) for name in versioned(entity)
    }
    return pa.table(columns)


def ends_of(entity: Entity, rows: Sequence[Mapping[str, Any]]) -> "pa.Table":
    """Return keys and `_to` of versions that end."""
    import pyarrow as pa

    columns = {"_to": pa.array([row["_to"] for row in rows], pa.int64())}
    for name in entity.keys:
        type_ = pa.type_for_alias(entity.field(name).kind.arrow)
        columns[name] = pa.array([row[name] for row in rows], type_)
    return pa.table(columns)


def keys_of(entity: Entity, keys: Sequence[tuple[Any, ...]]) -> "pa.Table":
    """Return keys as `Store.current` takes them."""
    import pyarrow as pa

    columns = {}
    for place, name in enumerate(entity.keys):
        type_ = pa.type_for_alias(entity.field(name).kind.arrow)
        columns[name] = pa.array([key[place] for key in keys], type_)
    return pa.table(columns)


def unread_of(number: int) -> "pa.Table":
    """Return an event that could not be decoded."""
    import pyarrow as pa

    whole = {"block_number": number, "log_index": 0, "transaction_index": 0}
    raw = {"address": b"\x01" * 20, "data": b"\xff\x00", "event": "E", "reason": "too short"}
    names = [one.name for one in own_tables()["_unread"]]
    columns = {name: [{**whole, **raw}.get(name)] for name in names}
    texts = {one: pa.array([None], pa.binary(32)) for one in names if columns[one] == [None]}
    places = {one: pa.array([0], pa.int32()) for one in ("log_index", "transaction_index")}
    return pa.table({**columns, **texts, **places})


def step(number: int, branch: int = 0, **given: Any) -> Commit:
    """Return a commit that ends with a block."""
    at = block(number, branch)
    return Commit(Cursor(at, "manifest", _GENESIS), links=(at,), **given)


def transfer(number: int, id_: str, value: str, **more: object) -> Any:
    """Return a row of `TRANSFER`."""
    given = {"id": id_, "value": value, "note": None, "rate": None, "is_mint": number % 2 == 0}
    return {**version(number), **given, **more}


def first() -> Commit:
    """Return a step that ends with block 10."""
    slot = {**version(10), "order": str(MOST), "from": "a", "group": 1, "user": "first"}
    made = {
        "Transfer": rows_of(TRANSFER, [transfer(10, "10-0", "5"), transfer(9, "9-1", "9")]),
        "Balance": rows_of(
            BALANCE,
            [version(10, account="0x0a", amount="5"), version(10, account="0x0b", amount="9")],
        ),
        "Select": rows_of(SLOT, [slot]),
    }
    return step(10, versions=made)


def second() -> Commit:
    """Return block 11: a transfer back, and an event that could not be decoded."""
    made = {
        "Transfer": rows_of(TRANSFER, [transfer(11, "11-0", "10", note="back")]),
        "Balance": rows_of(BALANCE, [version(11, account="0x0a", amount="-5")]),
    }
    return step(
        11,
        versions=made,
        closed={"Balance": ends_of(BALANCE, [{"account": "0x0a", "_to": 11}])},
        unread=unread_of(11),
    )


def third() -> Commit:
    """Return a step of several blocks: a version begins and ends in it, one ends for good."""
    balances = [
        version(12, 13, account="0x0a", amount="1"),
        version(13, None, account="0x0a", amount="2"),
    ]
    ends = [{"order": str(MOST), "from": "a", "group": 1, "_to": 13}]
    return step(
        13,
        versions={"Balance": rows_of(BALANCE, balances)},
        closed={
            "Balance": ends_of(BALANCE, [{"account": "0x0a", "_to": 12}]),
            "Select": ends_of(SLOT, ends),
        },
    )
