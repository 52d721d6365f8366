"""Ready-made manifests of exchanges and of our own contracts against plain sums, with forks."""

import random
from collections import Counter
from collections.abc import Callable
from fractions import Fraction

import pytest
from tests.unit.index.chains import HandMadeChain, Log, account
from tests.unit.index.emitting import emit, text
from tests.unit.index.test_ready_tokens import everything, index

from diptych.index import Indexer
from diptych.index.manifest.ready import ready_made
from diptych.index.query.graphql.schema import schema_text

FACTORY = bytes.fromhex("fa" * 20)
ME, YOU = account(1), account(2)
Made = list[Log]


def v2(rng: random.Random) -> Made:
    pair = account(100 + rng.randrange(3))
    amounts = [rng.choice([0, rng.randrange(1 << 120)]) for _ in range(4)]
    return [
        emit(FACTORY, "uniswap-v2-factory", "PairCreated", ME, YOU, pair, 1),
        emit(pair, "uniswap-v2-pair", "Sync", rng.randrange(1 << 111), rng.randrange(9)),
        emit(pair, "uniswap-v2-pair", "Swap", ME, *amounts, YOU),
        emit(pair, "uniswap-v2-pair", "Mint", ME, 5, 6),
        emit(pair, "uniswap-v2-pair", "Burn", ME, 1, 2, YOU),
    ]


