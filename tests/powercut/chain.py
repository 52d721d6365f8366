"""The embedded chain under power cuts: what was acknowledged is replayed, byte by byte."""

from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.powercut.campaign import Broken
from tests.powercut.disk import SimulatedDisk, write_image
from tests.powercut.files import recorded_files
from tests.powercut.sqlite import SimulatedSqlite, simulated_sqlite
from tests.unit.devchain.fake_node import restored, transaction

from diptych.ledger.devchain.committer import Committer
from diptych.ledger.devchain.control import create
from diptych.ledger.devchain.store import BlockStore

MODULES = ("diptych.core.files", "diptych.ledger.devchain.control")
FOLDER = "chain"
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


class ChainStory:
    """Transactions that the embedded chain commits, snapshots included.

    Args:
        synchronous: `OFF` or `NORMAL` weaken SQLite behind the chain's back.
    """

    def __init__(self, *, synchronous: str = "FULL") -> None:
        self._synchronous = synchronous

    def live(self, disk: SimulatedDisk, random: Random) -> None:
        """Create the chain if it is not there, restore it, commit at random."""
        with (
            simulated_sqlite(disk, random, synchronous=self._synchronous) as sqlite,
            recorded_files(disk, *MODULES),
        ):
            _work(disk, sqlite, random)

    def hold(self, image: dict[str, bytes], promises: list[object]) -> None:
        """Replay what is left."""
        _check(image, promises)

    def counted(self, promise: object) -> dict[str, int]:
        """Return the transactions that a promise covers."""
        return {"transactions": len(promise.raws)} if isinstance(promise, Acknowledged) else {}


def _work(disk: SimulatedDisk, sqlite: SimulatedSqlite, random: Random) -> None:
    home = disk.root / FOLDER
    if not (home / STORE).exists():
        spec = create(home, [], clock=lambda: 1_700_000_000.0, connect=sqlite.connect)
        disk.acknowledge(Created(spec.chain_id))
    store = BlockStore.open(home / STORE, connect=sqlite.connect)
    committer = Committer(store, restored(store, home), clock=lambda: 1_700_000_000.0)
    committer.seal_rest()
    for _ in range(random.randint(1, 6)):
        raws = [_transaction(random) for _ in range(random.choice((1, 1, 3, 12)))]
        outcomes = committer.commit(raws)
        # One that cannot be executed may be accepted to wait, and is dropped when its turn comes.
        done = tuple(
            raw
            for raw, outcome in zip(raws, outcomes, strict=True)
            if isinstance(outcome, str) and not raw.endswith(b":poor")
        )
        disk.acknowledge(Acknowledged(done, committer.head.number, committer.head.block_hash))
    committer.close()
    store.close()


def _transaction(random: Random) -> bytes:
    """Mostly new senders, sometimes a gap, a refusal, or one that cannot be executed."""
    sender = random.choice(("bad", *(random.randbytes(4).hex() for _ in range(9))))
    payload = random.choice(("", "poor", "x" * 700, "x" * 5_000))
    return transaction(sender, random.choice((0, 0, 0, 1)), payload)


def _check(image: dict[str, bytes], promises: list[object]) -> None:
    with TemporaryDirectory() as folder:
        write_image(Path(folder), image)
        home = Path(folder) / FOLDER
        if not (home / STORE).exists():
            if promises:
                raise Broken(f"the store is gone; {len(promises)} promises")
            return
        store = BlockStore.open(home / STORE)
        node = restored(store, home).node
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
