"""The usage store under power cuts: no acknowledged use is lost, no acknowledged root is wrong."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.powercut.campaign import Broken
from tests.powercut.disk import SimulatedDisk, write_image
from tests.powercut.files import recorded_files
from tests.powercut.sqlite import SimulatedSqlite, simulated_sqlite

from diptych.models.usage import UsageRecord, UsageRoot, UsageStore, dump_usage_proof
from diptych_verify.usage import verify_usage_total
from diptych_verify.usage_proof import parse_usage_proof

NAME = "usage.sqlite"
_LICENSEES = tuple(f"hmac:{number:040x}" for number in range(5))


@dataclass(frozen=True)
class Stored:
    """`append` was called with these; once it has returned (`done`), none is lost."""

    uses: tuple[tuple[str, int], ...]
    done: bool


@dataclass(frozen=True)
class Rooted:
    """`make_root` returned."""

    root: UsageRoot


class UsageStory:
    """Uses stored in groups and brought under roots.

    Args:
        synchronous: `OFF` or `NORMAL` weaken SQLite behind the store's back.
    """

    def __init__(self, *, synchronous: str = "FULL") -> None:
        self._synchronous = synchronous

    def live(self, disk: SimulatedDisk, random: Random) -> None:
        """Store uses and make roots at random."""
        with (
            simulated_sqlite(disk, random, synchronous=self._synchronous) as sqlite,
            recorded_files(disk, "diptych.core.files"),
        ):
            _work(disk, sqlite, random)

    def hold(self, image: dict[str, bytes], promises: list[object]) -> None:
        """Open what is left with another SQLite, count, and prove every total."""
        with TemporaryDirectory() as folder:
            write_image(Path(folder), image)
            path = Path(folder) / NAME
            if not path.exists():
                if any(isinstance(one, Rooted) or getattr(one, "done", 0) for one in promises):
                    raise Broken("the usage store is gone")
                return
            with UsageStore(path) as store:
                _hold(store, promises)

    def counted(self, promise: object) -> dict[str, int]:
        """Return the uses and roots that a promise covers."""
        if isinstance(promise, Rooted):
            return {"roots": 1}
        return {"uses": len(promise.uses)} if isinstance(promise, Stored) and promise.done else {}


def _work(disk: SimulatedDisk, sqlite: SimulatedSqlite, random: Random) -> None:
    store = UsageStore(disk.root / NAME, connect=sqlite.connect)
    for _ in range(random.randint(1, 6)):
        if random.random() < 0.3:
            root = store.make_root()
            if root is not None:
                disk.acknowledge(Rooted(root))
            continue
        count = random.choice((1, 1, 3, 60))
        uses = tuple((random.choice(_LICENSEES), random.randrange(9)) for _ in range(count))
        disk.acknowledge(Stored(uses, done=False))
        store.append([UsageRecord(who, "ab" * 32, "execute", 9, units) for who, units in uses])
        disk.acknowledge(Stored(uses, done=True))
    store.close()


def _hold(store: UsageStore, promises: list[object]) -> None:
    stored = [promise for promise in promises if isinstance(promise, Stored)]
    sure = [use for promise in stored if promise.done for use in promise.uses]
    begun = [use for promise in stored if not promise.done for use in promise.uses]
    least, most = _totals(sure), _totals(begun)
    for who in _LICENSEES:
        count, units = store.count(licensee=who)
        if not least[who, "n"] <= count <= most[who, "n"]:
            raise Broken(f"{count} uses of {who}, expected {least[who, 'n']} to {most[who, 'n']}")
        if not least[who, "units"] <= units <= most[who, "units"]:
            raise Broken(f"{who} has {units} units")
    _hold_roots(store, [promise.root for promise in promises if isinstance(promise, Rooted)])


def _hold_roots(store: UsageStore, roots: list[UsageRoot]) -> None:
    newest = store.newest_root()
    if roots and (newest is None or newest.number < roots[-1].number):
        raise Broken("the newest root is gone")
    if roots and newest is not None and newest.number == roots[-1].number and newest != roots[-1]:
        raise Broken("the newest root is another one")
    made = store.make_root() or newest
    if made is None:
        return
    for who in _LICENSEES:
        proof = parse_usage_proof(dump_usage_proof(store.proof(who)))
        proven = verify_usage_total(proof, root=made.root, count=made.count, units=made.units)
        if (proven.count, proven.units) != store.count(licensee=who):
            raise Broken(f"{who}: {proven} was proven")


def _totals(uses: list[tuple[str, int]]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for who, units in uses:
        found[who, "n"] += 1
        found[who, "units"] += units
    return found
