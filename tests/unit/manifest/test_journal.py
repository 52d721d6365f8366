"""Resuming an interrupted seal, and status by hint: fast, and never trusted further."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from diptych.provenance.manifest import (
    BuildOptions,
    ScanJournal,
    build_manifest,
    journal_path,
    tree_status,
)
from diptych.provenance.objects import LocalObjects, object_stream
from diptych_verify.compare import scan_summary
from diptych_verify.scan import ScanOptions, scan, scan_batches

OLD_NS = 1_700_000_000_000_000_000
FAR_AHEAD_S = 4e9


def late() -> float:
    """A clock at which no file counts as just modified."""
    return FAR_AHEAD_S


def make(root: Path, count: int = 10) -> Path:
    root.mkdir()
    for number in range(count):
        (root / f"{number:04}").write_bytes(b"%d" % number)
    return root


def journal(path: Path, folder: Path, algorithms: tuple[str, ...] = ("sha256",)) -> ScanJournal:
    return ScanJournal(path, folder, algorithms, clock=late, delay_s=0)


def interrupted(path: Path, folder: Path) -> None:
    with journal(path, folder) as unfinished:
        for batch in scan_batches(folder):
            unfinished.record(batch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path / "data")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal" / "x.sqlite"


def reused(path: Path, folder: Path, algorithms: tuple[str, ...] = ("sha256",)) -> int:
    hits = 0
    with journal(path, folder, algorithms) as again:
        for entry in scan(folder):
            digests = again.known(entry.path, (folder / entry.path).stat())
            assert digests in {None, entry.digests}
            hits += digests is not None
    return hits


def test_an_interrupted_scan_is_continued(folder: Path, path: Path) -> None:
    interrupted(path, folder)
    with journal(path, folder) as again:
        assert again.unfinished
    assert reused(path, folder) == 10


def test_a_finished_scan_is_not_continued(folder: Path, path: Path) -> None:
    with journal(path, folder) as done:
        for batch in scan_batches(folder):
            done.record(batch)
        done.complete()
    with journal(path, folder) as again:
        assert not again.unfinished


def test_a_touched_file_is_hashed_again(folder: Path, path: Path) -> None:
    interrupted(path, folder)
    os.utime(folder / "0003", ns=(OLD_NS, OLD_NS))
    (folder / "0004").write_bytes(b"other")
    assert reused(path, folder) == 8


def test_equal_size_and_mtime_do_not_hide_a_change(folder: Path, path: Path) -> None:
    os.utime(folder / "0003", ns=(OLD_NS, OLD_NS))
    interrupted(path, folder)
    (folder / "0003").write_bytes(b"X")
    os.utime(folder / "0003", ns=(OLD_NS, OLD_NS))
    assert reused(path, folder) == 9


def test_another_folder_or_algorithm_voids_the_journal(
    folder: Path, path: Path, tmp_path: Path
) -> None:
    interrupted(path, folder)
    assert reused(path, folder, ("sha256", "blake3")) == 0
    assert reused(path, make(tmp_path / "other")) == 0


def test_a_just_modified_file_is_not_recorded(folder: Path, path: Path) -> None:
    newest_s = max(file.stat().st_ctime for file in folder.iterdir())
    with ScanJournal(path, folder, ("sha256",), clock=lambda: newest_s, delay_s=0) as early:
        for batch in scan_batches(folder):
            early.record(batch)
    assert reused(path, folder) == 0


def test_a_short_scan_writes_nothing(folder: Path, path: Path) -> None:
    with ScanJournal(path, folder, ("sha256",), clock=late, delay_s=2) as short:
        for batch in scan_batches(folder):
            short.record(batch)
        short.complete()
    assert not path.exists()


@pytest.mark.parametrize(
    "damage", [b"", b"not a database at all", b"SQLite format 3\0" + b"x" * 99]
)
def test_a_damaged_journal_is_as_good_as_none(folder: Path, path: Path, damage: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(damage)
    assert reused(path, folder) == 0
    interrupted(path, folder)
    assert reused(path, folder) == 10


def test_a_build_resumes_and_gives_the_same_manifest(
    folder: Path, path: Path, tmp_path: Path
) -> None:
    objects = LocalObjects(tmp_path / "objects")
    fresh = build_manifest(folder, objects)
    interrupted(path, folder)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE files SET digests=zeroblob(32) WHERE path='0005'")
    database.close()

    resumed = build_manifest(folder, objects, BuildOptions(journal=path))
    again = build_manifest(folder, objects, BuildOptions(journal=path))

    assert resumed.summary.root != fresh.summary.root, "the journal was not used"
    assert again.summary == fresh.summary, "a finished journal must not be used to seal"


def test_a_killed_seal_leaves_a_usable_journal(path: Path, tmp_path: Path) -> None:
    folder = make(tmp_path / "many", 3_000)
    script = (
        "import sys, os, signal\n"
        "from pathlib import Path\n"
        "from diptych.provenance.manifest import ScanJournal\n"
        "from diptych_verify.scan import scan_batches\n"
        "folder, path = map(Path, sys.argv[1:])\n"
        "journal = ScanJournal(path, folder, ('sha256',), clock=lambda: 4e9, delay_s=0)\n"
        "journal.__enter__()\n"
        "for number, batch in enumerate(scan_batches(folder)):\n"
        "    journal._committed_s = 0\n"
        "    journal.record(batch)\n"
        "    if number == 8:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(folder), str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert 2_000 < reused(path, folder) < 3_000


def test_status_names_changes_and_trusts_the_hint(folder: Path, path: Path, tmp_path: Path) -> None:
    objects = LocalObjects(tmp_path / "objects")
    built = build_manifest(folder, objects)
    with journal(path, folder) as done:
        for batch in scan_batches(folder):
            done.record(batch)
        done.complete()
    with sqlite3.connect(path) as database:
        database.execute("UPDATE files SET digests=zeroblob(32) WHERE path='0005'")
    database.close()

    def status(hints: Path | None) -> dict[str, object]:
        changes = tree_status(folder, object_stream(objects, built.object_name), journal=hints)
        return {kind: paths for kind, paths in changes.to_json().items() if paths}

    assert status(None) == {}
    assert status(path) == {"changed": ["0005"], "total": 1}, "the hint was not used"
    (folder / "0001").write_bytes(b"other")
    (folder / "0002").unlink()
    (folder / "new").write_bytes(b"")
    assert status(None) == {"added": ["new"], "changed": ["0001"], "removed": ["0002"], "total": 3}


def test_verification_never_asks_a_journal(folder: Path) -> None:
    options = ScanOptions(known=lambda path, state: (bytes(32),))
    assert scan_summary(folder, options) == scan_summary(folder)


def test_journals_of_different_folders_differ(tmp_path: Path) -> None:
    assert journal_path(tmp_path, tmp_path / "a") != journal_path(tmp_path, tmp_path / "b")
