"""Uniswap v2 and what was copied from it: pairs, swaps, liquidity, reserves, prices, volume.

A price is an exact ratio: token1 for one token0 in their smallest units, `reserve1/reserve0` in
lowest terms. Sources: UniswapV2Factory.sol, UniswapV2Pair.sol.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from diptych.index.manifest.contract import Factory
from diptych.index.manifest.entity import entity
from diptych.index.manifest.kinds import Address, Count, Hash, Key, Refers, Total, Uint256
from diptych.index.manifest.manifest import Manifest
from diptych.index.manifest.ready.columns import rows_of
from diptych.index.manifest.ready.ratios import ratio

if TYPE_CHECKING:
    import pyarrow as pa


@entity(immutable=True)
class Pair:
    """A pair of tokens."""

    id: Address
    factory: Address
    token0: Address
    token1: Address
    created_at: int
    created_in: int


@entity(immutable=True)
class Swap:
    """One swap; `volume0` and `volume1` are what went in and out together."""

    id: str
    timestamp: int
    pair: Annotated[Address, Refers("Pair")]
    sender: Address
    receiver: Address
    amount0_in: Uint256
    amount1_in: Uint256
    amount0_out: Uint256
    amount1_out: Uint256
    volume0: Uint256
    volume1: Uint256
    transaction: Hash


@entity(immutable=True)
class Mint:
    """Liquidity put in."""

    id: str
    timestamp: int
    pair: Annotated[Address, Refers("Pair")]
    sender: Address
    amount0: Uint256
    amount1: Uint256
    transaction: Hash


@entity(immutable=True)
class Burn:
    """Liquidity taken out."""

    id: str
    timestamp: int
    pair: Annotated[Address, Refers("Pair")]
    sender: Address
    receiver: Address
    amount0: Uint256
    amount1: Uint256
    transaction: Hash


@entity
class Reserve:
    """What a pair holds, and the price that follows; none while one side is empty."""

    pair: Annotated[Address, Key(), Refers("Pair")]
    reserve0: Uint256
    reserve1: Uint256
    price: str | None
    updated_at: int


@entity
class Volume:
    """Swaps of a pair in a stretch of time."""

    bucket: Annotated[int, Key()]
    pair: Annotated[Address, Key(), Refers("Pair")]
    volume0: Total
    volume1: Total
    count: Count


def uniswap_v2(
    address: str | Sequence[str] = (), *, name: str = "uniswap-v2", start_block: int = 0
) -> Manifest:
    """Return the manifest of one or more factories; of all without an address."""
    manifest = Manifest(name, entities=[Pair, Swap, Mint, Burn, Reserve])
    given = (address,) if isinstance(address, str) else tuple(address)
    factory = manifest.contract(
        "Factory", abi="uniswap-v2-factory", address=given, start_block=start_block
    )
    made = Factory(factory.events.PairCreated, "pair")
    pair = manifest.contract(
        "Pair", abi="uniswap-v2-pair", factory=made, start_block=start_block
    ).events
    manifest.aggregate(Volume, of=Swap, every=("hour", "day"))
    manifest.on_batch(factory.events.PairCreated)(created)
    manifest.on_batch(pair.Swap)(swapped)
    manifest.on_batch(pair.Mint)(minted)
    manifest.on_batch(pair.Burn)(burnt)
    manifest.on_batch(pair.Sync)(synced)
    return manifest


def created(events: "pa.Table") -> dict[type, object]:
    """Return new pairs."""
    import pyarrow as pa

    columns = {
        "id": "pair",
        "factory": "_address",
        "token0": "token0",
        "token1": "token1",
        "created_at": "_timestamp",
        "created_in": "_block",
    }
    return {Pair: pa.table({field: events[name] for field, name in columns.items()})}


def swapped(events: "pa.Table") -> dict[type, object]:
    """Return swaps."""
    named = {f"amount{n}_{way.lower()}": f"amount{n}{way}" for n in "01" for way in ("In", "Out")}
    rows = rows_of(events, pair="_address", sender="sender", receiver="to", **named)
    for n in "01":
        rows = rows.append_column(
            f"volume{n}", _added(rows[f"amount{n}_in"], rows[f"amount{n}_out"])
        )
    return {Swap: rows}


def minted(events: "pa.Table") -> dict[type, object]:
    """Return liquidity put in."""
    return {Mint: rows_of(events, pair="_address", **{one: one for one in _MOVED})}


def burnt(events: "pa.Table") -> dict[type, object]:
    """Return liquidity taken out."""
    rows = rows_of(events, pair="_address", receiver="to", **{one: one for one in _MOVED})
    return {Burn: rows}


def synced(events: "pa.Table") -> dict[type, object]:
    """Return what pairs hold."""
    import pyarrow as pa

    reserves = [events[name].to_pylist() for name in ("reserve0", "reserve1")]
    prices = [ratio(int(one), int(zero)) for zero, one in zip(*reserves, strict=True)]
    rows = rows_of(
        events,
        pair="_address",
        reserve0="reserve0",
        reserve1="reserve1",
        updated_at="_timestamp",
    )
    return {Reserve: rows.append_column("price", pa.array(prices, pa.string()))}


_MOVED = ("sender", "amount0", "amount1")


def _added(left: "pa.ChunkedArray", right: "pa.ChunkedArray") -> "pa.Array":
    """Return sums of decimal texts of any size; nearly always one of the two is 0."""
    import pyarrow as pa

    pairs = zip(left.to_pylist(), right.to_pylist(), strict=True)
    sums = [b if a == "0" else a if b == "0" else str(int(a) + int(b)) for a, b in pairs]
    return pa.array(sums, pa.string())
