"""A workspace that may be read but not written: another user's folder, or a read-only medium."""

import ctypes
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.app.program import Program, Ran

_DROP_FROM_BOUNDING_SET, _MAY_WRITE_ANYWHERE, _MAY_READ_ANYWHERE = 24, 1, 2
READING = (
    ("log",),
    ("status",),
    ("verify", "study"),
    ("verify",),
    ("bundle", "study", "-o", "/dev/null"),
)


def _like_any_user() -> None:
    """Give up what lets root ignore permissions; for any other user this does nothing."""
    libc = ctypes.CDLL(None)
    for capability in (_MAY_WRITE_ANYWHERE, _MAY_READ_ANYWHERE):
        libc.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0)


@pytest.fixture
def frozen(book: Program) -> Iterator[Program]:
    """A workspace with a sealed folder; thaw and freeze by permission bits."""
    book.ok("seal", "study")
    yield book
    _permit(book, writing=True)


def _permit(book: Program, *, writing: bool) -> None:
    home = book.folder / ".diptych"
    for folder in (book.folder, home, *(p for p in home.rglob("*") if p.is_dir())):
        folder.chmod(folder.stat().st_mode | 0o200 if writing else folder.stat().st_mode & ~0o222)


def run(book: Program, *words: str) -> Ran:
    child = book.start(*words, "--json", preexec_fn=_like_any_user)
    return book.finish(child)


def answers(book: Program) -> list[dict[str, Any]]:
    ran = [run(book, *words) for words in READING]
    assert [one.code for one in ran] == [0] * len(READING), ran
    return [json.loads(one.out) for one in ran]


def leave_log_behind(book: Program, *, shared_memory: bool) -> None:
    """Seal once more in a process that dies: the newest record stands in the -wal file alone."""
    (book.folder / "study" / "c.csv").write_text("5,6\n")
    code = (
        "import os, sys, sqlite3\n"
        "held = sqlite3.connect('.diptych/log.sqlite')\n"  # the last one to close takes it in
        "held.execute('SELECT count(*) FROM entries').fetchall()\n"
        "import diptych\n"
        "diptych.open().seal('study')\n"
        "os._exit(0)\n"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=book.folder,
        env={**os.environ, **book.environ},
        check=True,
    )
    home = book.folder / ".diptych"
    assert (home / "log.sqlite-wal").stat().st_size > 0
    if not shared_memory:
        (home / "log.sqlite-shm").unlink()


def test_a_clean_workspace_is_read(frozen: Program) -> None:
    before = answers(frozen)
    _permit(frozen, writing=False)
    assert answers(frozen) == before
    assert not (frozen.folder / ".diptych" / "log.sqlite-shm").exists()


@pytest.mark.parametrize("shared_memory", [True, False])
def test_a_record_that_stands_in_the_write_ahead_log_is_read(
    frozen: Program, shared_memory: bool
) -> None:
    size = len(frozen.ok("log")["records"])
    leave_log_behind(frozen, shared_memory=shared_memory)
    names = sorted(path.name for path in (frozen.folder / ".diptych").iterdir())
    _permit(frozen, writing=False)
    listed, status, *_ = answers(frozen)
    assert len(listed["records"]) == size + 1
    assert [path["state"] for path in status["paths"]] == ["unchanged"]
    assert sorted(path.name for path in (frozen.folder / ".diptych").iterdir()) == names


def test_a_change_is_still_found(frozen: Program) -> None:
    (frozen.folder / "study" / "a.csv").write_text("9,9\n")
    _permit(frozen, writing=False)
    assert run(frozen, "verify", "study").code == 1


def test_a_damaged_log_is_still_found(frozen: Program) -> None:
    frozen.ok("log")
    path = frozen.folder / ".diptych" / "log.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE entries SET envelope = x'00' WHERE idx = 0")
    connection.close()
    _permit(frozen, writing=False)
    assert run(frozen, "verify").code == 1


@pytest.mark.parametrize("shared_memory", [True, False, None])
def test_writing_is_refused_and_says_so(frozen: Program, shared_memory: bool | None) -> None:
    if shared_memory is not None:
        leave_log_behind(frozen, shared_memory=shared_memory)
    shutil.copytree(frozen.folder / "study", frozen.folder / "other")
    _permit(frozen, writing=False)
    ran = run(frozen, "seal", "other")
    assert ran.code == 3
    assert ran.error["code"].startswith("Environment.")
    assert "Traceback" not in ran.err


@pytest.fixture
def secret(book: Program) -> Iterator[Program]:
    """A workspace with a private folder and a private table."""
    book.ok("seal", "study", "--private", "--store")
    (book.folder / "t.csv").write_text("id,age\nP-1,40\nP-2,41\n")
    book.ok("data", "add-table", "t.csv", "--subject", "id", "--name", "t")
    yield book
    _permit(book, writing=True)


def modes_and_contents(home: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path): (path.stat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in [home, *home.rglob("*")]
    }


def test_private_seals_are_verified_and_disclosed_without_a_trace(secret: Program) -> None:
    words = (
        ("verify", "study"),
        ("verify", "t", "t.csv"),
        ("data", "subjects", "t"),
        ("data", "compare", "t"),
        ("bundle", "study", "--disclose", "a.csv", "-o", "/dev/null"),
        ("data", "disclose", "t", "--subject", "P-1", "-o", "/dev/null"),
    )
    _permit(secret, writing=False)
    before = modes_and_contents(secret.folder / ".diptych")
    for one in words:
        ran = run(secret, *one)
        assert ran.code == 0, ran.err
    assert modes_and_contents(secret.folder / ".diptych") == before
    (secret.folder / "t.csv").write_text("id,age\nP-1,40\nP-2,99\n")
    assert run(secret, "verify", "t", "t.csv").code == 1


def test_erasing_where_nothing_can_be_written_is_refused(secret: Program) -> None:
    _permit(secret, writing=False)
    for words in (("erase", "t", "--subject", "P-1"), ("erase", "study", "--all")):
        ran = run(secret, "data", *words)
        assert (ran.code, ran.error["code"]) == (3, "Environment.CannotWrite")
    _permit(secret, writing=True)
    assert len(secret.ok("data", "subjects", "t")["subjects"]) == 2
    secret.ok("verify", "study")


def test_private_keys_that_were_not_closed_are_not_copied(secret: Program) -> None:
    path = secret.folder / ".diptych" / "private" / "datakeys.sqlite"
    path.with_name(path.name + "-wal").write_bytes(b"left behind")
    _permit(secret, writing=False)
    ran = run(secret, "data", "subjects", "t")
    assert (ran.code, ran.error["code"]) == (3, "Private.Unusable")
    assert "was not closed" in ran.error["message"]
