"""The object store: content addressed, verified on read, durable in batches."""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from diptych.core.files import DiskFull
from diptych.core.plugins import load_plugin
from diptych.provenance.objects import (
    LocalObjects,
    ObjectCorrupt,
    ObjectMissing,
    object_bytes,
    object_stream,
)
from diptych.provenance.objects.checks import NotConforming, check_blob_store
from diptych.provenance.objects.store import ObjectTooLarge


@pytest.fixture
def objects(tmp_path: Path) -> LocalObjects:
    return LocalObjects(tmp_path / "objects")


def stored(tmp_path: Path, name: str) -> Path:
    return tmp_path / "objects" / name[:2] / name[2:]


def test_the_registered_plugin_conforms(tmp_path: Path) -> None:
    assert load_plugin("diptych.blobs", "file") is LocalObjects
    check_blob_store(LocalObjects(tmp_path / "objects"))


class Forgetful(LocalObjects):
    def has(self, name: str, /) -> bool:
        super().has(name)
        return False


class Trusting(LocalObjects):
    def read(self, name: str, /) -> Iterator[bytes]:
        return iter([b"abc"])


@pytest.mark.parametrize("broken", [Forgetful, Trusting])
def test_the_suite_finds_a_broken_store(
    tmp_path: Path, broken: Callable[[Path], LocalObjects]
) -> None:
    with pytest.raises(NotConforming):
        check_blob_store(broken(tmp_path / "objects"))


def test_threads_may_share_a_store(objects: LocalObjects) -> None:
    """One flushes what another one is putting, reading or removing."""
    start = threading.Barrier(4)

    def work(number: int) -> list[bytes]:
        start.wait()
        found = []
        for step in range(25):
            name = objects.put([b"%d/%d" % (number, step)])
            other = objects.put([b"all/%d" % step])
            objects.flush()
            found += [b"".join(objects.read(name)), b"".join(objects.read(other))]
            objects.remove(name)
            assert not objects.has(name)
        return found

    with ThreadPoolExecutor(4) as pool:
        for number, found in enumerate(pool.map(work, range(4))):
            wanted = [(b"%d/%d" % (number, n), b"all/%d" % n) for n in range(25)]
            assert found == [each for pair in wanted for each in pair]


def test_altered_bytes_are_refused(tmp_path: Path, objects: LocalObjects) -> None:
    name = objects.put([b"abc"])
    objects.flush()
    path = stored(tmp_path, name)
    path.chmod(0o644)
    path.write_bytes(b"abd")

    with pytest.raises(ObjectCorrupt):
        object_bytes(objects, name)
    with pytest.raises(ObjectCorrupt):
        object_stream(objects, name).read()

    assert objects.put([b"abc"]) == name
    objects.flush()
    assert object_bytes(objects, name) == b"abc", "putting again heals a damaged object"


def test_truncated_objects_are_refused(tmp_path: Path, objects: LocalObjects) -> None:
    name = objects.put([b"x" * 100])
    objects.flush()
    os.chmod(stored(tmp_path, name), 0o644)
    os.truncate(stored(tmp_path, name), 99)
    with pytest.raises(ObjectCorrupt):
        object_bytes(objects, name)


def test_a_missing_object_says_so(objects: LocalObjects) -> None:
    with pytest.raises(ObjectMissing):
        object_stream(objects, "0" * 64).read(1)


def test_a_reader_sets_its_own_limit(objects: LocalObjects) -> None:
    name = objects.put([b"x" * 11])
    assert len(object_bytes(objects, name, max_bytes=11)) == 11
    with pytest.raises(ObjectTooLarge):
        object_bytes(objects, name, max_bytes=10)


def test_nothing_appears_under_its_name_before_it_is_synced(
    tmp_path: Path, objects: LocalObjects
) -> None:
    name = objects.put([b"abc"])
    assert not stored(tmp_path, name).exists()
    assert not LocalObjects(tmp_path / "objects").has(name)
    objects.flush()
    assert stored(tmp_path, name).exists()


@pytest.mark.parametrize(("count", "fsyncs"), [(3, 3), (500, 0)])
def test_many_objects_are_synced_together(
    objects: LocalObjects, monkeypatch: pytest.MonkeyPatch, count: int, fsyncs: int
) -> None:
    calls: list[str] = []
    real_fsync = os.fsync

    def fsync(descriptor: int) -> None:
        target = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        calls.append("folder" if target.is_dir() else "file")
        real_fsync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "sync", lambda: calls.append("all"))
    names = [objects.put([b"%d" % number]) for number in range(count)]
    assert calls == []
    objects.flush()
    assert calls.count("file") == fsyncs
    assert calls.count("all") == (0 if fsyncs else 1)
    assert calls.count("folder") <= 258
    assert all(objects.has(name) for name in names)


def test_an_interrupted_put_leaves_nothing(tmp_path: Path, objects: LocalObjects) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"abc"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        objects.put(chunks())
    assert [path for path in (tmp_path / "objects").rglob("*") if path.is_file()] == []


def test_a_full_disk_is_named(objects: LocalObjects) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"abc"
        raise OSError(28, "No space left on device")

    with pytest.raises(DiskFull):
        objects.put(chunks())


def test_leftovers_of_dead_processes_are_cleared(tmp_path: Path, objects: LocalObjects) -> None:
    objects.put([b"mine"])
    left = tmp_path / "objects/incoming/999999999-aa"
    left.write_bytes(b"left")
    assert objects.clear_abandoned() == 0  # its process may run on another machine
    os.utime(left, (1, 1))
    os.utime(next(path for path in left.parent.iterdir() if path != left), (1, 1))
    assert objects.clear_abandoned() == 1
    objects.flush()
    assert objects.has(hashlib.sha256(b"mine").hexdigest())


def test_objects_are_read_only_files(tmp_path: Path, objects: LocalObjects) -> None:
    name = objects.put([b"abc"])
    objects.flush()
    assert stored(tmp_path, name).stat().st_mode & 0o777 == 0o444
