"""Snapshots of anvil's state: shortcuts for the start, never a source of truth.

A file holds one JSON line (format, height, block hash, SHA-256 over all of it) and anvil's dump.
Anvil's dump forgets what the BLOCKHASH opcode answers, so a chain that goes on from a snapshot
computes other blocks than the chain that made it. A snapshot is therefore used only if at least
`SPAN_BLOCKS` blocks are replayed on top: then every height that BLOCKHASH can reach was replayed.
"""

import contextlib
import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from pathlib import Path

from diptych.core.errors import LedgerError
from diptych.core.files import make_folder, write_durably

SPAN_BLOCKS = 256
"""How far BLOCKHASH reaches back (yellow paper, appendix H.2)."""

_FORMAT = 1
_KEEP = 3
_MAX_HEADER_BYTES = 4_096
_MAX_SNAPSHOT_BYTES = 1 << 30


class SnapshotCorrupt(LedgerError):
    """A snapshot file is damaged; an older one or a full replay takes its place."""

    code = "Chain.SnapshotCorrupt"


@dataclass(frozen=True)
class Snapshot:
    """A snapshot file by its name; what is inside is checked when it is read."""

    number: int
    path: Path


@dataclass(frozen=True)
class SnapshotContent:
    """A checked snapshot: `state` is what `anvil_loadState` takes, without `0x`."""

    number: int
    block_hash: bytes
    state: bytes

    def checksum(self) -> str:
        """Return SHA-256 over height, block hash and state, in hex."""
        head = self.number.to_bytes(8, "big") + self.block_hash
        return hashlib.sha256(head + self.state).hexdigest()


def snapshots(folder: Path) -> list[Snapshot]:
    """Return the snapshots in `folder`, newest first."""
    found = []
    for path in folder.glob("snapshot-*.bin") if folder.is_dir() else ():
        digits = path.stem.removeprefix("snapshot-")
        if digits.isdigit() and len(digits) <= 18:
            found.append(Snapshot(int(digits), path))
    return sorted(found, key=lambda snapshot: -snapshot.number)


def write_snapshot(folder: Path, content: SnapshotContent) -> None:
    """Write one durably and drop all but the newest three.

    Raises:
        DiskFull: no space; the older snapshots stay.
        CannotWrite: any other I/O failure.
    """
    header = {
        "format": _FORMAT,
        "number": content.number,
        "hash": content.block_hash.hex(),
        "sha256": content.checksum(),
    }
    make_folder(folder, mode=0o700)
    payload = json.dumps(header, sort_keys=True).encode() + b"\n" + content.state
    write_durably(folder / f"snapshot-{content.number}.bin", payload, mode=0o600)
    for old in snapshots(folder)[_KEEP:]:
        with contextlib.suppress(OSError):
            old.path.unlink()


def read_snapshot(snapshot: Snapshot) -> SnapshotContent:
    """Read and check one.

    Raises:
        SnapshotCorrupt: it is cut short, altered, or of another format.
    """
    try:
        with snapshot.path.open("rb") as stream:
            if os.fstat(stream.fileno()).st_size > _MAX_SNAPSHOT_BYTES:
                raise SnapshotCorrupt(f"{snapshot.path} is too large")
            line = stream.readline(_MAX_HEADER_BYTES)
            state = stream.read()
        header = json.loads(line)
        expected, version = str(header["sha256"]), header["format"]
        content = SnapshotContent(int(header["number"]), bytes.fromhex(header["hash"]), state)
        got = content.checksum()
    except (OSError, ValueError, OverflowError, KeyError, TypeError, RecursionError) as error:
        raise SnapshotCorrupt(f"{snapshot.path} cannot be read: {error!r}") from error
    same = hmac.compare_digest(got.encode(), expected.encode())
    if version != _FORMAT or content.number != snapshot.number or not same:
        raise SnapshotCorrupt(f"{snapshot.path}: got sha256 {got}, expected {expected[:64]}")
    return content


def due(head: int, newest: int) -> bool:
    """Return whether a new snapshot is worth its cost at height `head`.

    The distance grows with the chain, because a dump holds all blocks: the total work stays
    proportional to the chain's length.
    """
    return head - newest >= max(2 * SPAN_BLOCKS, head // 8)
