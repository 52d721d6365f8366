"""Verification re-reads every byte and names every file that differs."""

import io
import os
import random
from pathlib import Path

import pytest

from diptych.provenance.manifest import BuildOptions, build_manifest, ignore_rules
from diptych.provenance.objects import LocalObjects, object_bytes
from diptych_verify.compare import compare, scan_summary, verify_tree
from diptych_verify.errors import DigestMismatch, MalformedError
from diptych_verify.manifest import (
    ManifestEntry,
    ManifestHeader,
    ManifestWriter,
    read_manifest,
)
from diptych_verify.scan import ScanOptions, scan


def make(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return root


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path / "data", {"a": b"1", "b/c": b"22", "b/d": b"333", "e": b""})


def seal(
    folder: Path, store: Path, algorithms: tuple[str, ...] = ("sha256",)
) -> tuple[bytes, bytes]:
    objects = LocalObjects(store)
    built = build_manifest(folder, objects, BuildOptions(algorithms=algorithms))
    return object_bytes(objects, built.object_name), built.summary.root


def differences(folder: Path, manifest: bytes, root: bytes) -> dict[str, object]:
    with pytest.raises(DigestMismatch) as caught:
        verify_tree(folder, io.BytesIO(manifest), root=root)
    return {kind: paths for kind, paths in caught.value.details.items() if paths}


@pytest.mark.parametrize("algorithms", [("sha256",), ("blake3",), ("sha256", "blake3")])
def test_an_untouched_folder_verifies(
    folder: Path, tmp_path: Path, algorithms: tuple[str, ...]
) -> None:
    manifest, root = seal(folder, tmp_path / "objects", algorithms)
    summary = verify_tree(folder, io.BytesIO(manifest), root=root)
    assert (summary.files, summary.total_bytes, summary.root) == (4, 6, root)
    assert scan_summary(folder, ScanOptions(algorithms=algorithms)) == summary


def test_each_kind_of_change_is_named(folder: Path, tmp_path: Path) -> None:
    manifest, root = seal(folder, tmp_path / "objects")
    (folder / "b/c").write_bytes(b"2x")
    (folder / "e").rename(folder / "f")
    (folder / "b/new").write_bytes(b"")
    assert differences(folder, manifest, root) == {
        "added": ["b/new", "f"],
        "changed": ["b/c"],
        "removed": ["e"],
        "total": 4,
    }


def test_setting_the_times_back_hides_nothing(folder: Path, tmp_path: Path) -> None:
    manifest, root = seal(folder, tmp_path / "objects")
    state = (folder / "a").stat()
    (folder / "a").write_bytes(b"2")
    os.utime(folder / "a", ns=(state.st_atime_ns, state.st_mtime_ns))
    assert differences(folder, manifest, root) == {"changed": ["a"], "total": 1}


def test_a_file_replaced_by_a_link_to_equal_content_has_changed(
    folder: Path, tmp_path: Path
) -> None:
    manifest, root = seal(folder, tmp_path / "objects")
    (folder / "a").rename(tmp_path / "elsewhere")
    (folder / "a").symlink_to(tmp_path / "elsewhere")
    assert differences(folder, manifest, root) == {"changed": ["a"], "total": 1}


def test_a_new_link_counts_as_added(folder: Path, tmp_path: Path) -> None:
    manifest, root = seal(folder, tmp_path / "objects")
    (folder / "link").symlink_to("a")
    assert differences(folder, manifest, root) == {"added": ["link"], "total": 1}


def test_a_single_file_verifies_under_its_own_name_only(tmp_path: Path) -> None:
    make(tmp_path, {"x.csv": b"1"})
    manifest, root = seal(tmp_path / "x.csv", tmp_path / "objects")
    assert verify_tree(tmp_path / "x.csv", io.BytesIO(manifest), root=root).files == 1
    (tmp_path / "x.csv").rename(tmp_path / "y.csv")
    assert differences(tmp_path / "y.csv", manifest, root)["removed"] == ["x.csv"]


def test_a_foreign_manifest_is_refused(folder: Path, tmp_path: Path) -> None:
    manifest, _ = seal(folder, tmp_path / "objects")
    with pytest.raises(DigestMismatch, match="the manifest has root"):
        verify_tree(folder, io.BytesIO(manifest), root=bytes(32))


def test_a_damaged_manifest_is_refused(folder: Path, tmp_path: Path) -> None:
    manifest, root = seal(folder, tmp_path / "objects")
    with pytest.raises(MalformedError):
        verify_tree(folder, io.BytesIO(manifest[:-1]), root=root)


def test_named_files_are_limited_and_all_are_counted() -> None:
    entries = [ManifestEntry(f"{n:05}", 0, (bytes(32),)) for n in range(1_500)]
    changes = compare(entries, [])
    assert (len(changes.added), changes.total) == (1_000, 1_500)


@pytest.fixture
def ignoring(tmp_path: Path) -> tuple[Path, bytes, bytes]:
    folder = make(
        tmp_path / "data",
        {
            ".diptychignore": b"*.tmp\n/cache/\n!keep.tmp\n",
            "a": b"1",
            "x.tmp": b"",
            "keep.tmp": b"",
            "cache/y": b"",
            "sub/cache/z": b"2",
        },
    )
    return (folder, *seal(folder, tmp_path / "objects"))


