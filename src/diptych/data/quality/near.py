"""Pairs of rows that agree in all but a few cells, among a million rows.

Two rows of d cells that differ in at most m agree wholly on one of m + 1 groups of columns, so rows
are sorted by each group in turn and compared with their neighbours (pigeonhole: Manku, Jain, Das
Sarma 2007; sorted neighbourhood: Hernandez and Stolfo 1995). Within a run of more than `_WINDOW`
rows that agree on a group, only the nearest are compared.

Rows of tables with few different values agree by chance. A pair counts only if (1) what it agrees
in is rarer than once in 2^20 tables of this size with independent columns (Fellegi and Sunter
1969), and (2) it agrees in more cells than three of four rows do with their nearest other row.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from diptych.data.quality.hashing import Cells, HashedRows, Keys

Pairs = npt.NDArray[np.int64]
_WINDOW = 8
_MAX_GROUPS = 8
_BLOCK = 100_000
_MAX_PAIRS = 1_000_000
_MARGIN_BITS = 20.0
_PROBES = 256
_PROBED = 20_000
_QUANTILE = 0.75
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Searched:
    """The cells of one table, or of training data followed by test data.

    Attributes:
        cells: hashes, shape (n, d).
        exact: hash of the typed row, shape (n,); equal rows are no near pair.
        split: place of the first row of the second table; 0 if there is one table only.
    """

    cells: Cells
    exact: Keys
    split: int = 0


def near_pairs(searched: Searched, near: float, *, seed: int = 0) -> Pairs:
    """Return pairs of places (earlier, later) that agree in a share of at least `near` cells.

    Returns:
        shape (p, 2), each pair once; of two tables, one place in each.
    """
    count, width = searched.cells.shape
    if count < 2 or width < 2:
        return np.zeros((0, 2), dtype=np.int64)
    least = max(math.ceil(near * width - 1e-9), _usual(searched.cells, seed) + 1)
    least = min(least, width)
    bits = _Bits(searched.cells)
    found = []
    for group in _groups(bits.entropy, width - least + 1):
        found.append(_search(searched, group, (least, bits)))
    pairs = np.unique(np.concatenate(found), axis=0)
    return pairs[:_MAX_PAIRS]


class _Bits:
    """How surprising it is that two rows share a cell's value: -log2 of its frequency."""

    def __init__(self, cells: Cells) -> None:
        self._values, self._bits, entropy = [], [], []
        for column in cells.T:
            values, counts = np.unique(column, return_counts=True)
            bits = -np.log2(counts / len(column))
            self._values.append(values)
            self._bits.append(bits)
            entropy.append(float(np.sum(bits * counts) / len(column)))
        self.entropy = entropy
        count = len(cells)
        self.least = math.log2(max(2.0, count * (count - 1) / 2)) + _MARGIN_BITS

    def agreed(self, cells: Cells, same: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
        """Return the bits that each row of `cells` shares where `same` is true."""
        total = np.zeros(len(cells))
        for place, (values, bits) in enumerate(zip(self._values, self._bits, strict=True)):
            total += np.where(same[:, place], bits[np.searchsorted(values, cells[:, place])], 0.0)
        return total


def _search(searched: Searched, group: list[int], wanted: tuple[int, _Bits]) -> Pairs:
    """Return the near pairs that agree on one group of columns."""
    key = _combined(searched.cells[:, group])
    rest = [one for one in range(searched.cells.shape[1]) if one not in group]
    order = np.lexsort((_combined(searched.cells[:, rest]), key)) if rest else np.argsort(key)
    ordered = key[order]
    found = [np.zeros((0, 2), dtype=np.int64)]
    for offset in range(1, _WINDOW + 1):
        at = np.flatnonzero(ordered[offset:] == ordered[:-offset])
        if not len(at):
            break
        for start in range(0, len(at), _BLOCK):
            chosen = at[start : start + _BLOCK]
            pairs = np.sort(np.stack([order[chosen], order[chosen + offset]], axis=1), axis=1)
            found.append(_kept(searched, pairs, wanted))
    return np.concatenate(found)


def _kept(searched: Searched, pairs: Pairs, wanted: tuple[int, _Bits]) -> Pairs:
    least, bits = wanted
    if searched.split:
        pairs = pairs[(pairs[:, 0] < searched.split) & (pairs[:, 1] >= searched.split)]
    pairs = pairs[searched.exact[pairs[:, 0]] != searched.exact[pairs[:, 1]]]
    left = searched.cells[pairs[:, 0]]
    same = left == searched.cells[pairs[:, 1]]
    keep = same.sum(axis=1) >= least
    pairs, left, same = pairs[keep], left[keep], same[keep]
    kept: Pairs = pairs[bits.agreed(left, same) >= bits.least]
    return kept


def _usual(cells: Cells, seed: int) -> int:
    """Return in how many cells three of four rows agree at most with the nearest other one."""
    chance = np.random.default_rng(seed)
    count, width = cells.shape
    probes = chance.choice(count, min(count, _PROBES), replace=False)
    others = cells if count <= _PROBED else cells[chance.choice(count, _PROBED, replace=False)]
    nearest = []
    for probe in probes:
        same = (others == cells[probe]).sum(axis=1)
        nearest.append(int(same[same < width].max(initial=0)))
    return int(np.quantile(nearest, _QUANTILE, method="higher"))


def _groups(entropy: list[float], wanted: int) -> list[list[int]]:
    """Deal columns to groups that hold about the same information."""
    count = max(1, min(wanted, _MAX_GROUPS, len(entropy)))
    groups: list[list[int]] = [[] for _ in range(count)]
    held = [0.0] * count
    for place in sorted(range(len(entropy)), key=lambda one: -entropy[one]):
        poorest = min(range(count), key=held.__getitem__)
        groups[poorest].append(place)
        held[poorest] += entropy[place] + 1e-9
    return groups


def _combined(cells: Cells) -> Keys:
    key = np.zeros(len(cells), dtype=np.uint64)
    for column in cells.T:
        key = key * _MULTIPLIER + column
    return key


def joined(first: HashedRows, second: HashedRows) -> Searched:
    """Return two tables as one that is searched for pairs across them."""
    split = len(first.cells)
    exact = np.concatenate([first.exact[:split], second.exact[: len(second.cells)]])
    return Searched(np.concatenate([first.cells, second.cells]), exact, split)
