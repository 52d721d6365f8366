"""Nothing acknowledged is lost when the power goes; and this test would see it."""

import os
import sqlite3
from pathlib import Path
from random import Random

import pytest
from tests.powercut.disk import DiskState, SimulatedDisk
from tests.powercut.files import RecordingOs, recorded_files
from tests.powercut.log import Broken, run_cuts
from tests.powercut.sqlite import SimulatedSqlite

from diptych.core import files

CUTS = int(os.environ.get("DIPTYCH_TEST_CUTS", "40"))


def outcomes(disk: SimulatedDisk, moment: int, *, tries: int = 200) -> set[bytes | None]:
    """Return the contents that the file `f` may have after a cut, None for no such file."""
    random = Random(1)
    return {disk.cut(moment, random)[0].get("f") for _ in range(tries)}


def test_the_log_loses_nothing() -> None:
    report = run_cuts(CUTS, seed=20)
    assert report.cuts == CUTS
    assert report.records > CUTS


@pytest.mark.parametrize("synchronous", ["OFF", "NORMAL"])
def test_a_weaker_sync_is_seen_as_loss(synchronous: str) -> None:
    with pytest.raises(Broken):
        run_cuts(40, seed=20, synchronous=synchronous)


def test_pins_that_are_not_synced_are_seen_as_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RecordingOs, "fsync", lambda system, descriptor: None)
    with pytest.raises(Broken, match=r"pin|log is gone"):
        run_cuts(200, seed=20)


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
