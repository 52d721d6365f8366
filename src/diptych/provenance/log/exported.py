"""Checking a folder of tlog-tiles: everything is recomputed from the entries."""

from collections.abc import Iterator
from pathlib import Path

from diptych.core.progress import ProgressFactory, silent
from diptych.provenance.log.edge import Edge
from diptych.provenance.log.errors import Corrupt
from diptych.provenance.log.export import ENTRIES, ENTRY_LENGTH, tile_path
from diptych.provenance.log.pins import check_pins
from diptych.provenance.log.tiles import TILE_HEIGHT, TILE_WIDTH, TileTree, split_tile
from diptych.provenance.log.writer import MAX_ENTRY_BYTES
from diptych_verify.errors import MalformedError
from diptych_verify.merkle import HASH_BYTES, leaf_hash
from diptych_verify.note import MAX_NOTE_BYTES, Checkpoint, VerifierKey, verify_checkpoint

_MAX_BUNDLE_BYTES = TILE_WIDTH * (ENTRY_LENGTH.size + MAX_ENTRY_BYTES)


class ExportedLog:
    """A folder of tlog-tiles whose checkpoint is signed by `key`; nothing else is checked yet."""

    def __init__(self, folder: Path, key: VerifierKey) -> None:
        """Read the checkpoint.

        Raises:
            MalformedError: there is no checkpoint, or it is none.
            BadSignature: it is not signed by `key`.
            UntrustedKey: it is the checkpoint of another log.
        """
        self._folder = folder
        self.head = verify_checkpoint(self._read("checkpoint", MAX_NOTE_BYTES), key)

    def tile(self, level: int, number: int, width: int) -> list[bytes]:
        """Return the first `width` hashes of a tile."""
        stored = self._width(self.head.size >> level * TILE_HEIGHT, number)
        body = self._read(tile_path(level, number, stored), TILE_WIDTH * HASH_BYTES)
        if len(body) != stored * HASH_BYTES:
            raise MalformedError(
                f"tile {level}/{number} has {len(body)} bytes, expected {stored * HASH_BYTES}"
            )
        return split_tile(body)[:width]

    def entries(self, number: int) -> list[bytes]:
        """Return the entries of one bundle."""
        width = self._width(self.head.size, number)
        bundle = self._read(tile_path(ENTRIES, number, width), _MAX_BUNDLE_BYTES)
        found = list(unpack_entries(bundle))
        if len(found) != width:
            raise MalformedError(
                f"entry bundle {number} has {len(found)} entries, expected {width}"
            )
        return found

    def _width(self, hashes: int, number: int) -> int:
        return min(TILE_WIDTH, hashes - number * TILE_WIDTH)

    def _read(self, relative: str, max_bytes: int) -> bytes:
        path = self._folder / relative
        try:
            with path.open("rb") as stream:
                payload = stream.read(max_bytes + 1)
        except OSError as error:
            raise MalformedError(f"cannot read {path}: {error.strerror}") from error
        if len(payload) > max_bytes:
            raise MalformedError(f"{path} has more than {max_bytes} bytes")
        return payload


def unpack_entries(bundle: bytes) -> Iterator[bytes]:
    """Yield the entries of a bundle.

    Raises:
        MalformedError: it is cut short.
    """
    at = 0
    while at < len(bundle):
        if at + ENTRY_LENGTH.size > len(bundle):
            raise MalformedError("an entry bundle ends within a length")
        (length,) = ENTRY_LENGTH.unpack_from(bundle, at)
        at += ENTRY_LENGTH.size
        if at + length > len(bundle):
            raise MalformedError(f"an entry bundle ends within an entry of {length} bytes")
        yield bundle[at : at + length]
        at += length


def verify_export(
    folder: Path,
    key: VerifierKey,
    *,
    seen: Checkpoint | None = None,
    progress: ProgressFactory = silent,
) -> Checkpoint:
    """Check an exported folder: signature, every entry, every tile, the root.

    Args:
        folder: what `export_tiles` (or any tlog-tiles log of this key type) wrote.
        key: the log's verifier key.
        seen: an older checkpoint that must be a prefix.
        progress: shows the entries done.

    Returns:
        The head that everything was checked against.

    Raises:
        Corrupt: naming the first bad tile.
        MalformedError: a file is missing or not what the format says.
        BadSignature: the checkpoint is not signed by `key`.
        Rollback: the export is shorter than `seen`.
        SplitView: the export contradicts `seen`.
    """
    export = ExportedLog(folder, key)
    head = export.head
    root = _check_tiles(export, progress)
    if root != head.root:
        raise Corrupt(
            f"{folder}: the entries give root {root.hex()}, but {head.root.hex()} was signed",
            size=head.size,
        )
    if seen is not None:
        check_pins(TileTree(export.tile, head.size), head, [seen])
    return head


def _check_tiles(export: ExportedLog, progress: ProgressFactory) -> bytes:
    """Compare every tile with the entries and return the root over them."""
    size = export.head.size
    edge = Edge()
    with progress("checking the export", total=size, unit=" entries") as task:
        for number in range(-(-size // TILE_WIDTH)):
            leaves = [leaf_hash(entry) for entry in export.entries(number)]
            _compare(export, 0, number, leaves)
            for (level, finished), body in edge.extend(leaves).items():
                if level and len(body) == TILE_WIDTH * HASH_BYTES:
                    _compare(export, level, finished, split_tile(body))
            task.advance(len(leaves))
    for level in range(1, edge.last_level + 1):
        if edge.hashes(level):
            _compare(export, level, size >> (level + 1) * TILE_HEIGHT, edge.hashes(level))
    return edge.root()


def _compare(export: ExportedLog, level: int, number: int, hashes: list[bytes]) -> None:
    if export.tile(level, number, TILE_WIDTH) != hashes:
        raise Corrupt(
            f"tile {level}/{number} of the export does not follow from its entries",
            level=level,
            number=number,
            index=number << (level + 1) * TILE_HEIGHT,
        )
