"""Snapshots: checked when read, kept in threes, spaced so that their cost stays linear."""

from pathlib import Path

import pytest

from diptych.ledger.devchain.snapshot import (
    SPAN_BLOCKS,
    Snapshot,
    SnapshotContent,
    SnapshotCorrupt,
    due,
    read_snapshot,
    snapshots,
    write_snapshot,
)


def content(number: int) -> SnapshotContent:
    return SnapshotContent(number, bytes(32), b"state %d" % number)


def test_what_is_written_is_read_and_the_newest_three_stay(tmp_path: Path) -> None:
    folder = tmp_path / "snapshots"
    for number in (5, 10, 100, 20):
        write_snapshot(folder, content(number))
    assert [s.number for s in snapshots(folder)] == [100, 20, 10]
    assert read_snapshot(snapshots(folder)[0]) == content(100)
    assert (folder / "snapshot-100.bin").stat().st_mode & 0o777 == 0o600
    assert snapshots(tmp_path / "none") == []


@pytest.mark.parametrize("at", [3, 40, -1])
def test_every_changed_byte_is_noticed(tmp_path: Path, at: int) -> None:
    write_snapshot(tmp_path, content(7))
    path = tmp_path / "snapshot-7.bin"
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)
    with pytest.raises(SnapshotCorrupt):
        read_snapshot(Snapshot(7, path))


@pytest.mark.parametrize("raw", [b"", b"{}", b"[1]\n", b"\xff\n", b'{"sha256":1}\n', b"{" * 9000])
def test_foreign_files_are_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "snapshot-7.bin"
    path.write_bytes(raw)
    with pytest.raises(SnapshotCorrupt):
        read_snapshot(Snapshot(7, path))


def test_a_renamed_snapshot_is_refused(tmp_path: Path) -> None:
    write_snapshot(tmp_path, content(7))
    path = (tmp_path / "snapshot-7.bin").rename(tmp_path / "snapshot-8.bin")
    with pytest.raises(SnapshotCorrupt):
        read_snapshot(Snapshot(8, path))


def test_foreign_names_are_not_taken_for_snapshots(tmp_path: Path) -> None:
    for name in (
        "snapshot-.bin",
        "snapshot-x.bin",
        "snapshot--1.bin",
        "snapshot-" + "9" * 30 + ".bin",
    ):
        (tmp_path / name).write_bytes(b"")
    assert snapshots(tmp_path) == []


def test_snapshots_thin_out_as_the_chain_grows() -> None:
    assert not due(2 * SPAN_BLOCKS - 1, 0)
    assert due(2 * SPAN_BLOCKS, 0)
    assert not due(80_000, 75_000)
    assert due(80_000, 70_000)
