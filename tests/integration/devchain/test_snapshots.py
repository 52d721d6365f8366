"""Snapshots shorten the start and never change the chain, whatever is wrong with them."""

import gzip
import json
import shutil
import time
from pathlib import Path

import pytest
from tests.integration.devchain.actor import Actor
from tests.integration.devchain.inside import engine_in

from diptych.ledger import devchain
from diptych.ledger.devchain import replay
from diptych.ledger.devchain.engine import Engine
from diptych.ledger.devchain.errors import Diverged
from diptych.ledger.devchain.snapshot import (
    SnapshotContent,
    read_snapshot,
    snapshots,
    write_snapshot,
)

pytestmark = pytest.mark.node

# sstore(calldata[0], blockhash(calldata[0])); then prevrandao and basefee into slots 1000 and 1001
_RUNTIME = "5f3580409055" + "446103e855" + "486103e955" + "00"
_INIT = f"60{len(_RUNTIME) // 2:02x}600c60003960{len(_RUNTIME) // 2:02x}6000f3{_RUNTIME}"
CONTRACT = "0x95630c439b654A0d6EB5bEbb46691f2122ec6f6f"  # what actor 0 creates with nonce 0
FIRST, MORE = 520, 300


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A chain with a snapshot in its middle and BLOCKHASH users on both sides; with its head."""
    folder = tmp_path_factory.mktemp("snapshots") / "chain"
    actor = Actor(0)
    spec = devchain.create(folder, [actor.address])
    with engine_in(folder) as engine:
        deploy = actor.sign(spec.chain_id, to=None, data="0x" + _INIT, gas=200_000)
        submit(engine, deploy)
        engine.mine(FIRST - 1)
        wait_for_snapshot(folder)
        engine.mine(MORE - 20)
        for number in range(FIRST + MORE - 20, FIRST + MORE):
            submit(engine, ask(actor, spec.chain_id, number - number % 250))
        head = str(engine.status()["hash"])
    assert [s.number for s in snapshots(folder / "snapshots")] == [FIRST + MORE, FIRST]
    return folder, head


def submit(engine: Engine, raw: str) -> None:
    (outcome,) = engine.submit([bytes.fromhex(raw[2:])])
    assert isinstance(outcome, str), outcome


def wait_for_snapshot(folder: Path) -> None:
    """The writer takes it after it has answered."""
    deadline = time.monotonic() + 20
    while not snapshots(folder / "snapshots") and time.monotonic() < deadline:
        time.sleep(0.01)


def ask(actor: Actor, chain_id: int, number: int, nonce: int | None = None) -> str:
    """A transaction that writes BLOCKHASH(number) into the state."""
    data = "0x" + number.to_bytes(32, "big").hex()
    return actor.sign(chain_id, to=CONTRACT, data=data, gas=200_000, nonce=nonce)


@pytest.fixture
def folder(made: tuple[Path, str], tmp_path: Path) -> Path:
    """A copy to spoil."""
    copy = tmp_path / "chain"
    shutil.copytree(made[0], copy)
    return copy


def start(folder: Path) -> tuple[str, int, list[str]]:
    """Start and stop; return head hash, replayed blocks and warnings."""
    with engine_in(folder) as engine:
        status = engine.status()
        warnings = status["warnings"]
        assert isinstance(warnings, list)
        return str(status["hash"]), int(str(status["replayed"])), [str(w) for w in warnings]


def test_a_start_from_a_snapshot_replays_only_what_came_after(
    folder: Path, made: tuple[Path, str]
) -> None:
    assert start(folder) == (made[1], MORE, [])


def test_a_full_replay_gives_the_same_head(folder: Path, made: tuple[Path, str]) -> None:
    shutil.rmtree(folder / "snapshots")
    assert start(folder) == (made[1], FIRST + MORE, [])


def go_on(folder: Path) -> str:
    """Ask for old block hashes on top of the head; return the new head."""
    actor = Actor(0)
    chain_id = devchain.status(folder).chain_id
    with engine_in(folder) as engine:
        for at, back in enumerate((1, 5, 250, 255)):
            number = FIRST + MORE + at - back
            submit(engine, ask(actor, chain_id, number, nonce=21 + at))
        return str(engine.status()["hash"])


def test_blocks_made_after_a_start_from_a_snapshot_replay_from_genesis(folder: Path) -> None:
    head = go_on(folder)
    shutil.rmtree(folder / "snapshots")
    assert start(folder)[:2] == (head, FIRST + MORE + 4)


def test_without_the_distance_anvil_would_answer_wrong_block_hashes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why snapshots at the head are not used; if this fails, anvil has learnt to keep them."""
    monkeypatch.setattr(replay, "SPAN_BLOCKS", 0)
    go_on(folder)
    shutil.rmtree(folder / "snapshots")
    with pytest.raises(Diverged):
        start(folder)


def spoil(folder: Path, old: str, new: str) -> None:
    """Change anvil's dump and seal it with a good checksum."""
    (_, snapshot) = snapshots(folder / "snapshots")
    content = read_snapshot(snapshot)
    text = gzip.decompress(content.state).decode()
    assert old in text
    state = gzip.compress(text.replace(old, new).encode())
    write_snapshot(folder / "snapshots", SnapshotContent(content.number, content.block_hash, state))


def richer(folder: Path) -> None:
    """Give the actor another balance, which block hashes at the snapshot do not show."""
    content = read_snapshot(snapshots(folder / "snapshots")[1])
    accounts = json.loads(gzip.decompress(content.state))["accounts"]
    balance = accounts[Actor(0).address.lower()]["balance"]
    spoil(folder, f'"balance":"{balance}"', '"balance":"0xffffffffffffffffffffffffffff"')


def cut(folder: Path) -> None:
    """Leave half a file."""
    path = snapshots(folder / "snapshots")[1].path
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def of_another_chain(folder: Path) -> None:
    """A well-formed snapshot with a head that this chain never had."""
    content = read_snapshot(snapshots(folder / "snapshots")[1])
    foreign = SnapshotContent(content.number, bytes(32), content.state)
    write_snapshot(folder / "snapshots", foreign)


def no_state(folder: Path) -> None:
    """A well-formed snapshot whose state anvil cannot load."""
    content = read_snapshot(snapshots(folder / "snapshots")[1])
    write_snapshot(
        folder / "snapshots", SnapshotContent(content.number, content.block_hash, b"nonsense")
    )


@pytest.mark.parametrize("harm", [cut, richer, of_another_chain, no_state])
def test_a_bad_snapshot_costs_time_and_a_warning(
    folder: Path, made: tuple[Path, str], harm: object
) -> None:
    assert callable(harm)
    harm(folder)
    head, replayed, warnings = start(folder)
    assert (head, replayed) == (made[1], FIRST + MORE)
    assert len(warnings) == 1
    assert f"snapshot at block {FIRST}" in warnings[0]


def test_reads_at_blocks_of_the_last_hundreds_work_and_leave_no_files(folder: Path) -> None:
    with engine_in(folder) as engine:
        with engine.connect() as ipc:
            for back, balance_wei in ((0, "0x15"), (1, "0x14"), (MORE - 1, "0x1")):
                number = hex(FIRST + MORE - back)
                assert ipc.call("eth_getBalance", CONTRACT, number) == balance_wei
        engine.mine(300)
        files = [path for path in (folder / "run").rglob("*") if path.is_file()]
    assert sorted(path.name for path in files) == ["anvil.log", "genesis.json"]
