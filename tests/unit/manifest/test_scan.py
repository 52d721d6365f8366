"""Walking and hashing: every file in path order, every problem named, nothing skipped."""

import hashlib
import os
import socket
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import cast

import blake3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych_verify.hashing import SMALL_BYTES, MissingDigest, hash_factory
from diptych_verify.manifest import ManifestEntry
from diptych_verify.scan import ScanOptions, scan
from diptych_verify.walk import CannotScan, FileChanged, Problem


def make(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return root


def expected(files: dict[str, bytes]) -> list[ManifestEntry]:
    return [
        ManifestEntry(name, len(files[name]), (hashlib.sha256(files[name]).digest(),))
        for name in sorted(files, key=str.encode)
    ]


def problems_of(error: CannotScan) -> list[tuple[str, str]]:
    rows = cast(list[dict[str, str]], error.details["problems"])
    return [(row["path"], row["kind"]) for row in rows]


def test_entries_come_in_byte_order_of_full_paths(tmp_path: Path) -> None:
    names = ("a!", "a/b", "a/b-c", "a0", "é/x", "z\n", "😀", "\uffff", "a-/y", "a.")
    files = {name: name.encode() for name in names}
    assert list(scan(make(tmp_path, files))) == expected(files)


@settings(max_examples=25, deadline=None)
@given(
    st.sets(
        st.lists(st.sampled_from(["a", "b", "a-", "a.", "a0", "é", "\uffff", "😀"]), min_size=1)
        .filter(lambda parts: len(parts) <= 4)
        .map("/".join),
        min_size=1,
        max_size=20,
    )
)
def test_order_holds_for_any_tree(
    tmp_path_factory: pytest.TempPathFactory, names: set[str]
) -> None:
    root = tmp_path_factory.mktemp("tree")
    folders = {name[:at] for name in names for at, char in enumerate(name) if char == "/"}
    files = {name: name.encode() for name in names - folders}

    assert list(scan(make(root, files))) == expected(files)


@pytest.mark.parametrize("size", [0, 1, SMALL_BYTES, SMALL_BYTES + 1, 3 * SMALL_BYTES + 7])
def test_digests_are_right_for_small_and_large_files(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    (tmp_path / "f").write_bytes(content)

    (entry,) = scan(tmp_path, ScanOptions(algorithms=("sha256", "blake3")))

    digests = (hashlib.sha256(content).digest(), blake3.blake3(content).digest())
    assert entry == ManifestEntry("f", size, digests)


@pytest.mark.parametrize("workers", [1, 3])
def test_many_large_files_keep_their_order(tmp_path: Path, workers: int) -> None:
    files = {f"d{n % 3}/{n:02}": bytes([n]) * (SMALL_BYTES + 1 if n % 2 else 9) for n in range(24)}

    assert list(scan(make(tmp_path, files), ScanOptions(workers=workers))) == expected(files)


def test_more_files_than_one_run(tmp_path: Path) -> None:
    files = {f"{n:04}": b"" for n in range(600)}
    assert list(scan(make(tmp_path, files))) == expected(files)


def test_one_file_is_listed_under_its_name(tmp_path: Path) -> None:
    make(tmp_path, {"data.csv": b"1,2"})
    assert list(scan(tmp_path / "data.csv")) == expected({"data.csv": b"1,2"})


def test_git_and_workspace_folders_are_never_listed(tmp_path: Path) -> None:
    make(tmp_path, {".git/x": b"", "a/.diptych/y": b"", "a/.gitignore": b"z"})
    assert list(scan(tmp_path)) == expected({"a/.gitignore": b"z"})


def make_link(path: Path) -> None:
    path.symlink_to("elsewhere")


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        here = os.open(path.parent, os.O_RDONLY)
        server.bind(f"/proc/self/fd/{here}/{path.name}")
        os.close(here)


def make_badly_named(path: Path) -> None:
    Path(os.fsdecode(os.fsencode(path) + b"\xff")).write_bytes(b"")


@pytest.mark.parametrize(
    ("build", "kind"),
    [
        (make_link, "link"),
        (make_pipe, "special"),
        (make_socket, "special"),
        (make_badly_named, "name"),
    ],
)
def test_what_cannot_be_sealed_is_named(
    tmp_path: Path, build: Callable[[Path], None], kind: str
) -> None:
    make(tmp_path, {"good": b"1"})
    build(tmp_path / "bad")

    with pytest.raises(CannotScan) as caught:
        list(scan(tmp_path))

    assert [(path[:3], kind) for path, kind in problems_of(caught.value)] == [("bad", kind)]
    assert "ignore file" in caught.value.hint


def test_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    make(tmp_path, {"real/x": b"1"})
    (tmp_path / "other").symlink_to(tmp_path / "real")
    with pytest.raises(CannotScan, match="symbolic link"):
        list(scan(tmp_path))


def test_all_problems_are_listed_together(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"l{number}").symlink_to("nowhere")
    with pytest.raises(CannotScan, match="and 4 more") as caught:
        list(scan(tmp_path))
    assert problems_of(caught.value) == [(f"l{number}", "link") for number in range(5)]


def test_a_flood_of_problems_stops_at_the_limit(tmp_path: Path) -> None:
    for number in range(150):
        (tmp_path / f"l{number}").symlink_to("nowhere")
    with pytest.raises(CannotScan, match="and 99 more"):
        list(scan(tmp_path))


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    make(tmp_path, {"a": b"1" * (40 * SMALL_BYTES)})

    def grow(_: int) -> None:
        with (tmp_path / "a").open("ab") as stream:
            stream.write(b"2")

    with pytest.raises(FileChanged, match="'a' changed"):
        list(scan(tmp_path, ScanOptions(advance=grow)))


def test_a_file_rewritten_with_equal_size_while_it_is_read_is_refused(tmp_path: Path) -> None:
    make(tmp_path, {"a": b"1" * (40 * SMALL_BYTES)})

    def rewrite(_: int) -> None:
        (tmp_path / "a").write_bytes(b"2" * (40 * SMALL_BYTES))

    with pytest.raises(FileChanged):
        list(scan(tmp_path, ScanOptions(advance=rewrite)))


def test_a_file_that_vanishes_is_named(tmp_path: Path) -> None:
    make(tmp_path, {f"{n}": b"" for n in range(3)})
    seen: list[Problem] = []
    entries = scan(tmp_path, ScanOptions(report=seen.append, known=lambda path, _: None))
    original = os.open

    def vanish(name: str, flags: int, *args: int, dir_fd: int | None = None) -> int:
        if name == "1":
            (tmp_path / "1").unlink()
        return original(name, flags, *args, dir_fd=dir_fd)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", vanish)
        assert [entry.path for entry in entries] == ["0", "2"]
    assert [(problem.path, problem.kind) for problem in seen] == [("1", "vanished")]


@pytest.mark.parametrize("what", ["f", "d"])
def test_unreadable_files_and_folders_are_named(
    tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, {"f": b"1", "d/x": b"2"})
    original = os.open

    def deny(name: str, flags: int, *args: int, dir_fd: int | None = None) -> int:
        if name == what and dir_fd is not None:
            raise PermissionError(13, "Permission denied")
        return original(name, flags, *args, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", deny)
    with pytest.raises(CannotScan, match=f"'{what}/?' cannot be read: Permission denied"):
        list(scan(tmp_path))


def test_nesting_beyond_the_limit_is_named(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(205):
        deep = deep / "d"
    deep.mkdir(parents=True)
    with pytest.raises(CannotScan, match="nested too deeply"):
        list(scan(tmp_path))


def test_a_missing_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CannotScan, match="No such file"):
        list(scan(tmp_path / "nothing"))


def test_an_unknown_digest_is_an_error() -> None:
    with pytest.raises(MissingDigest, match="md5"):
        hash_factory("md5")


def test_an_abandoned_scan_leaves_no_thread_and_no_open_file(tmp_path: Path) -> None:
    make(tmp_path, {f"{n}": b"x" * (2 * SMALL_BYTES) for n in range(8)})
    before = len(os.listdir("/proc/self/fd"))
    entries = scan(tmp_path)
    next(entries)
    cast(Generator[ManifestEntry, None, None], entries).close()
    assert len(os.listdir("/proc/self/fd")) == before
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("hash")]


def test_progress_counts_every_byte(tmp_path: Path) -> None:
    make(tmp_path, {"a": b"x" * 10, "b": b"x" * (9 * SMALL_BYTES), "c/d": b"yy"})
    counts: list[int] = []
    list(scan(tmp_path, ScanOptions(advance=counts.append)))
    assert sum(counts) == 12 + 9 * SMALL_BYTES
