"""Columns that ready-made manifests share. Pure."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

NOBODY = "0x" + "0" * 40
"""The zero address: tokens come from it when they are minted, and go to it when they are burnt."""


def identified(events: "pa.Table") -> "pa.ChunkedArray":
    """Return `<block>-<log index>` of each event."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pa.string()
    return pc.binary_join_element_wise(
        events["_block"].cast(text), events["_log_index"].cast(text), "-"
    )


def rows_of(events: "pa.Table", **columns: str) -> "pa.Table":
    """Return rows of an immutable entity: id, timestamp, transaction, and columns by event's name.

    Args:
        events: one event each row.
        columns: by name of the field the name of the event's column.
    """
    import pyarrow as pa

    own = {
        "id": identified(events),
        "timestamp": events["_timestamp"],
        "transaction": events["_transaction"],
    }
    return pa.table({**own, **{field: events[name] for field, name in columns.items()}})


def negative(amounts: "pa.ChunkedArray") -> "pa.ChunkedArray":
    """Return decimal texts of whole numbers above or equal 0 with a minus."""
    import pyarrow.compute as pc

    return pc.if_else(pc.equal(amounts, "0"), "0", pc.binary_join_element_wise("-", amounts, ""))


def places(events: "pa.Table") -> "pa.Array":
    """Return the index of each event, for the column `_event`."""
    import pyarrow as pa

    return pa.array(range(events.num_rows), pa.int64())


def same(value: object, events: "pa.Table", type_: str = "int64") -> "pa.Array":
    """Return one value for each event."""
    import pyarrow as pa

    return pa.repeat(pa.scalar(value, pa.type_for_alias(type_)), events.num_rows)


def both_sides(moves: "pa.Table", *keys: str) -> "pa.Table":
    """Return what sender and receiver lost and won; the zero address has no balance.

    Args:
        moves: columns `from`, `to`, `value` (decimal text), `_event`, and the keys.
        keys: further key columns of the balance.

    Returns:
        The keys, `account`, `amount` and `_event`.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    sides = (("from", negative(moves["value"])), ("to", moves["value"]))
    return pa.concat_tables(
        pa.table(
            {
                **{name: moves[name] for name in keys},
                "account": moves[side],
                "amount": amount,
                "_event": moves["_event"],
            }
        ).filter(pc.not_equal(moves[side], NOBODY))
        for side, amount in sides
    )


def supply(moves: "pa.Table", *keys: str, counted: str) -> "pa.Table":
    """Return what was minted and burnt, and one move each.

    Args:
        moves: as for `both_sides`.
        keys: key columns.
        counted: name of the field that counts moves.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    minted = pc.if_else(pc.equal(moves["from"], NOBODY), moves["value"], "0")
    burnt = pc.if_else(pc.equal(moves["to"], NOBODY), negative(moves["value"]), "0")
    return pa.concat_tables(
        pa.table(
            {
                **{name: moves[name] for name in keys},
                "supply": amount,
                counted: same(count, moves),
                "_event": moves["_event"],
            }
        )
        for amount, count in ((minted, 1), (burnt, 0))
    )


def moves_of(
    events: "pa.Table", values: "pa.ChunkedArray | pa.Array", **more: "pa.ChunkedArray"
) -> "pa.Table":
    """Return moves for `both_sides` and `supply` of transfers, one each."""
    import pyarrow as pa

    return pa.table(
        {
            "token": events["_address"],
            "from": events["from"],
            "to": events["to"],
            "value": values,
            "_event": places(events),
            **more,
        }
    )
