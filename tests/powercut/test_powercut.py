"""Nothing acknowledged is lost when the power goes; and this test would see it."""

import os
import sqlite3
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from tests.powercut.campaign import Story, run_cuts
from tests.powercut.disk import DiskState, SimulatedDisk
from tests.powercut.files import recorded_files
from tests.powercut.log import LogStory
from tests.powercut.objects import FileStory
from tests.powercut.sensors import ReadingStory
from tests.powercut.sqlite import SimulatedSqlite
from tests.powercut.tables import TableStory
from tests.powercut.usage import UsageStory

from diptych.app.workspace import create
from diptych.core import files
from diptych.core.secret import Secret

CUTS = int(os.environ.get("DIPTYCH_TEST_CUTS", "40"))


def outcomes(disk: SimulatedDisk, moment: int, *, tries: int = 200) -> set[bytes | None]:
    """Return the contents that the file `f` may have after a cut, None for no such file."""
    random = Random(1)
    return {disk.cut(moment, random)[0].get("f") for _ in range(tries)}


def test_the_log_loses_nothing() -> None:
    report = run_cuts(LogStory(), CUTS, seed=20)
    assert report.losses == []
    assert report.cuts == CUTS
    assert report.acknowledged["records"] > CUTS


@pytest.mark.parametrize("synchronous", ["OFF", "NORMAL"])
def test_a_weaker_sync_is_seen_as_loss(synchronous: str) -> None:
    assert run_cuts(LogStory(synchronous=synchronous), 40, seed=20).losses


def test_pins_that_are_not_synced_are_seen_as_loss() -> None:
    losses = run_cuts(LogStory(ignored=("file", "folder")), 60, seed=20).losses
    assert any("pin" in loss for loss in losses)


def test_files_lose_nothing() -> None:
    report = run_cuts(FileStory(), CUTS, seed=20)
    assert report.losses == []
    assert set(report.acknowledged) == {"objects", "removals", "files"}


@pytest.mark.parametrize("ignored", ["file", "folder"])
def test_files_that_are_not_synced_are_seen_as_loss(ignored: str) -> None:
    assert run_cuts(FileStory(ignored=(ignored,)), 60, seed=20).losses


@pytest.mark.parametrize(
    ("story", "covered"),
    [
        (TableStory(), {"rows", "erasures"}),
        (UsageStory(), {"uses", "roots"}),
        (ReadingStory(), {"readings", "spooled readings"}),
    ],
    ids=["tables", "usage", "readings"],
)
def test_private_tables_uses_and_readings_lose_nothing(story: Story, covered: set[str]) -> None:
    report = run_cuts(story, CUTS, seed=20)
    assert report.losses == []
    assert set(report.acknowledged) == covered


@pytest.mark.parametrize("story", [TableStory, UsageStory, ReadingStory])
def test_weaker_syncs_of_these_are_seen_as_loss(story: type[Any]) -> None:
    assert run_cuts(story(synchronous="OFF"), 40, seed=20).losses


def test_an_erased_key_that_a_truncated_log_still_holds_is_seen() -> None:
    """Without `sync_log`, an old write-ahead log comes back after a cut, keys and all.

    Keys are random and so is what a cut leaves of them: most campaigns see it, ten miss it all
    but never.
    """
    with patch("diptych.provenance.private.table.files.sync_log"):
        campaigns = (run_cuts(TableStory(), 110, seed=seed).losses for seed in range(20, 30))
        seen = any("was erased and lies in a file" in loss for each in campaigns for loss in each)
    assert seen


