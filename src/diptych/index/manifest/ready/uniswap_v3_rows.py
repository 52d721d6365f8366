"""Rows of Uniswap v3's events. Pure."""

import pyarrow as pa
import pyarrow.compute as pc

from diptych.index.manifest.ready.columns import negative, places, rows_of
from diptych.index.manifest.ready.ratios import price_of_root
from diptych.index.manifest.ready.uniswap_v3 import (
    Burn,
    Collect,
    Mint,
    Pool,
    Position,
    Price,
    Swap,
    Tick,
)

_RANGE = {"tick_lower": "tickLower", "tick_upper": "tickUpper"}
_AMOUNTS = {"amount0": "amount0", "amount1": "amount1"}


def created(events: pa.Table) -> dict[type, object]:
    """Return new pools."""
    columns = {
        "id": "pool",
        "factory": "_address",
        "token0": "token0",
        "token1": "token1",
        "fee": "fee",
        "tick_spacing": "tickSpacing",
        "created_at": "_timestamp",
        "created_in": "_block",
    }
    return {Pool: pa.table({field: events[name] for field, name in columns.items()})}


def initialized(events: pa.Table) -> dict[type, object]:
    """Return first prices; there is no liquidity yet."""
    return {Price: _prices(events, pa.nulls(events.num_rows, pa.string()))}


def swapped(events: pa.Table) -> dict[type, object]:
    """Return swaps and the prices after them."""
    rows = rows_of(
        events,
        pool="_address",
        sender="sender",
        receiver="recipient",
        sqrt_price_x96="sqrtPriceX96",
        liquidity="liquidity",
        tick="tick",
        **_AMOUNTS,
    )
    for n in "01":
        size = pc.utf8_ltrim(events[f"amount{n}"], characters="-")
        rows = rows.append_column(f"volume{n}", size)
    return {Swap: rows, Price: _prices(events, events["liquidity"])}


def minted(events: pa.Table) -> dict[type, object]:
    """Return liquidity put in."""
    rows = rows_of(
        events,
        pool="_address",
        sender="sender",
        owner="owner",
        amount="amount",
        **_RANGE,
        **_AMOUNTS,
    )
    return {Mint: rows, **_liquidity(events, events["amount"], negative(events["amount"]))}


def burnt(events: pa.Table) -> dict[type, object]:
    """Return liquidity taken out."""
    rows = rows_of(events, pool="_address", owner="owner", amount="amount", **_RANGE, **_AMOUNTS)
    return {Burn: rows, **_liquidity(events, negative(events["amount"]), events["amount"])}


def collected(events: pa.Table) -> dict[type, object]:
    """Return what was paid out."""
    rows = rows_of(
        events, pool="_address", owner="owner", receiver="recipient", **_RANGE, **_AMOUNTS
    )
    return {Collect: rows}


def _prices(events: pa.Table, liquidity: pa.Array) -> pa.Table:
    roots = events["sqrtPriceX96"]
    prices = [price_of_root(int(one)) for one in roots.to_pylist()]
    return pa.table(
        {
            "pool": events["_address"],
            "sqrt_price_x96": roots,
            "tick": events["tick"],
            "price": pa.array(prices, pa.string()),
            "liquidity": liquidity,
            "updated_at": events["_timestamp"],
        }
    )


def _liquidity(
    events: pa.Table, change: pa.ChunkedArray, opposite: pa.ChunkedArray
) -> dict[type, object]:
    """Return what a change of liquidity does to its position and to both ticks (v3, 6.3)."""
    position = {"pool": events["_address"], "owner": events["owner"], "liquidity": change}
    position |= {field: events[name] for field, name in _RANGE.items()}
    ends = [
        pa.table(
            {
                "pool": events["_address"],
                "tick": events[name],
                "liquidity_gross": change,
                "liquidity_net": net,
                "_event": places(events),
            }
        )
        for name, net in (("tickLower", change), ("tickUpper", opposite))
    ]
    return {Position: pa.table(position), Tick: pa.concat_tables(ends)}
