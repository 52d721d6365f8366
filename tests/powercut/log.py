"""The log under power cuts: what it promised before the cut must be there after it."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.powercut.campaign import Broken
from tests.powercut.disk import SimulatedDisk, write_image
from tests.powercut.files import recorded_files
from tests.powercut.sqlite import SimulatedSqlite, simulated_sqlite
from tests.unit.log.signing import SeededSigner, SeededWitness

from diptych.core.database import Connect, connect_sqlite
from diptych.core.errors import DiptychError
from diptych.provenance.log import LeaseTerms, Log
from diptych.provenance.log.pins import read_pins
from diptych_verify.note import Checkpoint, verify_checkpoint, verify_cosignature

NAME = "log.sqlite"
MODULES = ("diptych.core.files",)
_SIGNER = SeededSigner()
_WITNESS = SeededWitness()
# The lease of a session that was cut has run out in the next one.
_TERMS = LeaseTerms(lease_s=1e-6)


@dataclass(frozen=True)
class Created:
    """`Log.create` returned."""


@dataclass(frozen=True)
class Appended:
    """`append` returned."""

    first: int
    envelopes: tuple[bytes, ...]
    head: Checkpoint


@dataclass(frozen=True)
class Pinned:
    """`pin` or `add_cosignature` returned."""

    by: str
    head: Checkpoint


class LogStory:
    """Appends, pins and cosignatures.

    Args:
        synchronous: `OFF` or `NORMAL` weaken SQLite behind the log's back.
        ignored: syncs of plain files that the disk does not wait for; see `RecordingOs`.
    """

    def __init__(self, *, synchronous: str = "FULL", ignored: Collection[str] = ()) -> None:
        self._synchronous = synchronous
        self._ignored = ignored

    def live(self, disk: SimulatedDisk, random: Random) -> None:
        """Append, pin and reopen at random."""
        with (
            simulated_sqlite(disk, random, synchronous=self._synchronous) as sqlite,
            recorded_files(disk, *MODULES, ignored=self._ignored),
        ):
            _work(disk, sqlite, random)

    def hold(self, image: dict[str, bytes], promises: list[object]) -> None:
        """Open what is left with another SQLite, and hold the log to its promises."""
        _verify(image, promises)

    def counted(self, promise: object) -> dict[str, int]:
        """Return the records and pins that a promise covers."""
        if isinstance(promise, Appended):
            return {"records": len(promise.envelopes)}
        return {"pins": 1} if isinstance(promise, Pinned) else {}


def _work(disk: SimulatedDisk, sqlite: SimulatedSqlite, random: Random) -> None:
    log = _open(disk, sqlite)
    for _ in range(random.randint(1, 4)):
        with log.writer(_TERMS) as writer:
            for _ in range(random.randint(1, 5)):
                envelopes = tuple(_envelopes(random))
                indexes = writer.append(envelopes)
                disk.acknowledge(Appended(indexes.start, envelopes, log.head()))
        _outside(disk, log, random)
        if random.random() < 0.3:
            log.close()
            log = _open(disk, sqlite)
    log.close()


def _open(disk: SimulatedDisk, sqlite: SimulatedSqlite) -> Log:
    path = disk.root / NAME
    if _is_log(path, sqlite.connect):
        return Log.open(path, signer=_SIGNER, connect=sqlite.connect)
    log = Log.create(path, _SIGNER, connect=sqlite.connect)
    disk.acknowledge(Created())
    return log


def _is_log(path: Path, connect: Connect = connect_sqlite) -> bool:
    try:
        Log.open(path, connect=connect).close()
    except DiptychError as error:
        if error.code == "Log.Missing":
            return False
        raise
    return True


def _envelopes(random: Random) -> Iterator[bytes]:
    for _ in range(random.choice((1, 1, 1, 2, 40, 300))):
        yield random.randbytes(random.choice((1, 70, 600, 1_500)))
    if random.random() < 0.1:
        yield random.randbytes(40_000)


def _outside(disk: SimulatedDisk, log: Log, random: Random) -> None:
    """Sometimes the newest head is anchored or witnessed."""
    head = log.head()
    what = random.random()
    if what < 0.4:
        log.pin(head, by="anchor")
        disk.acknowledge(Pinned("anchor", head))
    elif what < 0.6:
        log.add_cosignature(_WITNESS.line(log.checkpoint(head.size)), _WITNESS.key)
        disk.acknowledge(Pinned(f"witness {_WITNESS.name}", head))


@contextmanager
def _on_disk(image: dict[str, bytes]) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        write_image(Path(folder), image)
        yield Path(folder) / NAME


def _verify(image: dict[str, bytes], promises: list[object]) -> None:
    with _on_disk(image) as path:
        if not _is_log(path):
            if promises:
                raise Broken(f"the log is gone; {len(promises)} promises")
            return
        with Log.open(path, signer=_SIGNER) as log:
            log.check(full=True)
            verify_checkpoint(log.checkpoint(), _SIGNER.key)
            for promise in promises:
                _hold(log, promise)
            with log.writer(_TERMS) as writer:
                writer.append([b"after the cut"])
            log.check(full=True)


def _hold(log: Log, promise: object) -> None:
    if isinstance(promise, Appended):
        last = promise.first + len(promise.envelopes)
        if log.size < last:
            raise Broken(f"{last} records were acknowledged, {log.size} are left")
        if tuple(log.entries(promise.first, last)) != promise.envelopes:
            raise Broken(f"records {promise.first} to {last - 1} changed")
        if log.root(promise.head.size) != promise.head.root:
            raise Broken(f"another root at size {promise.head.size}")
    if isinstance(promise, Pinned):
        pin = read_pins(log.path, log.origin).get(promise.by)
        if pin is None or pin.size < promise.head.size:
            raise Broken(f"the pin of size {promise.head.size} by {promise.by} is gone")
        if promise.by.startswith("witness"):
            verify_cosignature(log.checkpoint(promise.head.size), _WITNESS.key)
