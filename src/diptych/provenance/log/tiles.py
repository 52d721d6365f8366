"""Proofs from hash tiles: the pure part, given a function that loads a tile.

A tile (level L, number N) holds up to 256 hashes of the tree level 8 L, from index 256 N on
(https://c2sp.org/tlog-tiles). Any inner node lies in exactly one tile, so a proof of a log of
2^24 entries needs three of them.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from diptych_verify.merkle import EMPTY_ROOT, HASH_BYTES, node_hash

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
_CACHED_TILES = 64

LoadTile = Callable[[int, int, int], Sequence[bytes]]
"""(level, number, width) to the first `width` hashes of that tile."""


def split_tile(body: bytes) -> list[bytes]:
    """Cut a tile's body into its 32-byte hashes."""
    return [body[at : at + HASH_BYTES] for at in range(0, len(body), HASH_BYTES)]


def tile_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root of a perfect subtree, given its 2^k hashes."""
    row = list(hashes)
    while len(row) > 1:
        row = _parents(row)
    return row[0]


def _parents(row: Sequence[bytes]) -> list[bytes]:
    return [node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]


class TileTree:
    """Roots and proofs of a log whose first `size` entries are in tiles.

    The log only grows, so one instance answers for every size up to `size`; `grow` moves it on.
    """

    def __init__(self, load: LoadTile, size: int = 0) -> None:
        self._load = load
        self._size = size
        self._rows: OrderedDict[tuple[int, int, int], list[list[bytes]]] = OrderedDict()

    def grow(self, size: int) -> None:
        """Answer for sizes up to `size` from now on."""
        self._size = size

    def root(self, size: int) -> bytes:
        """Return the 32-byte root of the first `size` entries (RFC 9162 section 2.1.1)."""
        return self._range_root(0, size) if size else EMPTY_ROOT

    def leaf(self, index: int) -> bytes:
        """Return the 32-byte leaf hash at `index`."""
        return self._node(0, index)

    def frontier_nodes(self, size: int) -> list[bytes]:
        """Return the roots of the perfect subtrees that make up `size`, largest first."""
        nodes = []
        begin = 0
        for level in reversed(range(size.bit_length())):
            if size >> level & 1:
                nodes.append(self._node(level, begin >> level))
                begin += 1 << level
        return nodes

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """Return the sibling hashes, leaf to root (RFC 9162 section 2.1.3.1).

        Args:
            index: position of the entry, below `size`.
            size: tree size to prove against, at most the log's size.
        """
        proof = []
        begin, end = 0, size
        while end - begin > 1:
            middle = begin + _largest_power_below(end - begin)
            if index < middle:
                proof.append(self._range_root(middle, end))
                end = middle
            else:
                proof.append(self._range_root(begin, middle))
                begin = middle
        proof.reverse()
        return proof

    def consistency_proof(self, old_size: int, new_size: int) -> list[bytes]:
        """Return the hashes that show the old tree as a prefix (RFC 9162 section 2.1.4.1).

        Args:
            old_size: at least 1.
            new_size: at least `old_size`, at most the log's size.
        """
        proof = []
        begin, end = 0, new_size
        while old_size < end:
            middle = begin + _largest_power_below(end - begin)
            if old_size <= middle:
                proof.append(self._range_root(middle, end))
                end = middle
            else:
                proof.append(self._range_root(begin, middle))
                begin = middle
        if begin:
            proof.append(self._range_root(begin, end))
        proof.reverse()
        return proof

    def _range_root(self, begin: int, end: int) -> bytes:
        """Return the root over [begin, end), where begin is aligned as RFC 9162 splits."""
        nodes = []
        while begin < end:
            level = (end - begin).bit_length() - 1
            nodes.append(self._node(level, begin >> level))
            begin += 1 << level
        root = nodes.pop()
        while nodes:
            root = node_hash(nodes.pop(), root)
        return root

    def _node(self, level: int, index: int) -> bytes:
        """Return the root of the perfect subtree of 2^level leaves at `index` of its level."""
        tile_level, height = divmod(level, TILE_HEIGHT)
        first = index << height
        rows = self._tile_rows(tile_level, first >> TILE_HEIGHT)
        return rows[height][(first & (TILE_WIDTH - 1)) >> height]

    def _tile_rows(self, level: int, number: int) -> list[list[bytes]]:
        """Return all rows of a tile's subtree, hashes first, its root (if full) last."""
        hashes_at_level = self._size >> (level * TILE_HEIGHT)
        width = min(TILE_WIDTH, hashes_at_level - number * TILE_WIDTH)
        key = (level, number, width)
        rows = self._rows.get(key)
        if rows is None:
            row = list(self._load(level, number, width))
            rows = [row]
            while len(row) > 1:
                row = _parents(row)
                rows.append(row)
            self._rows[key] = rows
            if len(self._rows) > _CACHED_TILES:
                self._rows.popitem(last=False)
        else:
            self._rows.move_to_end(key)
        return rows


def _largest_power_below(count: int) -> int:
    """Return the largest power of two smaller than `count` (at least 2)."""
    return 1 << ((count - 1).bit_length() - 1)