def v3(rng: random.Random) -> Made:
    pool, abi = account(200 + rng.randrange(3)), "uniswap-v3-pool"
    root, size = rng.randrange(1, 1 << 160), rng.randrange(1 << 127)
    return [
        emit(FACTORY, "uniswap-v3-factory", "PoolCreated", ME, YOU, 3000, 60, pool),
        emit(pool, abi, "Initialize", root, -5),
        emit(pool, abi, "Mint", ME, YOU, -60, 120, size, 1, 2),
        emit(pool, abi, "Swap", ME, YOU, size, -size, root, size, rng.randrange(-9, 9)),
        emit(pool, abi, "Burn", YOU, -60, 120, size // 3, 1, 2),
        emit(pool, abi, "Collect", YOU, ME, -60, 120, 1, 2),
    ]


def anchor(rng: random.Random) -> Made:
    log = account(rng.randrange(3)).ljust(32, b"\1")
    return [
        emit(FACTORY, "Anchor", "Registered", log, ME, bytes(32)),
        emit(FACTORY, "Anchor", "Anchored", log, rng.randrange(1 << 48), rng.randbytes(32)),
        emit(FACTORY, "Anchor", "OwnerProposed", log, YOU),
        emit(FACTORY, "Anchor", "PublisherSet", log, ME, rng.random() < 0.5),
    ]


def registry(rng: random.Random) -> Made:
    asset = rng.randrange(3) << 250
    return [
        emit(FACTORY, "Registry", "AssetRegistered", asset, ME, 1, bytes(32)),
        emit(FACTORY, "Registry", "Transfer", ME, account(rng.randrange(5)), asset),
        emit(FACTORY, "Registry", "Published", asset, rng.randbytes(32), 1, bytes(32)),
        emit(FACTORY, "Registry", "RoyaltySet", asset, YOU, 250),
    ]


USES = {"uniswap-v2": v2, "uniswap-v3": v3, "anchor": anchor, "registry": registry}


@pytest.mark.parametrize(("use", "make"), USES.items())
def test_forks_leave_the_tables_of_a_fresh_index(
    use: str, make: Callable[[random.Random], Made]
) -> None:
    rng = random.Random(1)
    chain = HandMadeChain()
    chain.mine()
    for _ in range(10):
        chain.mine(*make(rng))
    manifest = ready_made(use, ["0x" + FACTORY.hex()], name="it")
    with index(chain, manifest, 3) as store:
        chain.fork(6, [make(rng) for _ in range(8)])
        Indexer(manifest, chain, store).catch_up()
        with index(chain, manifest) as other:
            rows = everything(store, manifest)
            assert rows == everything(other, manifest)
        assert [table for table, found in rows.items() if not found] == []
        assert store.query("select * from _unread").num_rows == 0


def test_v2_prices_and_volume() -> None:
    chain = HandMadeChain()
    pair = account(9)
    chain.mine(
        emit(FACTORY, "uniswap-v2-factory", "PairCreated", ME, YOU, pair, 1),
        emit(pair, "uniswap-v2-pair", "Sync", 1000, 0),
    )
    chain.mine(emit(pair, "uniswap-v2-pair", "Swap", ME, 5, 0, 0, 1 << 200, YOU))
    chain.mine(
        emit(pair, "uniswap-v2-pair", "Swap", ME, 3, 2, 1, 4, YOU),
        emit(pair, "uniswap-v2-pair", "Sync", 1000, 2500),
        emit(account(10), "uniswap-v2-pair", "Sync", 7, 7),  # of no pair of this factory
    )
    manifest = ready_made("uniswap-v2", ["0x" + FACTORY.hex()], name="it")
    with index(chain, manifest) as store:
        prices = store.query("select pair, price from reserve order by _from").to_pylist()
        assert prices == [{"pair": text(9), "price": one} for one in (None, "5/2")]
        day = store.query("select volume0, volume1, count from volume_day where _to is null")
        assert day.to_pylist() == [{"volume0": "9", "volume1": str((1 << 200) + 6), "count": 2}]


def test_v3_prices_positions_and_ticks_equal_a_plain_loop() -> None:
    rng = random.Random(2)
    chain = HandMadeChain()
    pool, abi = account(9), "uniswap-v3-pool"
    chain.mine(emit(FACTORY, "uniswap-v3-factory", "PoolCreated", ME, YOU, 500, 10, pool))
    net: Counter[int] = Counter()
    gross: Counter[int] = Counter()
    root = 0
    for _ in range(30):
        lower, upper = sorted(rng.sample(range(-3, 3), 2))
        amount, root = rng.randrange(1, 1 << 120), rng.randrange(1, 1 << 160)
        name, sign = rng.choice([("Mint", 1), ("Burn", -1)])
        who = (ME, YOU) if sign == 1 else (YOU,)
        chain.mine(
            emit(pool, abi, name, *who, lower, upper, amount, 0, 0),
            emit(pool, abi, "Swap", ME, YOU, -7, 9, root, 5, 1),
        )
        for tick, way in ((lower, 1), (upper, -1)):
            gross[tick] += sign * amount
            net[tick] += way * sign * amount
    manifest = ready_made("uniswap-v3", ["0x" + FACTORY.hex()], name="it")
    with index(chain, manifest) as store:
        ticks = store.query("select * from tick where _to is null").to_pylist()
        assert {row["tick"]: int(row["liquidity_net"]) for row in ticks} == dict(net)
        assert {row["tick"]: int(row["liquidity_gross"]) for row in ticks} == dict(gross)
        (price,) = store.query("select price from price where _to is null").to_pylist()
        assert Fraction(price["price"]) == Fraction(root, 1 << 96) ** 2
        swap = store.query("select volume0, volume1 from swap limit 1").to_pylist()
        assert swap == [{"volume0": "7", "volume1": "9"}]


def test_a_log_keeps_what_later_events_do_not_say() -> None:
    chain = HandMadeChain()
    log = bytes(31) + b"\7"
    chain.mine(emit(FACTORY, "Anchor", "Registered", log, ME, bytes(32)))
    chain.mine(emit(FACTORY, "Anchor", "Anchored", log, 3, bytes(32)))
    chain.mine(emit(FACTORY, "Anchor", "OwnerProposed", log, YOU))
    chain.mine(emit(FACTORY, "Anchor", "OwnerChanged", log, ME, YOU))
    manifest = ready_made("anchor", [], name="it")
    with index(chain, manifest) as store:
        rows = store.query("select owner, proposed_owner, size from log order by _from").to_pylist()
    nobody = "0x" + "00" * 20
    assert [tuple(row.values()) for row in rows] == [
        (text(1), None, None),
        (text(1), None, 3),
        (text(1), text(2), 3),
        (text(2), nobody, 3),
    ]


@pytest.mark.parametrize(
    ("use", "nested"),
    [("erc20", "  balances("), ("uniswap-v2", "  swaps("), ("uniswap-v3", "  ticks(")],
)
def test_graphql_nests_what_belongs_to_a_token_or_pool(use: str, nested: str) -> None:
    entities = list(ready_made(use, [], name="it").entities.values())
    top = next(one for one in entities if one.name in {"Token", "Pair", "Pool"})
    type_ = schema_text(entities).split(f"type {top.name} {{")[1].split("}")[0]
    assert nested in type_
