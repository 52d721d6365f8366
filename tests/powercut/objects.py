"""Plain files under power cuts: objects stay whole or removed, replaced files stay replaced."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.powercut.campaign import Broken
from tests.powercut.disk import SimulatedDisk, write_image
from tests.powercut.files import recorded_files

from diptych.core.files import make_folder, write_durably
from diptych.provenance.objects import LocalObjects, object_bytes
from diptych.provenance.objects.local import SYNC_ALL_FROM

MODULES = ("diptych.core.files", "diptych.provenance.objects.local")
OBJECTS = "objects"
_FILES = ("pins.json", "anchors/3.bundle", "private/keys/log.json")


@dataclass(frozen=True)
class Stored:
    """`flush` returned: these objects are there."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Removal:
    """`remove` was called; once it has returned, the object is gone."""

    name: str
    done: bool


@dataclass(frozen=True)
class Replacement:
    """`write_durably` was called; once it has returned, the file has this content."""

    path: str
    payload: bytes
    done: bool


class FileStory:
    """Objects put, removed and read, and files replaced, in folders that are made on the way.

    Args:
        ignored: syncs that the disk does not wait for; see `RecordingOs`.
    """

    def __init__(self, *, ignored: Collection[str] = ()) -> None:
        self._ignored = ignored

    def live(self, disk: SimulatedDisk, random: Random) -> None:
        """Put, remove and replace at random."""
        with recorded_files(disk, *MODULES, ignored=self._ignored):
            objects, names = LocalObjects(disk.root / OBJECTS), list(_stored(disk.root))
            for _ in range(random.randint(1, 6)):
                what = random.random()
                if what < 0.5:
                    names += _put(disk, objects, random)
                elif what < 0.65 and names:
                    _remove(disk, objects, names.pop(random.randrange(len(names))))
                else:
                    _replace(disk, random)

    def hold(self, image: dict[str, bytes], promises: list[object]) -> None:
        """Read every file that is left, and look for those that were promised."""
        with TemporaryDirectory() as folder:
            write_image(Path(folder), image)
            objects, found = LocalObjects(Path(folder) / OBJECTS), set(_stored(Path(folder)))
            for name in found:
                object_bytes(objects, name)
            _hold_objects(found, promises)
        _hold_files(image, promises)

    def counted(self, promise: object) -> dict[str, int]:
        """Return the objects, removals and files that a promise covers."""
        match promise:
            case Stored(names):
                return {"objects": len(names)}
            case Removal(done=True):
                return {"removals": 1}
            case Replacement(done=True):
                return {"files": 1}
        return {}


def _stored(root: Path) -> Iterator[str]:
    """Yield the names of all objects that can be seen."""
    for path in sorted((root / OBJECTS).glob("??/*")):
        yield path.parent.name + path.name


def _put(disk: SimulatedDisk, objects: LocalObjects, random: Random) -> list[str]:
    count = random.choice((1, 1, 1, 2, 2, 3, 3, 5, 5, SYNC_ALL_FROM))
    sizes = (0, 10, 700, 9_000) if count < SYNC_ALL_FROM else (10,)
    names = [objects.put(_chunks(random, random.choice(sizes))) for _ in range(count)]
    objects.flush()
    disk.acknowledge(Stored(tuple(names)))
    return names


def _chunks(random: Random, size: int) -> Iterator[bytes]:
    yield random.randbytes(8)  # no two objects are equal
    yield random.randbytes(size)


def _remove(disk: SimulatedDisk, objects: LocalObjects, name: str) -> None:
    disk.acknowledge(Removal(name, done=False))
    objects.remove(name)
    disk.acknowledge(Removal(name, done=True))


def _replace(disk: SimulatedDisk, random: Random) -> None:
    name, payload = random.choice(_FILES), random.randbytes(random.choice((20, 600, 5_000)))
    disk.acknowledge(Replacement(name, payload, done=False))
    path = disk.root / name
    make_folder(path.parent)
    write_durably(path, payload)
    disk.acknowledge(Replacement(name, payload, done=True))


def _hold_objects(found: set[str], promises: list[object]) -> None:
    stored: set[str] = set()
    for promise in promises:
        if isinstance(promise, Stored):
            stored.update(promise.names)
        elif isinstance(promise, Removal):
            stored.discard(promise.name)
            if promise.done and promise.name in found:
                raise Broken(f"object {promise.name} was removed and is back")
    if stored - found:
        raise Broken(f"{len(stored - found)} of {len(stored)} stored objects are gone")


def _hold_files(image: dict[str, bytes], promises: list[object]) -> None:
    allowed: dict[str, list[bytes | None]] = {name: [None] for name in _FILES}
    for promise in promises:
        if isinstance(promise, Replacement) and promise.done:
            allowed[promise.path] = [promise.payload]
        elif isinstance(promise, Replacement):
            allowed[promise.path].append(promise.payload)
    for name, contents in allowed.items():
        if image.get(name) not in contents:
            raise Broken(f"{name} is neither what was written last nor what was being written")
