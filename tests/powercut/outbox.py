"""The outbox under power cuts: no intent lost, none carried out twice."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.powercut.campaign import Broken
from tests.powercut.disk import SimulatedDisk, write_image
from tests.powercut.sqlite import simulated_sqlite
from tests.unit.ledger.conftest import Bench
from tests.unit.ledger.fake_node import FakeNode, decode
from tests.unit.ledger.outbox_life import ACCOUNT, TO

from diptych.ledger.outbox import Outbox, OutboxPolicy
from diptych.ledger.outbox.errors import UnknownIntent

POLICY = OutboxPolicy(stuck_after_s=30, resend_after_s=5)


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


class OutboxStory:
    """Intents prepared, signed, sent and mined; each session starts on an empty disk and chain.

    Args:
        synchronous: `OFF` or `NORMAL` weaken SQLite behind the outbox's back.
    """

    def __init__(self, *, synchronous: str = "FULL") -> None:
        self._synchronous = synchronous

    def live(self, disk: SimulatedDisk, random: Random) -> None:
        """Prepare, advance and mine at random."""
        node = RecordingNode(auto_mine=False)
        node.disk = disk
        with simulated_sqlite(disk, random, synchronous=self._synchronous) as sqlite:
            path = disk.root / "outbox.sqlite"
            bench = Bench(node, ACCOUNT, path, POLICY, connect=sqlite.connect)
            try:
                _work(bench, disk, random)
            finally:
                bench.close()

    def hold(self, image: dict[str, bytes], promises: list[object]) -> None:
        """Go on with what is left of the file and what the network was told."""
        _recover(image, promises)

    def counted(self, promise: object) -> dict[str, int]:
        """Return the intents that a promise covers."""
        return {"intents": 1} if isinstance(promise, Prepared) else {}


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


def _recover(image: dict[str, bytes], promises: list[object]) -> None:
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
            if number in promised and not _is_known(outbox, number):
                raise Broken(f"k{number} was prepared and is gone")
            outbox.prepare(f"k{number}", to=TO, value_wei=number)
        _drive(bench)
        bench.close()
    counted = Counter(t.value_wei for t in node.mined())
    if any(counted[number] != 1 for number in range(1, 5)):
        raise Broken(f"on chain: {dict(counted)}")


def _is_known(outbox: Outbox, number: int) -> bool:
    """Whether the file holds the intent."""
    try:
        outbox.intent(f"k{number}")
    except UnknownIntent:
        return False
    return True


def _drive(bench: Bench) -> None:
    outbox = bench.open()
    for _ in range(6):
        bench.now_s += 20
        outbox.advance()
        bench.node.mine()
