"""tlog-tiles: what is exported can be checked by anybody, and continues where it ended."""

from pathlib import Path

import pytest
from tests.unit.log.signing import SeededSigner

from diptych.provenance.log import Log, export_tiles, verify_export
from diptych.provenance.log.export import ForeignExport, tile_path
from diptych.provenance.log.exported import unpack_entries
from diptych_verify.errors import (
    BadSignature,
    DiptychError,
    MalformedError,
    Rollback,
    SplitView,
    UntrustedKey,
)
from diptych_verify.merkle import leaf_hash
from diptych_verify.note import Checkpoint


def fill(log: Log, count: int) -> None:
    with log.writer() as writer:
        writer.append([f"entry {writer.size + at}".encode() for at in range(count)])


def files(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "export"


@pytest.mark.parametrize(
    ("number", "width", "expected"),
    [
        (0, 256, "tile/1/000"),
        (999, 256, "tile/1/999"),
        (1_000, 256, "tile/1/x001/000"),
        (1_234_067, 256, "tile/1/x001/x234/067"),
        (1_000_000, 7, "tile/1/x001/x000/000.p/7"),
    ],
)
def test_paths_follow_tlog_tiles(number: int, width: int, expected: str) -> None:
    assert tile_path(1, number, width) == expected


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600, 66_000])
def test_an_export_is_complete_and_checks(log: Log, folder: Path, size: int) -> None:
    if size:
        fill(log, size)
    assert export_tiles(log, folder) == log.head()
    assert verify_export(folder, log.key) == log.head()


def test_the_layout_of_a_small_export(log: Log, folder: Path) -> None:
    fill(log, 300)
    export_tiles(log, folder)
    assert files(folder) == {
        "checkpoint",
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/44",
    }
    assert (folder / "checkpoint").read_text() == log.checkpoint()
    bundle = (folder / "tile/entries/001.p/44").read_bytes()
    assert bundle[:2] == len(b"entry 256").to_bytes(2, "big")
    assert next(unpack_entries(bundle)) == b"entry 256"
    assert (folder / "tile/0/001.p/44").read_bytes()[:32] == leaf_hash(b"entry 256")


def test_an_export_continues_and_drops_partial_tiles_that_are_full_now(
    log: Log, folder: Path
) -> None:
    fill(log, 300)
    export_tiles(log, folder)
    before = (folder / "tile/0/000").stat().st_mtime_ns
    fill(log, 300)
    export_tiles(log, folder)
    assert verify_export(folder, log.key).size == 600
    assert (folder / "tile/0/000").stat().st_mtime_ns == before
    assert "tile/0/001.p/44" not in files(folder)
    assert "tile/0/001" in files(folder)
    export_tiles(log, folder)  # nothing new
    assert verify_export(folder, log.key).size == 600


def test_a_folder_of_another_log_is_left_alone(
    log: Log, folder: Path, tmp_path: Path, signer: SeededSigner
) -> None:
    fill(log, 3)
    export_tiles(log, folder)
    other = SeededSigner(seed=2, origin="diptych.log/other")
    with Log.create(tmp_path / "other.sqlite", other) as foreign, pytest.raises(UntrustedKey):
        export_tiles(foreign, folder)
    with Log.create(tmp_path / "fork.sqlite", signer) as fork:
        with pytest.raises(ForeignExport):
            export_tiles(fork, folder)
        with fork.writer() as writer:
            writer.append([b"x"] * 5)
        with pytest.raises(ForeignExport):
            export_tiles(fork, folder)
    assert verify_export(folder, log.key).size == 3


@pytest.mark.parametrize(
    "width", ["checkpoint", "tile/0/000", "tile/1/000.p/2", "tile/entries/001"]
)
@pytest.mark.parametrize("damage", ["flip", "cut", "longer", "gone"])
def test_every_damaged_file_is_found(log: Log, folder: Path, width: str, damage: str) -> None:
    fill(log, 600)
    export_tiles(log, folder)
    path = folder / width
    payload = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        middle = len(payload) // 2
        flipped = payload[:middle] + bytes([payload[middle] ^ 1]) + payload[middle + 1 :]
        path.write_bytes({"flip": flipped, "cut": payload[:-1], "longer": payload + b"\0"}[damage])
    with pytest.raises(DiptychError):
        verify_export(folder, log.key)


def test_an_export_is_checked_against_the_key_and_what_was_seen(log: Log, folder: Path) -> None:
    fill(log, 300)
    export_tiles(log, folder)
    seen = Checkpoint(log.origin, 256, log.root(256))
    assert verify_export(folder, log.key, seen=seen).size == 300
    with pytest.raises((BadSignature, UntrustedKey)):
        verify_export(folder, SeededSigner(seed=2).key)
    with pytest.raises(Rollback):
        verify_export(folder, log.key, seen=Checkpoint(log.origin, 301, bytes(32)))
    with pytest.raises(SplitView):
        verify_export(folder, log.key, seen=Checkpoint(log.origin, 256, bytes(32)))


@pytest.mark.parametrize("bundle", [b"\x00", b"\x00\x02x", b"\x00\x01x\x00"])
def test_a_cut_bundle_is_malformed(bundle: bytes) -> None:
    with pytest.raises(MalformedError):
        list(unpack_entries(bundle))
