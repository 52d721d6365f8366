"""The outbox on a disk that loses unsynced writes: no intent lost, none carried out twice."""

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from tests.powercut.disk import SimulatedDisk, write_image
from tests.powercut.sqlite import SimulatedSqlite
from tests.unit.ledger.conftest import Bench
from tests.unit.ledger.fake_node import FakeNode, decode
from tests.unit.ledger.outbox_life import ACCOUNT, TO

from diptych.ledger.outbox import OutboxPolicy

CUTS = int(os.environ.get("DIPTYCH_TEST_CUTS", "40"))
POLICY = OutboxPolicy(stuck_after_s=30, resend_after_s=5)


class Broken(AssertionError):
    """Something that was promised before the cut is gone or doubled after it."""


@dataclass(frozen=True)
class Prepared:
    """`prepare` returned."""

    number: int


@dataclass(frozen=True)
class Sent:
    """The network has these bytes, and perhaps mined them."""

    raw: bytes


@dataclass(frozen=True)
class Mined:
    """The network made a block of what it had."""


class RecordingNode(FakeNode):
    """Tells the simulated disk what the world outside knows."""

    disk: SimulatedDisk | None = None

    def _eth_sendRawTransaction(self, raw: str) -> str:  # noqa: N802
        if self.disk is not None:
            self.disk.acknowledge(Sent(bytes.fromhex(raw[2:])))
        return super()._eth_sendRawTransaction(raw)


def run_cuts(count: int, *, seed: int, synchronous: str = "FULL") -> int:
    """Cut the power `count` times and return how many intents were followed through."""
    random = Random(seed)
    return sum(_one_cut(random, synchronous) for _ in range(count))


def _one_cut(random: Random, synchronous: str) -> int:
    with TemporaryDirectory() as folder:
        disk = SimulatedDisk(Path(folder), {})
        sqlite = SimulatedSqlite(
            disk, checkpoint_pages=random.choice((4, 60)), synchronous=synchronous
        )
        node = RecordingNode(auto_mine=False)
        node.disk = disk
        bench = Bench(node, ACCOUNT, disk.root / "outbox.sqlite", POLICY, connect=sqlite.connect)
        try:
            _work(bench, disk, random)
        finally:
            bench.close()
            sqlite.close()
        image, promises = disk.cut(random.randrange(disk.moments), random)
    return _recover(image, promises)


def _work(bench: Bench, disk: SimulatedDisk, random: Random) -> None:
    outbox = bench.open()
    for number in range(1, random.randint(2, 5)):
        outbox.prepare(f"k{number}", to=TO, value_wei=number)
        disk.acknowledge(Prepared(number))
        for _ in range(random.randint(0, 3)):
            bench.now_s += random.choice((1, 40))
            outbox.advance()
            if random.random() < 0.5:
                bench.node.mine()
                disk.acknowledge(Mined())


def _recover(image: dict[str, bytes], promises: list[object]) -> int:
    node = FakeNode(auto_mine=False)
    for promise in promises:
        if isinstance(promise, Sent):
            transaction = decode(promise.raw)
            if transaction.nonce >= node.nonce(transaction.sender):
                node.pool[transaction.sender, transaction.nonce] = transaction
        elif isinstance(promise, Mined):
            node.mine()
    with TemporaryDirectory() as folder:
        write_image(Path(folder), image)
        bench = Bench(node, ACCOUNT, Path(folder) / "outbox.sqlite", POLICY)
        promised = {p.number for p in promises if isinstance(p, Prepared)}
        _drive(bench)
        # The caller that got no answer asks again; the one that got one relies on it.
        outbox = bench.open()
        for number in range(1, 5):
            known = any(intent for intent in [outbox_intent(bench, number)] if intent)
            if number in promised and not known:
                raise Broken(f"k{number} was prepared and is gone")
            outbox.prepare(f"k{number}", to=TO, value_wei=number)
        _drive(bench)
        bench.close()
    counted = Counter(t.value_wei for t in node.mined())
    if any(counted[number] != 1 for number in range(1, 5)):
        raise Broken(f"on chain: {dict(counted)}")
    return len(promised)


def outbox_intent(bench: Bench, number: int) -> bool:
    """Whether the file holds the intent."""
    from diptych.ledger.outbox.errors import UnknownIntent

    try:
        bench.open().intent(f"k{number}")
    except UnknownIntent:
        return False
    return True


def _drive(bench: Bench) -> None:
    outbox = bench.open()
    for _ in range(6):
        bench.now_s += 20
        outbox.advance()
        bench.node.mine()


def test_nothing_is_lost_or_doubled() -> None:
    assert run_cuts(CUTS, seed=7) > CUTS / 2


def test_a_weaker_sync_is_seen_as_loss() -> None:
    with pytest.raises(Broken):
        run_cuts(60, seed=7, synchronous="OFF")
