"""Export as static tlog-tiles (https://c2sp.org/tlog-tiles), continued where it ended.

Files: `checkpoint`, `tile/<L>/<N>[.p/<W>]` with up to 256 hashes, `tile/entries/<N>[.p/<W>]` with
up to 256 entries, each after its length (16 bits, big endian).
"""

import shutil
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

from diptych.core.errors import UsageError
from diptych.core.files import make_folder, sync_folder, write_durably, write_error
from diptych.core.progress import ProgressFactory, silent
from diptych.provenance.log.reader import LogReader
from diptych.provenance.log.tiles import TILE_HEIGHT, TILE_WIDTH
from diptych_verify.note import Checkpoint, verify_checkpoint

ENTRY_LENGTH = struct.Struct(">H")
ENTRIES = "entries"


class ForeignExport(UsageError):
    """The folder holds the export of another log, or of more entries than this log has."""

    code = "Log.ForeignExport"


def tile_path(level: int | str, number: int, width: int = TILE_WIDTH) -> str:
    """Return the relative path of a tile or entry bundle.

    >>> tile_path(0, 1234067)
    'tile/0/x001/x234/067'
    >>> tile_path("entries", 5, 12)
    'tile/entries/005.p/12'
    """
    groups = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03d}")
    partial = f".p/{width}" if width < TILE_WIDTH else ""
    return f"tile/{level}/{'/'.join(groups)}{partial}"


def export_tiles(log: LogReader, folder: Path, *, progress: ProgressFactory = silent) -> Checkpoint:
    """Write the log into `folder`, only what is new there; the checkpoint comes last.

    Args:
        log: the log.
        folder: made if it does not exist; an earlier export of the same log is continued.
        progress: shows the tiles done.

    Returns:
        The exported head.

    Raises:
        ForeignExport: the folder belongs to another log or is ahead of this one.
        CannotWrite: the folder cannot be written.
    """
    note = log.checkpoint()
    head = verify_checkpoint(note, log.key)
    done = _exported(log, folder, head)
    jobs = list(_new_tiles(done.size if done else 0, head.size))
    with progress("exporting tiles", total=len(jobs), unit=" tiles") as task:
        for level, number, width in jobs:
            _write_tile(
                folder, tile_path(level, number, width), b"".join(log.tile(level, number, width))
            )
            if level == 0:
                first = number * TILE_WIDTH
                bundle = _pack(log.entries(first, first + width))
                _write_tile(folder, tile_path(ENTRIES, number, width), bundle)
            task.advance(1)
    write_durably(folder / "checkpoint", note.encode())
    return head


def _exported(log: LogReader, folder: Path, head: Checkpoint) -> Checkpoint | None:
    """Return the head of an earlier export, checked to be a prefix of this log."""
    try:
        make_folder(folder)
        payload = (folder / "checkpoint").read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise write_error(folder, error) from error
    done = verify_checkpoint(payload, log.key)
    if done.size > head.size or log.root(done.size) != done.root:
        raise ForeignExport(
            f"{folder} holds an export at size {done.size} that is no prefix of this log of "
            f"{head.size} entries",
            hint="export into an empty folder",
        )
    return done


def _new_tiles(old_size: int, size: int) -> Iterator[tuple[int, int, int]]:
    """Yield (level, number, width) of the tiles of `size` that `old_size` did not have."""
    level = 0
    while size:
        for number in range(old_size // TILE_WIDTH, -(-size // TILE_WIDTH)):
            width = min(TILE_WIDTH, size - number * TILE_WIDTH)
            if number * TILE_WIDTH + width > old_size:
                yield level, number, width
        level, old_size, size = level + 1, old_size >> TILE_HEIGHT, size >> TILE_HEIGHT


def _write_tile(folder: Path, relative: str, payload: bytes) -> None:
    path = folder / relative
    try:
        _make_folders(folder, path.parent)
        write_durably(path, payload)
        partial = path.with_name(f"{path.name}.p")
        if ".p/" not in relative and partial.is_dir():
            shutil.rmtree(partial)
    except OSError as error:
        raise write_error(path, error) from error


def _make_folders(top: Path, folder: Path) -> None:
    """Make missing folders down to `folder`, each durable in its parent."""
    missing = []
    while folder != top and not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        sync_folder(one.parent)


def _pack(entries: Iterable[bytes]) -> bytes:
    return b"".join(ENTRY_LENGTH.pack(len(entry)) + entry for entry in entries)
