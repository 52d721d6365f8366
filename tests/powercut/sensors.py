"""Readings under power cuts: none that was acknowledged is lost, none becomes two."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.powercut.campaign import Broken
from tests.powercut.disk import SimulatedDisk, write_image
from tests.powercut.files import recorded_files
from tests.powercut.sqlite import simulated_sqlite
from tests.unit.sensors.maker import fleet_of, frame

from diptych.core.clock import fixed_clock
from diptych.core.database import Connect, connect_secret
from diptych.data.sensors.frame import parse_frame
from diptych.data.sensors.gateway import Deliver, Spool
from diptych.data.sensors.store import ReadingStore

MODULES = ("diptych.core.files",)
_FLEET = fleet_of(1, 2)
_STORE, _SPOOL = "readings.sqlite", "spool.sqlite"


@dataclass(frozen=True)
class Held:
    """`ingest` (or `take`, if spooled) returned: these frames are there for certain."""

    frames: tuple[bytes, ...]
    spooled: bool


class ReadingStory:
    """A gateway that takes frames and forwards them to a store, which also takes some itself.

    Args:
        synchronous: `OFF` or `NORMAL` weaken SQLite behind both stores' back.
    """

    def __init__(self, *, synchronous: str = "FULL") -> None:
        self._synchronous = synchronous

    def live(self, disk: SimulatedDisk, random: Random) -> None:
        """Take, forward and ingest at random."""
        with (
            simulated_sqlite(disk, random, synchronous=self._synchronous) as sqlite,
            recorded_files(disk, *MODULES),
            _store(disk.root, sqlite.connect) as store,
            Spool(disk.root / _SPOOL, connect=sqlite.connect) as spool,
        ):
            for _ in range(random.randint(1, 5)):
                frames = tuple(_frames(random))
                what = random.random()
                if what < 0.4:
                    spool.take(frames)
                    disk.acknowledge(Held(frames, spooled=True))
                elif what < 0.7:
                    store.ingest(frames, _FLEET)
                    disk.acknowledge(Held(frames, spooled=False))
                else:
                    spool.forward(_deliverer(store, random.choice((1, 3, 1000))))

    def hold(self, image: dict[str, bytes], promises: list[object]) -> None:
        """Forward what is left, and count: every reading there once, none accepted twice."""
        with TemporaryDirectory() as folder:
            write_image(Path(folder), image)
            _hold(Path(folder), [one for one in promises if isinstance(one, Held)])

    def counted(self, promise: object) -> dict[str, int]:
        """Return the readings that a promise covers."""
        if not isinstance(promise, Held):
            return {}
        readings = sum(len(parse_frame(one).counters) for one in promise.frames)
        return {"spooled readings" if promise.spooled else "readings": readings}


def _store(root: Path, connect: Connect) -> ReadingStore:
    return ReadingStore(root / _STORE, clock=fixed_clock(1.0), connect=connect)


def _frames(random: Random) -> list[bytes]:
    """Return bursts of few devices and counters, so that some come again."""
    made = []
    for _ in range(random.choice((1, 1, 2, 6))):
        first = 4 * random.randrange(200)
        made.append(frame(random.choice((1, 2)), range(first, first + 4)))
    return made


def _deliverer(store: ReadingStore, most: int) -> Deliver:
    """Return what hands on at most so many frames at a time."""

    def deliver(frames: Sequence[bytes]) -> int:
        store.ingest(frames[:most], _FLEET)
        return len(frames[:most])

    return deliver


def _hold(root: Path, promises: list[Held]) -> None:
    with _store(root, connect_secret) as store, Spool(root / _SPOOL) as spool:
        before = _counters(store)
        for promise in promises:
            if not promise.spooled and not _wanted([promise]) <= before:
                raise Broken("a stored reading is gone")
        accepted = []

        def deliver(frames: Sequence[bytes]) -> int:
            done = store.ingest(frames, _FLEET)
            if done.conflicts or done.refused:
                raise Broken(f"forwarding: {done}")
            accepted.append(done.accepted)
            return len(frames)

        spool.forward(deliver)
        after = _counters(store)
        if sum(accepted) != len(after - before):
            raise Broken(f"{sum(accepted)} readings taken as new, {len(after - before)} were")
        if not _wanted(promises) <= after:
            raise Broken("a spooled reading is gone")


def _wanted(promises: list[Held]) -> set[tuple[str, int]]:
    frames = (parse_frame(one) for promise in promises for one in promise.frames)
    return {(_FLEET.keys[one.key].device, count) for one in frames for count in one.counters}


def _counters(store: ReadingStore) -> set[tuple[str, int]]:
    rows = store.connection.execute(
        "SELECT name, counter FROM readings JOIN devices ON devices.id = device"
    ).fetchall()
    found = {(str(name), int(counter)) for name, counter in rows}
    if len(found) != len(rows):
        raise Broken("a reading is stored twice")
    return found
