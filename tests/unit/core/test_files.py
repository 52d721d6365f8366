"""Durable writes: whole or not at all, whatever happens in between."""

import errno
import fcntl
import os
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from diptych.core.files import (
    CannotUse,
    CannotWrite,
    DiskFull,
    database_fault,
    make_folder,
    make_private_file,
    naming,
    staged_folder,
    sync_folder,
    write_durably,
    write_error,
)

OLD, NEW = b"old content", b"new content"

_WRITER = """
import sys, os
from pathlib import Path
from diptych.core import files
{before}
files.write_durably(Path(sys.argv[1]), b"new content" * 100_000)
"""


def _write_in_child(target: Path, before: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _WRITER.format(before=before), str(target)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_new_file_holds_the_payload(tmp_path: Path) -> None:
    write_durably(tmp_path / "a", NEW)
    assert (tmp_path / "a").read_bytes() == NEW


def test_an_old_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_bytes(OLD)
    write_durably(target, NEW)
    assert target.read_bytes() == NEW
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_permission_bits_are_set_from_the_start(tmp_path: Path, mode: int) -> None:
    write_durably(tmp_path / "key", NEW, mode=mode)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == mode


def test_a_reader_that_has_the_old_file_open_keeps_the_old_content(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_bytes(OLD)
    with target.open("rb") as reader:
        write_durably(target, NEW)
        assert reader.read() == OLD


def test_data_and_folder_are_synced_in_the_order_that_survives_a_power_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace

    def traced_fsync(descriptor: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        steps.append(f"sync {kind}")
        fsync(descriptor)

    def traced_replace(source: Path, target: Path) -> None:
        steps.append("rename")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", traced_fsync)
    monkeypatch.setattr(os, "replace", traced_replace)
    write_durably(tmp_path / "a", NEW)
    assert steps == ["sync file", "rename", "sync folder"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_kill_before_the_rename_leaves_the_old_content(tmp_path: Path, call: str) -> None:
    target = tmp_path / "a"
    target.write_bytes(OLD)
    done = _write_in_child(target, f"os.{call} = lambda *_: os.kill(os.getpid(), 9)")
    assert done.returncode == -signal.SIGKILL
    assert target.read_bytes() == OLD


def test_a_file_size_limit_leaves_the_old_content_and_no_rest(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_bytes(OLD)
    limit = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, (4096, {resource.RLIM_INFINITY}))"
    )
    done = _write_in_child(target, limit)
    assert "CannotWrite" in done.stderr
    assert target.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_has_its_own_error_and_leaves_the_old_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    target = tmp_path / "a"
    target.write_bytes(OLD)

    def full(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull, match="no space left") as caught:
        write_durably(target, NEW)
    assert caught.value.exit_code == 3
    assert caught.value.hint
    assert target.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [target]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="absent"):
        write_durably(tmp_path / "absent" / "a", NEW)


def test_a_folder_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(CannotWrite):
        write_durably(tmp_path / "a", NEW)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_only_lack_of_space_reads_as_a_full_disk() -> None:
    assert isinstance(write_error(Path("a"), OSError(errno.ENOSPC, "x")), DiskFull)
    assert isinstance(write_error(Path("a"), OSError(errno.EROFS, "x")), CannotWrite)


def test_syncing_a_folder_that_is_not_there_fails(tmp_path: Path) -> None:
    sync_folder(tmp_path)
    with pytest.raises(OSError, match="No such file"):
        sync_folder(tmp_path / "absent")


def test_a_folder_is_made_with_its_parents_and_found_again(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / "c"
    for _ in range(2):
        make_folder(folder, mode=0o700)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert folder.parent.stat().st_mode & 0o777 == 0o700


def test_a_file_in_the_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "a")


def test_a_private_file_is_made_once_and_links_are_refused(tmp_path: Path) -> None:
    make_private_file(tmp_path / "store")
    assert (tmp_path / "store").stat().st_mode & 0o777 == 0o600
    (tmp_path / "store").write_bytes(b"kept")
    make_private_file(tmp_path / "store")
    assert (tmp_path / "store").read_bytes() == b"kept"
    (tmp_path / "link").symlink_to(tmp_path / "store")
    with pytest.raises(FileExistsError):
        make_private_file(tmp_path / "link")


def test_making_sure_of_a_private_file_keeps_the_locks_on_it(tmp_path: Path) -> None:
    make_private_file(tmp_path / "store")
    with (tmp_path / "store").open("r+b") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)
        make_private_file(tmp_path / "store")
        other = (
            "import fcntl, sys\n"
            "fcntl.lockf(open(sys.argv[1], 'r+b'), fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
        )
        tried = subprocess.run(
            [sys.executable, "-c", other, str(tmp_path / "store")], capture_output=True, check=False
        )
    assert b"BlockingIOError" in tried.stderr


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("database or disk is full", DiskFull),
        ("disk I/O error", CannotWrite),
        ("attempt to write a readonly database", CannotWrite),
        ("unable to open database file", CannotWrite),
    ],
)
def test_what_sqlite_says_of_the_disk_is_no_damage(said: str, kind: type[Exception]) -> None:
    found = database_fault(Path("log.sqlite"), sqlite3.OperationalError(said))
    assert isinstance(found, kind)
    assert "log.sqlite" in found.message
    assert found.hint


@pytest.mark.parametrize("said", ["file is not a database", "database is locked"])
def test_what_the_disk_is_not_to_blame_for_is_left_to_the_caller(said: str) -> None:
    assert database_fault(Path("log.sqlite"), sqlite3.DatabaseError(said)) is None


def test_an_error_gets_the_name_of_the_file_once() -> None:
    for message, shown in (("line 1: bad", "a.toml: line 1: bad"), ("a.toml: bad", "a.toml: bad")):
        with pytest.raises(CannotUse) as caught, naming(Path("x/a.toml")):
            raise CannotUse(message)
        assert caught.value.message == str(caught.value) == shown
    with pytest.raises(CannotUse) as caught, naming(Path("a.toml"), DiskFull):
        raise CannotUse("of something else")
    assert caught.value.message == "of something else"


def test_text_that_is_none_is_named() -> None:
    with pytest.raises(CannotUse, match=r"a\.txt is not UTF-8 text"), naming(Path("a.txt")):
        b"\xff".decode()


def test_a_staged_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with pytest.raises(FileNotFoundError), staged_folder(target) as stage:
        (stage / "a").rename(stage / "missing" / "b")
    with staged_folder(target):
        pass
    assert list(tmp_path.iterdir()) == []
    with staged_folder(target) as stage:
        (stage / "a").write_text("whole")
        assert not target.exists()
    assert [one.name for one in tmp_path.iterdir()] == ["out"]
    with pytest.raises(CannotWrite), staged_folder(target) as stage:
        (stage / "b").write_text("taken meanwhile")
    assert [one.name for one in target.iterdir()] == ["a"]