class TestSimulatedDisk:
    def test_unsynced_sectors_are_torn_and_reordered(self, tmp_path: Path) -> None:
        disk = SimulatedDisk(tmp_path, {"f": bytes(1024)})
        disk.record(DiskState.write, "f", 0, b"a" * 1024)
        halves = {(one[:1], one[-1:]) for one in outcomes(disk, 1) if one is not None}
        assert halves == {(x, y) for x in (b"\0", b"a") for y in (b"\0", b"a")}

    def test_synced_bytes_stay(self, tmp_path: Path) -> None:
        disk = SimulatedDisk(tmp_path, {"f": bytes(1024)})
        disk.record(DiskState.write, "f", 0, b"a" * 1024)
        disk.record(DiskState.sync, "f")
        disk.record(DiskState.write, "f", 1000, b"b" * 4)
        assert outcomes(disk, 3) == {b"a" * 1024, b"a" * 1000 + b"bbbb" + b"a" * 20}

    def test_an_unsynced_length_may_be_lost_or_hold_garbage(self, tmp_path: Path) -> None:
        disk = SimulatedDisk(tmp_path, {"f": b""})
        disk.record(DiskState.write, "f", 0, b"a" * 600)
        found = {one for one in outcomes(disk, 1) if one is not None}
        assert {len(one) for one in found} == {0, 600}
        assert any(one[:512] == b"a" * 512 and set(one[512:]) - {0, 97} for one in found)

    def test_a_new_name_needs_a_folder_sync(self, tmp_path: Path) -> None:
        disk = SimulatedDisk(tmp_path)
        disk.record(DiskState.create, "f")
        disk.record(DiskState.write, "f", 0, b"a")
        disk.record(DiskState.sync, "f")
        assert outcomes(disk, 3) == {None, b"a"}
        disk.record(DiskState.sync_folder, ".")
        assert outcomes(disk, 4) == {b"a"}

    def test_a_file_is_lost_with_the_name_of_its_folder(self, tmp_path: Path) -> None:
        disk = SimulatedDisk(tmp_path)
        disk.record(DiskState.make_folder, "d")
        disk.record(DiskState.create, "d/f")
        disk.record(DiskState.sync_folder, "d")
        random = Random(1)
        assert {"d/f" in disk.cut(3, random)[0] for _ in range(50)} == {True, False}
        disk.record(DiskState.sync_folder, ".")
        assert {"d/f" in disk.cut(4, random)[0] for _ in range(50)} == {True}

    def test_a_rename_between_folders_may_happen_by_halves(self, tmp_path: Path) -> None:
        disk = SimulatedDisk(tmp_path, {"a/f": b"1", "b/g": b"2"})
        disk.record(DiskState.rename, "a/f", "b/f")
        random = Random(1)
        found = {tuple(sorted(disk.cut(1, random)[0])) for _ in range(99)}
        assert found == {("a/f", "b/g"), ("b/f", "b/g"), ("b/g",), ("a/f", "b/f", "b/g")}

    def test_a_folder_is_renamed_with_what_it_holds(self, tmp_path: Path) -> None:
        disk = SimulatedDisk(tmp_path, {"a/b/f": b"1"})
        disk.record(DiskState.rename, "a", "c")
        disk.record(DiskState.write, "c/b/f", 0, b"2")
        disk.record(DiskState.sync_all)
        assert disk.cut(3, Random(1))[0] == {"c/b/f": b"2"}

    def test_promises_count_from_the_moment_they_were_made(self, tmp_path: Path) -> None:
        disk = SimulatedDisk(tmp_path, {"f": b""})
        disk.record(DiskState.write, "f", 0, b"a")
        disk.acknowledge("done")
        assert disk.cut(0, Random(0))[1] == []
        assert disk.cut(1, Random(0))[1] == ["done"]


class TestRecordedFiles:
    def test_write_durably_is_old_or_new_and_new_once_acknowledged(self, tmp_path: Path) -> None:
        disk = SimulatedDisk(tmp_path, {"f": b"old"})
        with recorded_files(disk, "diptych.core.files"):
            files.write_durably(tmp_path / "f", b"new" * 300)
        seen = [outcomes(disk, moment, tries=50) for moment in range(disk.moments)]
        assert set().union(*seen) == {b"old", b"new" * 300}
        assert seen[-1] == {b"new" * 300}

    def test_a_rename_without_sync_is_caught(self, tmp_path: Path) -> None:
        disk = SimulatedDisk(tmp_path, {"f": b"old"})
        with recorded_files(disk, "diptych.core.files"):
            system = vars(files)["os"]  # the recording one
            descriptor = system.open(tmp_path / "t", os.O_WRONLY | os.O_CREAT)
            system.write(descriptor, b"new")
            system.close(descriptor)
            system.replace(tmp_path / "t", tmp_path / "f")
        assert {b"old", b""} <= outcomes(disk, disk.moments - 1)

    def test_what_pathlib_writes_is_recorded(self, tmp_path: Path) -> None:
        disk = SimulatedDisk(tmp_path)
        with recorded_files(disk):
            (tmp_path / "d").mkdir()
            with (tmp_path / "d" / "f").open("xb") as stream:
                stream.write(b"a" * 20_000)
            (tmp_path / "d").rename(tmp_path / "e")
        disk.record(DiskState.sync_all)
        assert disk.cut(disk.moments - 1, Random(1))[0] == {"e/f": b"a" * 20_000}

    def test_a_new_workspace_is_whole_or_not_there(self, tmp_path: Path) -> None:
        """The database itself is the log's story; here it is the files and names around it."""
        disk = SimulatedDisk(tmp_path)
        with recorded_files(disk, "diptych.core.files"):
            create(tmp_path, prompt=lambda _: Secret("correct horse"))
        random = Random(1)
        for _ in range(20):
            kept = {Path(name).parts[0] for name in disk.cut(disk.moments - 1, random)[0]}
            assert kept == {".diptych"}
        names = list(disk.cut(disk.moments - 1, random)[0])
        assert ".diptych/diptych.toml" in names
        assert sum(name.startswith(".diptych/private/keys/") for name in names) == 3


def test_the_connection_raises_the_errors_of_sqlite3(tmp_path: Path) -> None:
    simulated = SimulatedSqlite(SimulatedDisk(tmp_path))
    connection = simulated.connect(tmp_path / "x.sqlite")
    connection.execute("CREATE TABLE t (x PRIMARY KEY)")
    connection.executemany("INSERT INTO t VALUES (?)", [(1,), (2,)])
    assert connection.execute("SELECT x FROM t ORDER BY x").fetchall() == [(1,), (2,)]
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("INSERT INTO t VALUES (1)")
    with pytest.raises(sqlite3.OperationalError):
        connection.execute("SELECT nothing FROM nowhere")
    simulated.close()
