"""Compare rows with a sealed table: which row and column changed, was added or removed. Pure.

Rows are compared within their subject, so that moving a row changes nothing. Of what differs, rows
with the same key columns belong together; without keys, those that differ in the fewest columns.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from diptych.provenance.private.table.cells import Cell

CHANGED, ADDED, REMOVED = "changed", "added", "removed"
_PAIRED = 200
"""Above this many rows of one subject that differ and have no common key, they pair in order."""


@dataclass(frozen=True)
class SealedLine:
    """A sealed row: its first leaf, number in the sealed file, cells, places of erased fields."""

    leaf: int
    number: int
    cells: tuple[Cell, ...] = field(repr=False)
    gone: frozenset[int] = frozenset()


@dataclass(frozen=True)
class FoundLine:
    """A row as it is now: its number in the file, and its cells."""

    number: int
    cells: tuple[Cell, ...] = field(repr=False)


@dataclass(frozen=True)
class RowChange:
    """One difference.

    Attributes:
        kind: `changed`, `added` or `removed`.
        subject: whose row; for the key holder.
        leaf: first leaf of the sealed row, None for an added one.
        row: number in the file as it is now, None for a removed one.
        places: which columns changed.
    """

    kind: str
    subject: str = field(repr=False)
    leaf: int | None = None
    row: int | None = None
    places: tuple[int, ...] = ()


def compare_rows(
    sealed: Mapping[str, Sequence[SealedLine]],
    found: Mapping[str, Sequence[FoundLine]],
    *,
    keys: Sequence[int] = (),
) -> list[RowChange]:
    """Return all differences, by subject.

    Args:
        sealed: rows by subject.
        found: rows by subject, with cells in the sealed order of columns.
        keys: places of the columns that tell a subject's rows apart.
    """
    changes: list[RowChange] = []
    for subject in sorted(sealed.keys() | found.keys()):
        before, after = _unequal(sealed.get(subject, ()), found.get(subject, ()))
        for one, other in _pairs(before, after, keys):
            if one is None and other is not None:
                changes.append(RowChange(ADDED, subject, row=other.number))
            elif one is not None and other is None:
                changes.append(RowChange(REMOVED, subject, leaf=one.leaf))
            elif one is not None and other is not None:
                places = _differing(one, other)
                changes.append(RowChange(CHANGED, subject, one.leaf, other.number, places))
    return changes


def _unequal(
    sealed: Sequence[SealedLine], found: Sequence[FoundLine]
) -> tuple[list[SealedLine], list[FoundLine]]:
    waiting: defaultdict[tuple[object, ...], list[FoundLine]] = defaultdict(list)
    for line in found:
        waiting[_exact(line.cells)].append(line)
    before = []
    for one in sealed:
        same = waiting.get(_exact(one.cells)) if not one.gone else None
        if same:
            same.pop(0)
        else:
            before.append(one)
    after = sorted((line for rest in waiting.values() for line in rest), key=lambda x: x.number)
    for one in [line for line in before if line.gone]:
        match = next((other for other in after if not _differing(one, other)), None)
        if match is not None:
            before.remove(one)
            after.remove(match)
    return before, after


def _pairs(
    before: list[SealedLine], after: list[FoundLine], keys: Sequence[int]
) -> Iterable[tuple[SealedLine | None, FoundLine | None]]:
    before, after = list(before), list(after)
    if keys:
        yield from _by_key(before, after, keys)
    if max(len(before), len(after)) <= _PAIRED:
        yield from _nearest(before, after)
    else:
        yield from zip(before, after, strict=False)
        shorter = min(len(before), len(after))
        del before[:shorter], after[:shorter]
    yield from ((one, None) for one in before)
    yield from ((None, two) for two in after)


def _by_key(
    before: list[SealedLine], after: list[FoundLine], keys: Sequence[int]
) -> Iterable[tuple[SealedLine, FoundLine]]:
    """Yield pairs of one key and remove them from both lists."""
    waiting: defaultdict[tuple[object, ...], list[FoundLine]] = defaultdict(list)
    for two in after:
        waiting[_exact([two.cells[place] for place in keys])].append(two)
    left = []
    for one in before:
        partners = waiting[_exact([one.cells[place] for place in keys])]
        if partners:
            yield one, partners.pop(0)
        else:
            left.append(one)
    before[:] = left
    after[:] = sorted((two for rest in waiting.values() for two in rest), key=lambda x: x.number)


def _nearest(
    before: list[SealedLine], after: list[FoundLine]
) -> Iterable[tuple[SealedLine, FoundLine]]:
    """Yield pairs that differ least, in at most half of the columns, and remove them."""
    first, second = list(before), list(after)
    ranked = sorted(
        (len(_differing(one, two)), at, to)
        for at, one in enumerate(first)
        for to, two in enumerate(second)
    )
    used: tuple[set[int], set[int]] = (set(), set())
    for count, at, to in ranked:
        if 2 * count <= len(first[at].cells) and at not in used[0] and to not in used[1]:
            used[0].add(at)
            used[1].add(to)
            yield first[at], second[to]
    before[:] = [one for at, one in enumerate(first) if at not in used[0]]
    after[:] = [two for to, two in enumerate(second) if to not in used[1]]


def _differing(one: SealedLine, other: FoundLine) -> tuple[int, ...]:
    return tuple(
        place
        for place, (was, now) in enumerate(zip(one.cells, other.cells, strict=True))
        if place not in one.gone and _exact([was]) != _exact([now])
    )


def _exact(cells: Sequence[Cell]) -> tuple[object, ...]:
    """Return something that is equal only for equal JSON: 1 and 1.0 are, 1 and true are not."""
    return tuple((isinstance(cell, bool), cell) for cell in cells)
