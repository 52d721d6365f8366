"""An index equals a fresh one whatever happened to the chain on the way."""

import random
from collections import Counter
from collections.abc import Iterator
from typing import Annotated

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.unit.index.chains import TOKEN, HandMadeChain, Log, account, transfer

from diptych.index import Indexer, IndexOptions, Manifest, entity, kinds
from diptych.index.engine.calling import HandlerFailed
from diptych.index.engine.indexer import ManifestChanged
from diptych.index.head.ring import Halted
from diptych.index.manifest.handlers import EventRow, Read
from diptych.index.store.duck import DuckStore


@entity(immutable=True)
class Transfer:
    id: str
    timestamp: int
    sender: kinds.Address
    receiver: kinds.Address
    value: kinds.Uint256


@entity
class Balance:
    account: kinds.Address
    amount: kinds.Total
    moves: kinds.Count


@entity
class Largest:
    account: kinds.Address
    value: kinds.Uint256
    since: int


@entity
class Traffic:
    bucket: Annotated[int, kinds.Key()]
    value: kinds.Total
    count: kinds.Count


def by_rows() -> Manifest:
    manifest = Manifest("tokens", entities=[Transfer, Balance, Largest])
    token = manifest.contract("Token", abi="erc20", address="0x" + TOKEN.hex())
    manifest.aggregate(Traffic, of=Transfer, every=("hour", "day"))

    @manifest.on(token.events.Transfer)
    def moved(event: EventRow, read: Read) -> Iterator[object]:
        args = event.args
        sender, receiver, value = args["from"], args["to"], args["value"]
        yield Transfer(
            id=event.id,
            timestamp=event.timestamp,
            sender=sender,
            receiver=receiver,
            value=value,
        )
        yield Balance(account=sender, amount=-value, moves=1)
        yield Balance(account=receiver, amount=value, moves=1)
        known = read(Largest, receiver)
        if known is None or value > known.value:
            yield Largest(account=receiver, value=value, since=event.block)

    return manifest


def by_batch() -> Manifest:
    manifest = Manifest("tokens", entities=[Transfer, Balance])
    token = manifest.contract("Token", abi="erc20", address="0x" + TOKEN.hex())

    @manifest.on_batch(token.events.Transfer)
    def moved(events: pa.Table) -> dict[type, object]:
        rows = range(events.num_rows)
        value = events["value"].to_pylist()
        return {
            Transfer: pa.table(
                {
                    "id": pc.binary_join_element_wise(
                        events["_block"].cast(pa.string()),
                        events["_log_index"].cast(pa.string()),
                        "-",
                    ),
                    "timestamp": events["_timestamp"],
                    "sender": events["from"],
                    "receiver": events["to"],
                    "value": events["value"],
                }
            ),
            Balance: pa.table(
                {
                    "account": pa.concat_arrays(
                        [events["from"].combine_chunks(), events["to"].combine_chunks()]
                    ),
                    "amount": [str(-int(one)) for one in value] + value,
                    "moves": [1] * (2 * events.num_rows),
                    "_event": [*rows, *rows],
                }
            ),
        }

    return manifest


def random_logs(rng: random.Random) -> tuple[Log, ...]:
    return tuple(
        transfer(rng.randrange(6), rng.randrange(6), rng.randrange(1 << rng.choice([8, 70, 250])))
        for _ in range(rng.randrange(4))
    )


def contents(store: DuckStore, manifest: Manifest) -> dict[str, list[dict[str, object]]]:
    return {
        one.table: store.query(f'select * from "{one.table}" order by all').to_pylist()
        for one in manifest.entities.values()
    }


def fresh(chain: HandMadeChain, manifest: Manifest, window: int = 256) -> DuckStore:
    store = DuckStore(None, list(manifest.entities.values()))
    Indexer(manifest, chain, store, IndexOptions(window=window)).catch_up()
    return store


def test_rows_and_batches_give_the_same_tables() -> None:
    rng = random.Random(1)
    chain = HandMadeChain()
    for _ in range(40):
        chain.mine(*random_logs(rng))
    one, other = by_rows(), by_batch()
    with fresh(chain, one) as first, fresh(chain, other) as second:
        mine, theirs = contents(first, one), contents(second, other)
    assert mine["transfer"] == theirs["transfer"] != []
    assert mine["balance"] == theirs["balance"]


