"""The growing right edge of the tree: what an append needs to know, and which tiles it changes."""

import hashlib
from collections.abc import Callable, Sequence

from diptych.provenance.log.tiles import TILE_HEIGHT, TILE_WIDTH
from diptych_verify.merkle import EMPTY_ROOT, Frontier

_NODE = b"\x01"


class _Column:
    """The unfinished tile of one level: its hashes and, a step behind, the frontier over them."""

    def __init__(self, hashes: Sequence[bytes] = ()) -> None:
        self.hashes = list(hashes)
        self._frontier = Frontier()

    def frontier(self) -> Frontier:
        """Return the frontier over all hashes."""
        self._frontier.extend(self.hashes[self._frontier.size :])
        return self._frontier


class Edge:
    """At most 255 hashes per level; `Edge.load` restores it from the stored tiles."""

    def __init__(self) -> None:
        self.size = 0
        self._columns = [_Column()]
        # Roots of the perfect subtrees of the whole tree, largest first: all that a root needs.
        self._peaks: list[bytes] = []

    @classmethod
    def load(cls, size: int, load: Callable[[int, int, int], Sequence[bytes]]) -> "Edge":
        """Restore the edge of a log of `size` entries.

        Args:
            size: number of entries.
            load: (level, number, width) to the first `width` hashes of that tile.
        """
        edge = cls()
        edge.size = size
        edge._columns.clear()
        level, count = 0, size
        while count or not level:
            number, width = divmod(count, TILE_WIDTH)
            edge._columns.append(_Column(load(level, number, width) if width else ()))
            level, count = level + 1, number
        edge._collect_peaks()
        return edge

    @property
    def last_level(self) -> int:
        """Highest tile level that has hashes."""
        return len(self._columns) - 1

    def hashes(self, level: int) -> list[bytes]:
        """Return the hashes of the unfinished tile of a level."""
        return self._columns[level].hashes

    def append(self, leaf: bytes) -> bytes | None:
        """Append one leaf hash and return the root, unless it would fill a tile: then do nothing.

        The same as `extend([leaf])` and `root()`, but a few microseconds instead of some hundred.
        """
        hashes = self._columns[0].hashes
        if len(hashes) == TILE_WIDTH - 1:
            return None
        hashes.append(leaf)
        sha256 = hashlib.sha256
        peaks, below, node = self._peaks, self.size, leaf
        while below & 1:
            node = sha256(_NODE + peaks.pop() + node).digest()
            below >>= 1
        root = node
        for peak in reversed(peaks):
            root = sha256(_NODE + peak + root).digest()
        peaks.append(node)
        self.size += 1
        return root

    def extend(self, leaves: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
        """Append leaf hashes; return the bodies of changed tiles by (level, number).

        The unfinished tile of level 0 is not among them: it is rebuilt from the entries.
        """
        changed: dict[tuple[int, int], bytes] = {}
        at = 0
        while at < len(leaves):
            room = TILE_WIDTH - len(self._columns[0].hashes)
            chunk = leaves[at : at + room]
            self._columns[0].hashes.extend(chunk)
            self.size += len(chunk)
            at += len(chunk)
            if len(chunk) == room:
                self._finish_tiles(changed)
        for level, column in enumerate(self._columns[1:], start=1):
            if column.hashes and changed:
                number = self.size >> (level + 1) * TILE_HEIGHT
                changed[level, number] = b"".join(column.hashes)
        self._collect_peaks()
        return changed

    def root(self) -> bytes:
        """Return the 32-byte root of the whole tree."""
        peaks = self._peaks
        if not peaks:
            return EMPTY_ROOT
        sha256 = hashlib.sha256
        root = peaks[-1]
        for node in peaks[-2::-1]:
            root = sha256(_NODE + node + root).digest()
        return root

    def _collect_peaks(self) -> None:
        columns = reversed(self._columns)
        self._peaks = [node for column in columns for node in column.frontier().nodes]

    def _finish_tiles(self, changed: dict[tuple[int, int], bytes]) -> None:
        """Move the full tile of level 0, and what it completes, one level up."""
        level = 0
        while len(self._columns[level].hashes) == TILE_WIDTH:
            full = self._columns[level]
            number = (self.size >> (level + 1) * TILE_HEIGHT) - 1
            changed[level, number] = b"".join(full.hashes)
            self._columns[level] = _Column()
            level += 1
            if level == len(self._columns):
                self._columns.append(_Column())
            self._columns[level].hashes.append(full.frontier().root())
