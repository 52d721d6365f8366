"""The chain's store under power cuts: what was acknowledged is replayed, byte by byte.

`DIPTYCH_TEST_CUTS` sets the number of cuts.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from tests.powercut.disk import SimulatedDisk, write_image
from tests.powercut.files import recorded_files
from tests.powercut.sqlite import SimulatedSqlite
from tests.unit.devchain.fake_node import restored, transaction

from diptych.core.errors import LedgerError
from diptych.ledger.devchain.committer import Committer
from diptych.ledger.devchain.control import create
from diptych.ledger.devchain.store import BlockStore

CUTS = int(os.environ.get("DIPTYCH_TEST_CUTS", "40"))
MODULES = ("diptych.core.files", "diptych.ledger.devchain.control")
STORE = "blocks.sqlite"


@dataclass(frozen=True)
class Created:
    """`create` returned."""

    chain_id: int


@dataclass(frozen=True)
class Acknowledged:
    """`commit` answered for these; the newest block had this hash then."""

    raws: tuple[bytes, ...]
    number: int
    block_hash: str


class Broken(AssertionError):
    """Something acknowledged is gone or changed."""


def work(disk: SimulatedDisk, sqlite: SimulatedSqlite, random: Random) -> None:
    if not (disk.root / STORE).exists():
        spec = create(disk.root, [], clock=lambda: 1_700_000_000.0, connect=sqlite.connect)
        disk.acknowledge(Created(spec.chain_id))
    store = BlockStore.open(disk.root / STORE, connect=sqlite.connect)
    committer = Committer(store, restored(store, disk.root), clock=lambda: 1_700_000_000.0)
    committer.seal_rest()
    for _ in range(random.randint(1, 6)):
        raws = [_transaction(random) for _ in range(random.choice((1, 1, 3, 12)))]
        outcomes = committer.commit(raws)
        done = tuple(
            raw for raw, outcome in zip(raws, outcomes, strict=True) if isinstance(outcome, str)
        )
        disk.acknowledge(Acknowledged(done, committer.head.number, committer.head.block_hash))
    committer.close()
    store.close()


def _transaction(random: Random) -> bytes:
    """Mostly new senders, sometimes a gap, a refusal, or one that cannot be executed."""
    sender = random.choice(("bad", *(random.randbytes(4).hex() for _ in range(9))))
    payload = random.choice(("", "poor", "x" * 700, "x" * 5_000))
    return transaction(sender, random.choice((0, 0, 0, 1)), payload)


def check(image: dict[str, bytes], promises: list[object]) -> None:
    with TemporaryDirectory() as folder:
        write_image(Path(folder), image)
        if not (Path(folder) / STORE).exists():
            if promises:
                raise Broken(f"the store is gone; {len(promises)} promises")
            return
        store = BlockStore.open(Path(folder) / STORE)
        node = restored(store, Path(folder)).node
        kept = {raw for block in store.blocks(1, 1 << 40) for raw in block.raws}
        kept.update(store.waiting())
        for promise in promises:
            _hold(promise, store, kept)
            if isinstance(promise, Acknowledged):
                if store.head_number() < promise.number:
                    raise Broken(f"block {promise.number} is gone")
                if node.block(hex(promise.number)).block_hash != promise.block_hash:
                    raise Broken(f"block {promise.number} has another hash")
        store.close()


def _hold(promise: object, store: BlockStore, kept: set[bytes]) -> None:
    if isinstance(promise, Created) and store.spec.chain_id != promise.chain_id:
        raise Broken("another chain")
    if isinstance(promise, Acknowledged) and not kept.issuperset(promise.raws):
        raise Broken("an acknowledged transaction is gone")


def run_cuts(count: int, *, seed: int, synchronous: str = "FULL") -> int:
    """Cut the power `count` times; return how many transactions were acknowledged."""
    random = Random(seed)
    image: dict[str, bytes] = {}
    promises: list[object] = []
    acknowledged = 0
    for _ in range(count):
        if random.random() < 0.15:
            image, promises = {}, []
        with TemporaryDirectory() as folder:
            disk = SimulatedDisk(Path(folder), image)
            sqlite = SimulatedSqlite(
                disk, checkpoint_pages=random.choice((4, 12, 60)), synchronous=synchronous
            )
            try:
                with recorded_files(disk, *MODULES):
                    work(disk, sqlite, random)
            finally:
                sqlite.close()
            image, new = disk.cut(random.randrange(disk.moments), random)
        promises += new
        check(image, promises)
        acknowledged += sum(len(p.raws) for p in new if isinstance(p, Acknowledged))
    return acknowledged


def test_nothing_acknowledged_is_lost_in_power_cuts() -> None:
    assert run_cuts(CUTS, seed=7) > 0


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_a_disk_that_is_not_waited_for_is_seen_to_lose(synchronous: str) -> None:
    with pytest.raises((Broken, LedgerError)):
        run_cuts(80, seed=7, synchronous=synchronous)