def test_balances_and_buckets_equal_a_plain_sum() -> None:
    rng = random.Random(2)
    chain = HandMadeChain()
    expected: Counter[str] = Counter()
    total = 0
    for _ in range(30):
        logs = random_logs(rng)
        chain.mine(*logs)
        for log in logs:
            value = int.from_bytes(log.data, "big")
            expected["0x" + log.topics[1][12:].hex()] -= value
            expected["0x" + log.topics[2][12:].hex()] += value
            total += value
    manifest = by_rows()
    with fresh(chain, manifest) as store:
        rows = store.query("select account, amount from balance where _to is null").to_pylist()
        assert {row["account"]: int(row["amount"]) for row in rows} == dict(expected)
        buckets = store.query("select sum(value) as v from traffic_day where _to is null")
        assert int(buckets.to_pylist()[0]["v"]) == total


def test_time_travel_shows_what_stood_then() -> None:
    chain = HandMadeChain()
    chain.mine()
    chain.mine(transfer(1, 2, 10))
    chain.mine(transfer(2, 3, 4))
    manifest = by_rows()
    sql = "select amount from balance where account = ? and _from <= ? and (_to is null or _to > ?)"
    with fresh(chain, manifest) as store:
        for block, expected in ((1, "10"), (2, "6")):
            rows = store.query(sql, ["0x" + account(2).hex(), block, block]).to_pylist()
            assert rows == [{"amount": expected}]


@pytest.mark.parametrize("seed", range(10))
def test_random_reorganisations_leave_the_tables_of_a_fresh_index(seed: int) -> None:
    rng = random.Random(seed)
    chain = HandMadeChain()
    for _ in range(rng.randrange(5, 40)):
        chain.mine(*random_logs(rng))
    manifest = by_rows()
    span = rng.choice([2, 5, 1000])
    with DuckStore(None, list(manifest.entities.values())) as store:
        indexer = Indexer(manifest, chain, store, IndexOptions(window=16, max_span=span))
        for _ in range(6):
            indexer.catch_up()
            depth = rng.randrange(0, min(16, len(chain.blocks) - 1))
            branch = [random_logs(rng) for _ in range(depth + rng.randrange(1, 6))]
            chain.fork(depth, branch)
            if rng.random() < 0.3:
                indexer = Indexer(manifest, chain, store, IndexOptions(window=16, max_span=span))
        indexer.catch_up()
        with fresh(chain, manifest, window=16) as other:
            assert contents(store, manifest) == contents(other, manifest)


def test_past_the_window_it_halts_and_changes_nothing() -> None:
    rng = random.Random(3)
    chain = HandMadeChain()
    for _ in range(40):
        chain.mine(*random_logs(rng))
    manifest = by_rows()
    with DuckStore(None, list(manifest.entities.values())) as store:
        indexer = Indexer(manifest, chain, store, IndexOptions(window=8))
        indexer.catch_up()
        before = contents(store, manifest)
        chain.fork(20, [random_logs(rng) for _ in range(25)])
        with pytest.raises(Halted):
            indexer.catch_up()
        assert contents(store, manifest) == before


def test_a_handler_that_raises_is_named_and_nothing_of_its_step_is_stored() -> None:
    chain = HandMadeChain()
    chain.mine(transfer(1, 2, 3))
    manifest = Manifest("broken", entities=[Balance])
    token = manifest.contract("Token", abi="erc20", address="0x" + TOKEN.hex())

    @manifest.on(token.events.Transfer)
    def breaks(event: EventRow, read: Read) -> Iterator[object]:
        yield Balance(account=event.args["to"], amount=event.args["value"] // 0, moves=1)

    with DuckStore(None, list(manifest.entities.values())) as store:
        indexer = Indexer(manifest, chain, store)
        with pytest.raises(HandlerFailed, match=r"breaks: ZeroDivisionError.*block 0"):
            indexer.catch_up()
        assert store.cursor() == (None, [])


def test_unread_events_are_kept_with_a_reason() -> None:
    chain = HandMadeChain()
    good = transfer(1, 2, 3)
    chain.mine(good, Log(TOKEN, good.topics, b"short"), Log(TOKEN, good.topics[:2], good.data))
    manifest = by_batch()
    with fresh(chain, manifest) as store:
        assert store.query("select count(*) as n from transfer").to_pylist() == [{"n": 1}]
        rows = store.query("select log_index, reason from _unread order by 1").to_pylist()
    assert [row["log_index"] for row in rows] == [1, 2]
    assert all(row["reason"] for row in rows)


def test_a_changed_manifest_is_not_continued() -> None:
    chain = HandMadeChain()
    chain.mine(transfer(1, 2, 3))
    one = by_batch()
    with fresh(chain, one) as store:
        other = by_batch()
        other.contract("Second", abi="erc20", address="0x" + "cd" * 20)
        with pytest.raises(ManifestChanged):
            Indexer(other, chain, store)
