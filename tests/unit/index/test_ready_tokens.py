"""Ready-made manifests of tokens against a plain loop over the same logs, with forks."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.index.chains import HandMadeChain, Log, account, transfer
from tests.unit.index.emitting import emit, text

from diptych.index import Indexer, IndexOptions
from diptych.index.manifest.manifest import Manifest
from diptych.index.manifest.ready import NoReadyMade, ready_made
from diptych.index.store.duck import DuckStore

TOKEN = bytes.fromhex("ab" * 20)
ZERO = bytes(20)
Make = Callable[[random.Random], Log]


def erc20(rng: random.Random) -> Log:
    return transfer(rng.randrange(4), rng.randrange(4), rng.randrange(1 << 200), TOKEN)


def erc721(rng: random.Random) -> Log:
    sender, receiver = (_someone(rng) for _ in range(2))
    return emit(TOKEN, "erc721", "Transfer", sender, receiver, rng.randrange(1 << 256))


def erc1155(rng: random.Random) -> Log:
    sides = (account(0), _someone(rng), _someone(rng))
    if rng.random() < 0.4:
        return emit(TOKEN, "erc1155", "TransferSingle", *sides, 1 << 255, rng.randrange(1 << 90))
    count = rng.randrange(4)
    ids, values = ([rng.randrange(3) for _ in range(count)] for _ in range(2))
    if rng.random() < 0.2:
        values.append(1)  # the standard forbids it; nobody can say what moved
    return emit(TOKEN, "erc1155", "TransferBatch", *sides, ids, values)


def _someone(rng: random.Random) -> bytes:
    place = rng.randrange(5)
    return account(place) if place else ZERO


def index(chain: HandMadeChain, manifest: Manifest, span: int = 1000) -> DuckStore:
    store = DuckStore(None, list(manifest.entities.values()))
    Indexer(manifest, chain, store, IndexOptions(max_span=span)).catch_up()
    return store


def everything(store: DuckStore, manifest: Manifest) -> dict[str, list[dict[str, object]]]:
    return {
        one.table: store.query(f'select * from "{one.table}" order by all').to_pylist()
        for one in manifest.entities.values()
    }


@pytest.mark.parametrize("make", [erc20, erc721, erc1155])
@pytest.mark.parametrize("seed", range(3))
def test_forks_leave_the_tables_of_a_fresh_index(make: Make, seed: int) -> None:
    rng = random.Random(seed)
    chain = HandMadeChain()
    for _ in range(12):
        chain.mine(*(make(rng) for _ in range(rng.randrange(4))))
    manifest = ready_made(make.__name__, ["0x" + TOKEN.hex()], name="it")
    with index(chain, manifest, 3) as store:
        chain.fork(rng.randrange(1, 9), [[make(rng) for _ in range(3)] for _ in range(9)])
        Indexer(manifest, chain, store).catch_up()
        with index(chain, manifest) as other:
            rows = everything(store, manifest)
            assert rows == everything(other, manifest)
            assert rows["transfer"] != []


def test_erc721_owners_balances_and_supply() -> None:
    chain = HandMadeChain()
    mints = [emit(TOKEN, "erc721", "Transfer", ZERO, account(1), one) for one in (7, 8, 1 << 255)]
    chain.mine(*mints)
    chain.mine(
        emit(TOKEN, "erc721", "Transfer", account(1), account(2), 7),
        emit(TOKEN, "erc721", "Transfer", account(2), account(3), 7),
        emit(TOKEN, "erc721", "Transfer", account(1), ZERO, 8),
    )
    manifest = ready_made("erc721", [], name="it")
    with index(chain, manifest) as store:
        owners = _now(store, "token_id, account", "owner")
        assert {row["token_id"]: row["account"] for row in owners} == {
            "7": text(3),
            "8": "0x" + "00" * 20,
            str(1 << 255): text(1),
        }
        balances = _now(store, "account, amount", "balance")
        assert {row["account"]: row["amount"] for row in balances} == {
            text(1): "1",
            text(2): "0",
            text(3): "1",
        }
        assert _now(store, "supply, transfer_count", "token") == [
            {"supply": "2", "transfer_count": 6}
        ]


def test_erc1155_equals_a_plain_loop() -> None:
    rng = random.Random(5)
    chain = HandMadeChain()
    single = known = 0
    held: Counter[tuple[str, str]] = Counter()
    for _ in range(40):
        sender, receiver = account(rng.randrange(4)), account(rng.randrange(4))
        count = rng.randrange(1, 4)
        ids, values = [[rng.randrange(3) for _ in range(count)] for _ in range(2)]
        broken = rng.random() < 0.2
        many = emit(
            TOKEN, "erc1155", "TransferBatch", ZERO, sender, receiver, ids, values + [1] * broken
        )
        one = emit(TOKEN, "erc1155", "TransferSingle", ZERO, sender, receiver, 9, 1 << 250)
        chain.mine(many, one)
        pairs = [(9, 1 << 250), *([] if broken else zip(ids, values, strict=True))]
        single += 1
        known += len(pairs)
        for kind, value in pairs:
            held["0x" + sender.hex(), str(kind)] -= value
            held["0x" + receiver.hex(), str(kind)] += value
    manifest = ready_made("erc1155", ["0x" + TOKEN.hex()], name="it")
    with index(chain, manifest) as store:
        rows = _now(store, "account, token_id, amount", "balance")
        assert {(r["account"], r["token_id"]): int(r["amount"]) for r in rows} == dict(held)
        ids_ = [row["id"] for row in _now(store, "id", "transfer")]
        assert len(ids_) == len(set(ids_)) == known
        items = _now(store, "transfer_count", "item where token_id = 9")
        assert [row["transfer_count"] for row in items] == [single]


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(NoReadyMade, match="erc721"):
        ready_made("erc-22", [], name="it")


def _now(store: DuckStore, what: str, table: str) -> list[dict[str, Any]]:
    joined = "and" if " where " in table else "where"
    rows: list[dict[str, Any]] = store.query(
        f"select {what} from {table} {joined} _to is null"
    ).to_pylist()
    return rows
