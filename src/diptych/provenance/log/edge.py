"""The growing right edge of the tree: what an append needs to know, and which tiles it changes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from diptych.provenance.log.tiles import TILE_HEIGHT, TILE_WIDTH
from diptych_verify.merkle import EMPTY_ROOT, Frontier, node_hash


@dataclass
class _Column:
    """The unfinished tile of one level: its hashes and the frontier over them."""

    hashes: list[bytes] = field(default_factory=list)
    frontier: Frontier = field(default_factory=Frontier)

    def extend(self, hashes: Sequence[bytes]) -> None:
        self.hashes.extend(hashes)
        self.frontier.extend(hashes)


class Edge:
    """At most 255 hashes per level; `Edge.load` restores it from the stored tiles."""

    def __init__(self) -> None:
        self.size = 0
        self._columns = [_Column()]

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
            column = _Column()
            if width:
                column.extend(load(level, number, width))
            edge._columns.append(column)
            level, count = level + 1, number
        return edge

    @property
    def last_level(self) -> int:
        """Highest tile level that has hashes."""
        return len(self._columns) - 1

    def hashes(self, level: int) -> list[bytes]:
        """Return the hashes of the unfinished tile of a level."""
        return self._columns[level].hashes

    def append(self, leaf: bytes) -> Mapping[tuple[int, int], bytes]:
        """Append one leaf hash; return the bodies of changed tiles by (level, number)."""
        column = self._columns[0]
        if len(column.hashes) == TILE_WIDTH - 1:
            return self.extend([leaf])
        column.hashes.append(leaf)
        column.frontier.append(leaf)
        self.size += 1
        return {}

    def extend(self, leaves: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
        """Append leaf hashes; return the bodies of changed tiles by (level, number).

        The unfinished tile of level 0 is not among them: it is rebuilt from the entries.
        """
        changed: dict[tuple[int, int], bytes] = {}
        at = 0
        while at < len(leaves):
            room = TILE_WIDTH - len(self._columns[0].hashes)
            chunk = leaves[at : at + room]
            self._columns[0].extend(chunk)
            self.size += len(chunk)
            at += len(chunk)
            if len(chunk) == room:
                self._finish_tiles(changed)
        for level, column in enumerate(self._columns[1:], start=1):
            if column.hashes and changed:
                number = self.size >> (level + 1) * TILE_HEIGHT
                changed[level, number] = b"".join(column.hashes)
        return changed

    def root(self) -> bytes:
        """Return the 32-byte root of the whole tree."""
        root: bytes | None = None
        for column in self._columns:
            for node in reversed(column.frontier.nodes):
                root = node if root is None else node_hash(node, root)
        return EMPTY_ROOT if root is None else root

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
            self._columns[level].extend([full.frontier.root()])
