"""Uniswap v3 and what was copied from it: pools, swaps, prices, positions, ticks, volume.

A price is an exact ratio: token1 for one token0 in their smallest units, `sqrtPriceX96**2 / 2**192`
in lowest terms. Sources: IUniswapV3PoolEvents.sol, the whitepaper of v3, section 6.
"""

from collections.abc import Sequence
from typing import Annotated

from diptych.index.manifest.contract import Factory
from diptych.index.manifest.entity import entity
from diptych.index.manifest.kinds import (
    Address,
    Count,
    Hash,
    Int256,
    Key,
    Refers,
    Total,
    Uint256,
)
from diptych.index.manifest.manifest import Manifest


@entity(immutable=True)
class Pool:
    """A pool of two tokens; `fee` in hundredths of a basis point."""

    id: Address
    factory: Address
    token0: Address
    token1: Address
    fee: int
    tick_spacing: int
    created_at: int
    created_in: int


@entity(immutable=True)
class Swap:
    """One swap; what the pool won is above 0, what it paid below."""

    id: str
    timestamp: int
    pool: Annotated[Address, Refers("Pool")]
    sender: Address
    receiver: Address
    amount0: Int256
    amount1: Int256
    sqrt_price_x96: Uint256
    liquidity: Uint256
    tick: int
    volume0: Uint256
    volume1: Uint256
    transaction: Hash


@entity
class Price:
    """Where a pool stands since its last swap; `liquidity` is what that swap told."""

    pool: Annotated[Address, Key(), Refers("Pool")]
    sqrt_price_x96: Uint256
    tick: int
    price: str | None
    liquidity: Uint256 | None
    updated_at: int


@entity(immutable=True)
class Mint:
    """Liquidity put in."""

    id: str
    timestamp: int
    pool: Annotated[Address, Refers("Pool")]
    sender: Address
    owner: Address
    tick_lower: int
    tick_upper: int
    amount: Uint256
    amount0: Uint256
    amount1: Uint256
    transaction: Hash


@entity(immutable=True)
class Burn:
    """Liquidity taken out, to be collected."""

    id: str
    timestamp: int
    pool: Annotated[Address, Refers("Pool")]
    owner: Address
    tick_lower: int
    tick_upper: int
    amount: Uint256
    amount0: Uint256
    amount1: Uint256
    transaction: Hash


@entity(immutable=True)
class Collect:
    """Tokens and fees paid out."""

    id: str
    timestamp: int
    pool: Annotated[Address, Refers("Pool")]
    owner: Address
    receiver: Address
    tick_lower: int
    tick_upper: int
    amount0: Uint256
    amount1: Uint256
    transaction: Hash


@entity
class Position:
    """Liquidity of an owner between two ticks."""

    pool: Annotated[Address, Key(), Refers("Pool")]
    owner: Annotated[Address, Key()]
    tick_lower: Annotated[int, Key()]
    tick_upper: Annotated[int, Key()]
    liquidity: Total


@entity
class Tick:
    """Liquidity that begins or ends at a tick: all of it, and what crossing it upwards adds."""

    pool: Annotated[Address, Key(), Refers("Pool")]
    tick: Annotated[int, Key()]
    liquidity_gross: Total
    liquidity_net: Total


@entity
class Volume:
    """Swaps of a pool in a stretch of time."""

    bucket: Annotated[int, Key()]
    pool: Annotated[Address, Key(), Refers("Pool")]
    volume0: Total
    volume1: Total
    count: Count


def uniswap_v3(
    address: str | Sequence[str] = (), *, name: str = "uniswap-v3", start_block: int = 0
) -> Manifest:
    """Return the manifest of one or more factories; of all without an address."""
    from diptych.index.manifest.ready import uniswap_v3_rows as rows

    manifest = Manifest(name, entities=[Pool, Swap, Price, Mint, Burn, Collect, Position, Tick])
    given = (address,) if isinstance(address, str) else tuple(address)
    factory = manifest.contract(
        "Factory", abi="uniswap-v3-factory", address=given, start_block=start_block
    )
    made = Factory(factory.events.PoolCreated, "pool")
    pool = manifest.contract(
        "Pool", abi="uniswap-v3-pool", factory=made, start_block=start_block
    ).events
    manifest.aggregate(Volume, of=Swap, every=("hour", "day"))
    manifest.on_batch(factory.events.PoolCreated)(rows.created)
    manifest.on_batch(pool.Initialize)(rows.initialized)
    manifest.on_batch(pool.Swap)(rows.swapped)
    manifest.on_batch(pool.Mint)(rows.minted)
    manifest.on_batch(pool.Burn)(rows.burnt)
    manifest.on_batch(pool.Collect)(rows.collected)
    return manifest
