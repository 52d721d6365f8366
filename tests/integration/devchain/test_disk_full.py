"""A full disk stops acknowledgements, not reads; with space again the chain goes on."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.devchain.actor import Actor
from tests.integration.devchain.inside import engine_in

from diptych.core.database import Connection
from diptych.core.errors import DiptychError
from diptych.ledger import devchain
from diptych.ledger.devchain import ChainSpec
from diptych.ledger.devchain.engine import Engine
from diptych.ledger.devchain.errors import StoreFailed

pytestmark = pytest.mark.node


class FullDisk:
    """A disk that is full for the statements that begin with `full`."""

    def __init__(self) -> None:
        self.full: tuple[str, ...] = ()

    def connect(self, path: Path) -> Connection:
        disk = self

        class Wrapped(sqlite3.Connection):
            def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
                if sql.startswith(disk.full or "-"):
                    raise sqlite3.OperationalError("database or disk is full")
                return super().execute(sql, parameters)

        return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Wrapped)


@pytest.fixture
def disk() -> FullDisk:
    return FullDisk()


@pytest.fixture
def spec(tmp_path: Path) -> ChainSpec:
    return devchain.create(tmp_path / "chain", [Actor(0).address])


@pytest.fixture
def engine(tmp_path: Path, spec: ChainSpec, disk: FullDisk) -> Iterator[Engine]:
    assert spec.funded
    with engine_in(tmp_path / "chain", disk.connect) as running:
        yield running


def send(engine: Engine, *raws: str) -> list[str | DiptychError]:
    return engine.submit([bytes.fromhex(raw[2:]) for raw in raws])


def read(engine: Engine, method: str, *params: Any) -> Any:
    with engine.connect() as ipc:
        return ipc.call(method, *params)


@pytest.mark.parametrize("full", ["INSERT OR REPLACE INTO blocks", "UPDATE blocks", "COMMIT"])
def test_nothing_is_acknowledged_reads_go_on_and_it_recovers(
    engine: Engine, spec: ChainSpec, disk: FullDisk, full: str
) -> None:
    actor = Actor(0)
    first, second = actor.sign(spec.chain_id), actor.sign(spec.chain_id)
    assert isinstance(send(engine, first)[0], str)
    disk.full = (full,)
    for _ in range(2):
        (outcome,) = send(engine, second)
        assert isinstance(outcome, StoreFailed)
        assert "disk is full" in outcome.message
        assert read(engine, "eth_blockNumber") in ("0x1", "0x2")
    disk.full = ()
    send(engine, second)
    assert read(engine, "eth_getTransactionCount", actor.address, "latest") == "0x2"
    assert engine.status()["number"] == 2
    third = actor.sign(spec.chain_id)
    assert isinstance(send(engine, third)[0], str)


@pytest.mark.parametrize("full", ["INSERT OR REPLACE INTO blocks", "UPDATE blocks"])
def test_a_kill_while_the_disk_is_full_loses_only_what_was_not_acknowledged(
    tmp_path: Path, spec: ChainSpec, disk: FullDisk, full: str
) -> None:
    actor = Actor(0)
    with engine_in(tmp_path / "chain", disk.connect) as engine:
        send(engine, actor.sign(spec.chain_id))
        disk.full = (full,)
        assert isinstance(send(engine, actor.sign(spec.chain_id))[0], StoreFailed)
        seen = read(engine, "eth_getBlockByNumber", "latest", False)
    with engine_in(tmp_path / "chain", disk.connect) as engine:
        assert read(engine, "eth_getBlockByNumber", "latest", False)["hash"] == seen["hash"]
        assert (engine.status()["refusal"] != "") is (full == "UPDATE blocks")
    disk.full = ()
    with engine_in(tmp_path / "chain", disk.connect) as engine:
        assert read(engine, "eth_getBlockByNumber", "latest", False)["hash"] == seen["hash"]
        assert engine.status()["refusal"] == ""
        send(engine, actor.sign(spec.chain_id, nonce=int(seen["number"], 16)))
        assert engine.status()["number"] == int(seen["number"], 16) + 1


def test_a_waiting_transaction_is_not_acknowledged_either(
    engine: Engine, spec: ChainSpec, disk: FullDisk
) -> None:
    actor = Actor(0)
    early, late = actor.sign(spec.chain_id), actor.sign(spec.chain_id)
    disk.full = ("DELETE FROM pending",)
    assert isinstance(send(engine, late)[0], StoreFailed)
    disk.full = ()
    assert all(isinstance(outcome, str) for outcome in send(engine, late, early))
    assert read(engine, "eth_getTransactionCount", actor.address, "latest") == "0x2"


def test_mining_on_a_full_disk_says_so(engine: Engine, disk: FullDisk) -> None:
    disk.full = ("INSERT OR REPLACE INTO blocks",)
    with pytest.raises(StoreFailed):
        engine.mine(1)
    disk.full = ()
    engine.mine(1)
    assert engine.status()["number"] == 1
