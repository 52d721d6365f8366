"""Where the cells of a private table stand among the leaves of its field tree. Pure.

Each row is an aligned block of `width` leaves (a power of two, at least the number of columns), so
that a row has one node of its own in the tree: it can be kept, proven or erased alone. Leaves past
the last column, and blocks past the last row, hold random values that nobody can open.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from diptych.provenance.private.errors import NoSuchField
from diptych.provenance.private.framing import power_of_two

Run = tuple[int, int]
"""First leaf and number of leaves."""


@dataclass(frozen=True)
class TableLayout:
    """The shape of a sealed table.

    Attributes:
        columns: names in the order of their leaves.
        blocks: rows and padding rows, a power of two.
    """

    columns: tuple[str, ...]
    blocks: int

    @property
    def width(self) -> int:
        """Leaves of one row."""
        return power_of_two(len(self.columns))

    @property
    def leaves(self) -> int:
        """Leaves of the whole tree."""
        return self.width * self.blocks

    def place(self, column: str) -> int:
        """Return the place of a column in its row.

        Raises:
            NoSuchField: there is no such column.
        """
        if column not in self.columns:
            raise NoSuchField(
                f"the table has no column {column!a}, expected one of "
                f"{', '.join(map(ascii, self.columns[:40]))}"
            )
        return self.columns.index(column)

    def block_of(self, leaf: int) -> int:
        """Return the row to which a leaf belongs.

        Raises:
            NoSuchField: there is no such leaf.
        """
        if not 0 <= leaf < self.leaves:
            raise NoSuchField(f"got leaf {leaf}, expected 0 to {self.leaves - 1}")
        return leaf // self.width


def runs_of(leaves: Iterable[Run]) -> list[Run]:
    """Join neighbouring and overlapping runs.

    >>> runs_of([(8, 4), (0, 4), (4, 4), (20, 1), (20, 1)])
    [(0, 12), (20, 1)]
    """
    joined: list[Run] = []
    for first, count in sorted(leaves):
        if joined and first <= joined[-1][0] + joined[-1][1]:
            before = joined[-1]
            joined[-1] = (before[0], max(before[1], first + count - before[0]))
        else:
            joined.append((first, count))
    return joined