def test_ignored_files_may_change_and_others_may_not(ignoring: tuple[Path, bytes, bytes]) -> None:
    folder, manifest, root = ignoring
    make(folder, {"x.tmp": b"changed", "new.tmp": b"", "cache/more": b""})
    stream = io.BytesIO(manifest)

    assert verify_tree(folder, stream, root=root, rules=ignore_rules).files == 4

    (folder / "new").write_bytes(b"")
    with pytest.raises(DigestMismatch, match="1 file differs from the seal: added 'new'"):
        verify_tree(folder, stream, root=root, rules=ignore_rules)


def test_a_changed_ignore_file_is_named_and_not_obeyed(
    ignoring: tuple[Path, bytes, bytes],
) -> None:
    folder, manifest, root = ignoring
    (folder / ".diptychignore").write_bytes(b"*\n")
    (folder / "evil").write_bytes(b"")
    with pytest.raises(DigestMismatch) as caught:
        verify_tree(folder, io.BytesIO(manifest), root=root, rules=ignore_rules)
    assert caught.value.details["changed"] == [".diptychignore"]
    assert caught.value.details["added"] == ["cache/y", "evil", "x.tmp"]


def test_without_a_reader_of_rules_nothing_is_ignored(
    ignoring: tuple[Path, bytes, bytes],
) -> None:
    folder, manifest, root = ignoring
    with pytest.raises(DigestMismatch) as caught:
        verify_tree(folder, io.BytesIO(manifest), root=root)
    assert caught.value.details["added"] == ["cache/y", "x.tmp"]
    assert "the seal ignored files by '.diptychignore'" in caught.value.hint


def test_scan_and_manifest_merge_in_any_overlap(folder: Path) -> None:
    entries = list(scan(folder))
    for cut in range(len(entries)):
        rest = entries[:cut] + entries[cut + 1 :]
        assert compare(rest, entries).removed == (entries[cut].path,)
        assert compare(entries, rest).added == (entries[cut].path,)


@pytest.mark.parametrize("seed", range(25))
def test_blocks_that_match_hide_no_difference_beside_them(tmp_path: Path, seed: int) -> None:
    """Whole folders are compared at once; what differs among them is still named exactly."""
    source = random.Random(seed)
    names = [f"d{number // 4}/f{number}" for number in range(24)]
    root = make(tmp_path / "data", {name: name.encode() for name in names})
    manifest, sealed_root = seal(root, tmp_path / "objects")
    changed, removed = source.sample(names, 3), source.sample(names, 3)
    added = [f"d{source.randrange(6)}/{source.choice('aegz')}{n}" for n in range(3)]
    make(root, dict.fromkeys(changed, b"other") | dict.fromkeys(added, b"new"))
    for name in removed:
        (root / name).unlink()
    kinds = {
        "added": sorted(set(added)),
        "changed": sorted(set(changed) - set(removed)),
        "removed": sorted(removed),
    }
    expected = {kind: paths for kind, paths in kinds.items() if paths}
    total = sum(map(len, expected.values()))
    assert differences(root, manifest, sealed_root) == {**expected, "total": total}


@pytest.mark.parametrize("ending", [b"", b'["zz",0,"00"]\n', b"junk"])
def test_what_follows_a_matching_block_is_still_judged(
    folder: Path, tmp_path: Path, ending: bytes
) -> None:
    manifest, root = seal(folder, tmp_path / "objects")
    doubled = manifest + manifest.splitlines(keepends=True)[-1] + ending
    with pytest.raises(MalformedError):
        verify_tree(folder, io.BytesIO(doubled), root=root)


def test_a_shortened_manifest_names_the_files_that_it_lacks(folder: Path, tmp_path: Path) -> None:
    manifest, _ = seal(folder, tmp_path / "objects")
    shorter = b"".join(manifest.splitlines(keepends=True)[:-2])
    reader = read_manifest(io.BytesIO(shorter))
    assert len(list(reader)) == 2
    root = reader.summary().root
    assert differences(folder, shorter, root) == {"added": ["b/d", "e"], "total": 2}


def test_a_block_is_skipped_only_if_it_comes_next() -> None:
    entries = [ManifestEntry(name, 1, (bytes(32),)) for name in "abcd"]
    writer = ManifestWriter(ManifestHeader())
    text = writer.start() + writer.block(entries)
    reader = read_manifest(io.BytesIO(text))
    assert not reader.skip(entries[1:3])
    assert not reader.skip([ManifestEntry("a", 2, (bytes(32),))])
    assert reader.skip(entries[:2])
    assert not reader.skip(entries[:2])
    assert next(iter(reader)) == entries[2]
    assert reader.skip(entries[3:])
    assert not reader.skip(entries[3:])
    assert list(reader) == []
    assert reader.summary() == writer.summary()


def test_a_skipped_ignore_file_counts_as_sealed() -> None:
    entries = [ManifestEntry(name, 1, (bytes(32),)) for name in (".rules", "a")]
    for sealed, complete in ((entries, True), (entries[1:], False)):
        writer = ManifestWriter(ManifestHeader(ignore=".rules"))
        reader = read_manifest(io.BytesIO(writer.start() + writer.block(sealed)))
        assert reader.skip(sealed)
        if complete:
            assert list(reader) == []
        else:
            with pytest.raises(MalformedError, match="not itself sealed"):
                list(reader)
