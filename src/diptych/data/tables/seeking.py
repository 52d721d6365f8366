"""What to look for in tables: a person or thing, or a whole row. Pure."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from diptych.data.tables.table import Cell, Row

_NUMBER = re.compile(r"[+-]?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,4})?")
_NAMES = frozenset({"true", "false"})
Matches = Callable[[Row], bool]


class Sought(Protocol):
    """Something that a table may hold."""

    def places(self, names: Sequence[str]) -> tuple[int, ...]:
        """Return the places of the columns that decide; none if no such table can hold it."""

    def matcher(self, names: Sequence[str]) -> Matches:
        """Return what tells whether one row of a table with these columns is it."""


@dataclass(frozen=True)
class SoughtSubject:
    """A person or thing, by the name that a cell has for it.

    Attributes:
        name: as the table writes it.
        column: that names subjects; None compares every cell.
    """

    name: str = field(repr=False)
    column: str | None = None

    def places(self, names: Sequence[str]) -> tuple[int, ...]:
        """Return the places of the columns that are compared."""
        return tuple(at for at, name in enumerate(names) if self.column in (None, name))

    def matcher(self, names: Sequence[str]) -> Matches:
        """Return what tells whether one row names the subject."""
        wanted = self.places(names)
        return lambda row: any(row[at] is not None and str(row[at]) == self.name for at in wanted)


@dataclass(frozen=True)
class SoughtRow:
    """A row by its cells; columns of a table that it does not name may hold anything.

    Formats write one value in different ways: CSV has `30` where Parquet has a number. So numbers
    count by value, a missing value as an empty text, and true and false as their names.

    Attributes:
        cells: at least one, by column.
    """

    cells: Mapping[str, Cell] = field(repr=False)

    def places(self, names: Sequence[str]) -> tuple[int, ...]:
        """Return the places of the named columns, none unless all of them are there."""
        known = {name: at for at, name in enumerate(names)}
        if not self.cells.keys() <= known.keys():
            return ()
        return tuple(known[name] for name in self.cells)

    def matcher(self, names: Sequence[str]) -> Matches:
        """Return what tells whether one row has these cells."""
        places = self.places(names)
        wanted = [(at, value(cell)) for at, cell in zip(places, self.cells.values(), strict=False)]
        return lambda row: bool(wanted) and all(value(row[at]) == one for at, one in wanted)


def value(cell: Cell) -> str | Decimal:
    """Return what is equal for cells of one value, whatever format they come from.

    >>> value("30.0") == value(30), value(None) == value(""), value(True) == value("True")
    (True, True, True)
    >>> value(True) == value(1), value("30") == value("31")
    (False, False)
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        if _NUMBER.fullmatch(cell) is not None:
            return Decimal(cell)
        return cell.lower() if cell.lower() in _NAMES else cell
    return json.dumps(cell) if isinstance(cell, bool) else Decimal(repr(cell))


def has_one_spelling(cell: Cell) -> bool:
    """Tell whether no other text or number has the value of a cell."""
    found = value(cell)
    return isinstance(found, str) and found not in {"", *_NAMES}
