"""Sealing into the store: folders, single files, streams, ignore rules, copies, progress."""

import hashlib
import io
import os
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from diptych.core.files import DiskFull
from diptych.provenance.manifest import (
    BuildOptions,
    build_manifest,
    build_stream_manifest,
    copy_payload,
    ignore_rules,
)
from diptych.provenance.manifest.build import BadStreamName
from diptych.provenance.manifest.ignore import BadIgnoreFile
from diptych.provenance.manifest.payload import NeedsSha256
from diptych.provenance.objects import LocalObjects, object_bytes, object_stream
from diptych_verify.manifest import ManifestEntry, read_manifest
from diptych_verify.merkle import EMPTY_ROOT
from diptych_verify.walk import CannotScan, FileChanged


def make(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return root


@pytest.fixture
def objects(tmp_path: Path) -> LocalObjects:
    return LocalObjects(tmp_path / "objects")


def listed(objects: LocalObjects, name: str) -> list[ManifestEntry]:
    return list(read_manifest(object_stream(objects, name)))


def test_a_folder_gives_the_predicate_of_the_format(tmp_path: Path, objects: LocalObjects) -> None:
    folder = make(tmp_path / "study", {"a": b"1", "b/c": b"22"})
    built = build_manifest(folder, objects)

    text = object_bytes(objects, built.object_name)
    assert built.name == "study"
    assert built.predicate() == {
        "algorithms": ["sha256"],
        "root": built.summary.root.hex(),
        "files": 2,
        "bytes": 3,
        "object": hashlib.sha256(text).hexdigest(),
    }
    assert built.subject_digest() == {"diptychManifest1": built.summary.root.hex()}
    assert [entry.path for entry in listed(objects, built.object_name)] == ["a", "b/c"]


def test_an_empty_folder_has_the_empty_root(tmp_path: Path, objects: LocalObjects) -> None:
    (tmp_path / "empty").mkdir()
    assert build_manifest(tmp_path / "empty", objects).summary.root == EMPTY_ROOT


def test_the_root_does_not_depend_on_creation_order(tmp_path: Path, objects: LocalObjects) -> None:
    names = [f"{n}/{n}" for n in range(20)]
    first = make(tmp_path / "1", {name: name.encode() for name in names})
    second = make(tmp_path / "2", {name: name.encode() for name in reversed(names)})
    roots = {build_manifest(folder, objects).summary.root for folder in (first, second)}
    assert len(roots) == 1


def test_one_file_carries_its_plain_digests(tmp_path: Path, objects: LocalObjects) -> None:
    make(tmp_path, {"x.bin": b"abc"})
    built = build_manifest(
        tmp_path / "x.bin", objects, BuildOptions(algorithms=("sha256", "blake3"))
    )
    assert built.subject_digest() == {
        "diptychManifest1": built.summary.root.hex(),
        "sha256": hashlib.sha256(b"abc").hexdigest(),
        "blake3": "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
    }


def test_a_stream_seals_like_a_file_of_that_name(tmp_path: Path, objects: LocalObjects) -> None:
    make(tmp_path, {"table.csv": b"1,2\n" * 400_000})
    content = (tmp_path / "table.csv").read_bytes()
    from_file = build_manifest(tmp_path / "table.csv", objects)
    from_stream = build_stream_manifest(
        io.BytesIO(content), objects, name="table.csv", keep_payload=True
    )
    assert from_stream.summary == from_file.summary
    assert object_bytes(objects, hashlib.sha256(content).hexdigest()) == content


@pytest.mark.parametrize("name", ["", "a/b", "..", "."])
def test_a_stream_needs_a_plain_name(name: str, objects: LocalObjects) -> None:
    with pytest.raises(BadStreamName):
        build_stream_manifest(io.BytesIO(), objects, name=name)


def test_ignored_paths_are_left_out_and_counted(tmp_path: Path, objects: LocalObjects) -> None:
    folder = make(
        tmp_path / "d",
        {".diptychignore": b"# scratch\n*.tmp\n/cache/\n", "a": b"", "x/y.tmp": b"",
         "cache/1": b"", "cache/2": b"", "x/cache/3": b""},
    )  # fmt: skip
    (folder / "link.tmp").symlink_to("a")
    built = build_manifest(folder, objects)
    names = [entry.path for entry in listed(objects, built.object_name)]
    assert names == [".diptychignore", "a", "x/cache/3"]
    assert (built.ignored.count, sorted(built.ignored.first)) == (
        3, ["cache", "link.tmp", "x/y.tmp"],
    )  # fmt: skip


def test_the_ignore_file_cannot_ignore_itself(tmp_path: Path, objects: LocalObjects) -> None:
    folder = make(tmp_path / "d", {".diptychignore": b"*\n", "a": b""})
    built = build_manifest(folder, objects)
    assert [e.path for e in listed(objects, built.object_name)] == [".diptychignore"]


def test_ignore_rules_can_be_switched_off(tmp_path: Path, objects: LocalObjects) -> None:
    folder = make(tmp_path / "d", {".diptychignore": b"*\n", "a": b""})
    built = build_manifest(folder, objects, BuildOptions(ignore_file=None))
    assert built.summary.files == 2


@pytest.mark.parametrize("content", [b"\xff\n", b"!\n", b"\n" * 10_001])
def test_a_bad_ignore_file_is_an_error(content: bytes) -> None:
    with pytest.raises(BadIgnoreFile):
        ignore_rules(".diptychignore", content)


def test_an_ignore_file_that_is_a_link_is_reported(tmp_path: Path, objects: LocalObjects) -> None:
    folder = make(tmp_path / "d", {"rules": b"*.tmp\n"})
    (folder / ".diptychignore").symlink_to("rules")
    with pytest.raises(CannotScan, match="diptychignore' is a symbolic link"):
        build_manifest(folder, objects)


def test_a_failed_seal_leaves_no_object(tmp_path: Path, objects: LocalObjects) -> None:
    folder = make(tmp_path / "d", {"a": b""})
    (folder / "l").symlink_to("a")
    with pytest.raises(CannotScan):
        build_manifest(folder, objects)
    assert [path for path in (tmp_path / "objects").rglob("*") if path.is_file()] == []


def test_copies_are_kept_under_their_digests(tmp_path: Path, objects: LocalObjects) -> None:
    files = {"a": b"1", "b/same": b"1", "c": b"x" * 3_000_000}
    folder = make(tmp_path / "d", files)
    built = build_manifest(folder, objects)

    copied = copy_payload(folder, listed(objects, built.object_name), objects)

    assert copied == 3_000_001
    for content in files.values():
        assert object_bytes(objects, hashlib.sha256(content).hexdigest()) == content
    assert copy_payload(folder, listed(objects, built.object_name), objects) == 0


def test_copying_needs_sha256_and_unchanged_files(tmp_path: Path, objects: LocalObjects) -> None:
    folder = make(tmp_path / "d", {"a": b"1"})
    entries = listed(objects, build_manifest(folder, objects).object_name)
    with pytest.raises(NeedsSha256):
        copy_payload(folder, entries, objects, algorithms=("blake3",))
    (folder / "a").write_bytes(b"2")
    with pytest.raises(FileChanged, match="'a' changed after it was sealed"):
        copy_payload(folder, entries, objects)
    assert not objects.has(hashlib.sha256(b"2").hexdigest())


class Counted:
    def __init__(self) -> None:
        self.totals: list[int | None] = []
        self.done = 0

    def __call__(self, label: str, *, total: int | None = None, unit: str = "B") -> Self:
        self.totals.append(total)
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        return None

    def advance(self, amount: int) -> None:
        self.done += amount


@pytest.mark.parametrize("measure", [False, True])
def test_progress_reaches_the_total(tmp_path: Path, objects: LocalObjects, measure: bool) -> None:
    folder = make(tmp_path / "d", {"a": b"1" * 9, "b/c": os.urandom(3_000_000)})
    progress = Counted()
    build_manifest(folder, objects, BuildOptions(progress=progress, measure_total=measure))
    assert progress.done == 3_000_009
    assert progress.totals == [3_000_009 if measure else None]


def test_a_full_disk_is_named(
    tmp_path: Path, objects: LocalObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make(tmp_path / "d", {"a": b"1"})

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        build_manifest(folder, objects)
