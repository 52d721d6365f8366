"""Manifests in YAML do what the same manifest in Python does, and say what is wrong with them."""

import random
from pathlib import Path

import pytest
from tests.unit.index.chains import TOKEN, HandMadeChain, account, transfer
from tests.unit.index.emitting import emit, text
from tests.unit.index.test_ready_tokens import everything, index

from diptych.core.errors import DiptychError
from diptych.index.engine.calling import HandlerFailed
from diptych.index.manifest.contract import NoSuchEvent
from diptych.index.manifest.loading import load_manifest
from diptych.index.manifest.manifest import BadManifest, Manifest
from diptych.index.manifest.ready.erc20 import erc20

TOKENS = """
name: tokens
contracts:
  Token:
    abi: erc20
    address: 0xabababababababababababababababababababab
entities:
  Token:
    fields: {id: address, supply: total, transfer_count: count}
  Transfer:
    immutable: true
    fields:
      id: text
      timestamp: int
      token: {type: address, refers: Token}
      sender: address
      receiver: address
      value: uint256
      transaction: hash
  Balance:
    key: [token, account]
    fields: {token: {type: address, refers: Token}, account: address, amount: total}
aggregations:
  Volume:
    of: Transfer
    every: day
    key: [bucket, token]
    fields: {bucket: int, token: address, value: total, count: count}
handlers:
  - on: Token.Transfer
    rows:
      - entity: Transfer
        set:
          id: block & '-' & log_index
          timestamp: timestamp
          token: address
          sender: args.from
          receiver: args.to
          value: args.value
          transaction: transaction
      - entity: Balance
        when: args.from != '0x0000000000000000000000000000000000000000'
        set: {token: address, account: args.from, amount: -args.value}
      - entity: Balance
        when: args.to != '0x0000000000000000000000000000000000000000'
        set: {token: address, account: args.to, amount: args.value}
      - entity: Token
        set: {id: address, supply: 0, transfer_count: 1}
"""


def written(folder: Path, yaml: str) -> Manifest:
    path = folder / "it.yaml"
    path.write_text(yaml)
    return load_manifest(path)


def test_rows_equal_those_of_the_ready_made_manifest(tmp_path: Path) -> None:
    rng = random.Random(4)
    chain = HandMadeChain()
    for _ in range(20):
        chain.mine(*(transfer(rng.randrange(4), rng.randrange(4), 1 << 200) for _ in range(3)))
    one, other = written(tmp_path, TOKENS), erc20("0x" + TOKEN.hex())
    with index(chain, one) as first, index(chain, other) as second:
        mine, theirs = everything(first, one), everything(second, other)
        assert {table: mine[table] for table in theirs} == theirs
        volume = first.query("select count from volume_day where _to is null")
        assert volume.to_pylist() == [{"count": 60}]


POOLS = """
name: pools
python: mine.py
contracts:
  Factory: {abi: uniswap-v2-factory, address: "0xfafafafafafafafafafafafafafafafafafafafa"}
  Pair:
    abi: uniswap-v2-pair
    factory: {contract: Factory, event: PairCreated, argument: pair}
entities:
  Pair: {fields: {id: address}}
  Reserve: {fields: {pair: address, times: int}}
  Swap: {immutable: true, fields: {pair: address, sender: address}}
handlers:
  - on: Factory.PairCreated
    rows: [{entity: Pair, set: {id: args.pair}}]
  - {on: Pair.Sync, call: synced}
  - {on: Pair.Swap, call: swapped, batch: true}
  - on: Pair.Burn
    rows: [{entity: Pair, delete: {id: address}}]
"""


def test_factories_functions_and_deletes(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "def synced(event, read):\n"
        "    before = read('Reserve', event.address)\n"
        "    times = 1 if before is None else before.times + 1\n"
        "    yield 'Reserve', {'pair': event.address, 'times': times}\n"
        "def swapped(events):\n"
        "    return {'Swap': events.select(['sender']).append_column('pair', events['_address'])}\n"
    )
    manifest = written(
        tmp_path,
        POOLS,
    )
    chain = HandMadeChain()
    factory, pair, abi = bytes.fromhex("fa" * 20), account(7), "uniswap-v2-pair"
    made = emit(factory, "uniswap-v2-factory", "PairCreated", account(1), account(2), pair, 1)
    chain.mine(made, emit(pair, abi, "Sync", 1, 2), emit(pair, abi, "Sync", 1, 2))
    chain.mine(emit(pair, abi, "Swap", account(1), 1, 2, 3, 4, account(2)))
    chain.mine(emit(pair, abi, "Burn", account(1), 1, 2, account(2)))
    with index(chain, manifest) as store:
        assert store.query("select pair, times from reserve").to_pylist() == [
            {"pair": text(7), "times": 2}
        ]
        assert store.query("select sender from swap").to_pylist() == [{"sender": text(1)}]
        assert store.query("select _from, _to from pair").to_pylist() == [{"_from": 0, "_to": 2}]


def test_what_changes_rows_changes_the_digest(tmp_path: Path) -> None:
    first = written(tmp_path, TOKENS).digest()
    assert written(tmp_path, TOKENS).digest() == first
    for old, new in (("-args.value", "args.value"), ("supply: 0", "supply: 1"), ("day", "hour")):
        assert written(tmp_path, TOKENS.replace(old, new, 1)).digest() != first


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("Token.Transfer", "Token.Transferred", "Transfer"),
        ("Token.Transfer", "Coin.Transfer", "contracts Token"),
        ("args.value", "args.amount", "from, to, value"),
        ("-args.value", "--args.value +", "expected a number"),
        ("-args.value", "__import__('os')", "expected"),
        ("-args.value", "transaction.hash", "transaction"),
        ("receiver: args.to\n", "\n", "receiver"),
        ("entity: Balance", "entity: Balances", "Balance"),
        ("uint256", "uint257", "expected bool"),
        ("abi: erc20", "abi: erc21", "erc20"),
        ("name: tokens", "name: tokens\nname: more", "once"),
        ("name: tokens", "name: tokens\nmore: 1", "more"),
        ("when: args.to !=", "when: args.to =", "no"),
        ("on: Token.Transfer", "on: Token.Transfer\n    call: moved", "either"),
        ("of: Transfer", "of: Transfers", "Transfers"),
        ("fields: {id: address,", "fields: {&a id: *a,", "alias|YAML"),
        ("immutable: true", "immutable: 3", "immutable"),
        ("fields: {id: address,", "fields: {and: address,", "'and'"),
        ("fields: {id: address,", "fields: {id: address, ID: text,", "upper and lower"),
        ("  Balance:", "  Query:", "GraphQL"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in TOKENS
    with pytest.raises((BadManifest, NoSuchEvent, DiptychError), match=says):
        written(tmp_path, TOKENS.replace(old, new, 1))


def test_a_sum_of_text_stops_the_run_and_names_the_place(tmp_path: Path) -> None:
    chain = HandMadeChain()
    chain.mine(transfer(1, 2, 3))
    manifest = written(tmp_path, TOKENS.replace("-args.value", "-args.from", 1))
    with pytest.raises(HandlerFailed, match=r"whole number.*block 0"):
        index(chain, manifest)


@pytest.mark.parametrize("name", ["../mine.py", "absent.py", "mine.txt", "3"])
def test_functions_come_from_a_python_file_beside_the_manifest(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadManifest):
        written(tmp_path, TOKENS.replace("name: tokens", f"name: tokens\npython: {name}"))
