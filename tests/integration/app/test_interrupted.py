"""Seals that are interrupted, killed or run out of space: nothing lost, all can go on."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.unit.app.program import Program

from diptych.provenance.manifest import ScanJournal

FOLDERS, FILES = 30, 20
# The program with a journal from the first moment and a pause after each folder.
_SLOWLY = """
import sys, time
from diptych.provenance.manifest import build, journal
journal.COMMIT_S = 0.0
journal.ScanJournal.__init__.__kwdefaults__["delay_s"] = 0.0
real = build.scan_batches
def slowly(*arguments):
    for batch in real(*arguments):
        time.sleep(0.05)
        yield batch
build.scan_batches = slowly
from diptych.app.cli import main
main()
"""


@pytest.fixture
def large(book: Program) -> Program:
    """A workspace with a folder `large` of 600 files that were written long ago."""
    for folder in range(FOLDERS):
        path = book.folder / "large" / f"{folder:02}"
        path.mkdir(parents=True)
        for number in range(FILES):
            file = path / f"{number:02}"
            file.write_bytes(f"{folder} {number}\n".encode() * 50)
            os.utime(file, (1_000_000_000, 1_000_000_000))
    time.sleep(2.1)  # a file's ctime must not be of the moment in which it is hashed
    return book


def _journal(book: Program) -> Path | None:
    return next(iter((book.folder / ".diptych").glob("journal/*.sqlite")), None)


def _seal_slowly(book: Program) -> "subprocess.Popen[bytes]":
    child = subprocess.Popen(
        [sys.executable, "-c", _SLOWLY, "seal", "large", "--json"],
        cwd=book.folder,
        env={**os.environ, **book.environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    book.children.append(child)
    limit_s = time.monotonic() + 60
    while child.poll() is None and time.monotonic() < limit_s:
        path = _journal(book)
        if path is not None and path.with_name(f"{path.name}-wal").exists():
            time.sleep(0.3)
            return child
        time.sleep(0.01)
    raise AssertionError(book.finish(child))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_seal_goes_on_where_it_was(large: Program, number: signal.Signals) -> None:
    child = _seal_slowly(large)
    child.send_signal(number)
    ended = large.finish(child)
    if number == signal.SIGINT:
        assert (ended.code, ended.out) == (130, "")
        assert ended.err == "interrupted: run the same command again to continue\n"
    else:
        assert ended.code == -number
    assert large.ok("verify")["size"] == 1

    asked: list[bool] = []
    real = ScanJournal.known

    def known(self: ScanJournal, path: str, state: os.stat_result) -> tuple[bytes, ...] | None:
        found = real(self, path, state)
        asked.append(found is not None)
        return found

    with large.patch.context() as patch:
        patch.setattr(ScanJournal, "known", known)
        sealed = large.ok("seal", "large")
    assert (sealed["files"], sealed["index"]) == (FOLDERS * FILES, 1)
    assert 0 < sum(asked) < len(asked)
    large.ok("verify", "large")
    assert large.ok("verify")["size"] == 2


def test_a_file_changed_after_the_interruption_is_read_again(large: Program) -> None:
    child = _seal_slowly(large)
    child.kill()
    large.finish(child)
    (large.folder / "large" / "00" / "00").write_text("changed meanwhile\n")
    large.ok("seal", "large")
    large.ok("verify", "large")


def test_a_huge_file_is_interrupted_at_once(book: Program) -> None:
    with (book.folder / "huge").open("wb") as stream:
        stream.truncate(1 << 40)
    child = book.start("seal", "huge")
    time.sleep(1.5)
    child.send_signal(signal.SIGINT)
    start_s = time.monotonic()
    assert book.finish(child).code == 130
    assert time.monotonic() - start_s < 5
    (book.folder / "huge").write_text("small\n")
    book.ok("seal", "huge")
    book.ok("verify", "huge")


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("limit", [1 << 12, 1 << 15, 1 << 17])
def test_a_full_disk_loses_nothing(book: Program, limit: int, private: bool) -> None:
    for number in range(2_000):
        (book.folder / "study" / f"file-with-a-rather-long-name-{number:05}").touch()
    (book.folder / "study" / "large").write_bytes(bytes(1 << 18))
    before = book.ok("verify")

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    words = ("seal", "study", "--store", *(("--private",) if private else ()))
    ended = book.finish(book.start(*words, "--json", preexec_fn=limited))
    assert ended.code == 3, ended
    assert json.loads(ended.out)["error"]["code"] in {
        "Environment.DiskFull",
        "Environment.CannotWrite",
        "Environment.CannotUse",
        "Private.Unusable",
    }
    assert book.ok("verify") == before
    assert book.ok(*words)["index"] == 1
    book.ok("verify", "study")


def test_a_full_disk_stops_init_and_backup_whole(book: Program, tmp_path: Path) -> None:
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, 4_096))

    ended = book.finish(book.start("backup", str(tmp_path / "b.tar"), preexec_fn=limited))
    assert (ended.code, ended.err.startswith("error [Environment.")) == (3, True), ended
    fresh = Program(tmp_path / "fresh", book.environ, book.captured, book.patch)
    fresh.folder.mkdir()
    ended = fresh.finish(fresh.start("init", preexec_fn=limited))
    assert (ended.code, ended.err.startswith("error [")) == (3, True), ended
    assert list(fresh.folder.iterdir()) == []
    assert not (tmp_path / "b.tar").exists()
    assert [path for path in (book.folder / ".diptych").glob("backup-*")] == []
