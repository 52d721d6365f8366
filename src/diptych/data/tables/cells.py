"""Checks of single cells against the declared type of their column. Pure."""

import math
import re
from collections.abc import Callable, Sequence

from diptych.data.tables.errors import shape
from diptych.data.tables.table import MAX_CELL_CHARACTERS, MAX_SAFE_INTEGER, Cell, Column, Row

_DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?")
_TIME = re.compile(r"[0-9TZ:.,+/PYMWDHS-]*")
Check = Callable[[object], Cell]


class BadCell(Exception):
    """A cell does not fit; says where and what was expected. It never leaves this package."""

    def __init__(self, position: int, problem: str) -> None:
        super().__init__(problem)
        self.position = position
        self.problem = problem


class RowChecker:
    """Checks whole rows; texts of ASCII pass quickly.

    Args:
        columns: their types decide.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self._checks = [cell_check(column) for column in columns]

    def __call__(self, values: Sequence[object]) -> Row:
        """Return the row as cells.

        Raises:
            BadCell: naming the first cell that does not fit.
        """
        if len(values) != len(self._checks):
            raise BadCell(-1, f"got {len(values)} cells, expected {len(self._checks)}")
        row: list[Cell] = []
        for position, (check, value) in enumerate(zip(self._checks, values, strict=True)):
            try:
                row.append(check(value))
            except ValueError as error:
                raise BadCell(position, str(error)) from None
        return tuple(row)


def cell_check(column: Column) -> Check:
    """Return the function that checks one cell of a column; it raises ValueError."""
    if column.type == "integer":
        return _integer
    if column.type in {"float", "double"}:
        return _number
    if column.type == "boolean":
        return _boolean
    pattern = {"decimal": _DECIMAL, "date": _TIME, "datetime": _TIME, "time": _TIME}
    return _text_check(column, pattern.get(column.type))


def safe_integer(value: int) -> Cell:
    """Return an integer, as decimal text where JSON readers would lose digits."""
    return value if -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER else str(value)


def _integer(value: object) -> Cell:
    if value is None:
        return None
    if type(value) is not int:
        raise ValueError(f"got {shape(value)}, expected an integer")
    return safe_integer(value)


def _number(value: object) -> Cell:
    if value is None:
        return None
    if type(value) is int:
        return safe_integer(value)
    if type(value) is not float or not math.isfinite(value):
        raise ValueError(f"got {shape(value)}, expected a finite number")
    return value


def _boolean(value: object) -> Cell:
    if value is None or type(value) is bool:
        return value
    raise ValueError(f"got {shape(value)}, expected true or false")


def _text_check(column: Column, pattern: "re.Pattern[str] | None") -> Check:
    longest = min(column.length or MAX_CELL_CHARACTERS, MAX_CELL_CHARACTERS)

    def check(value: object) -> Cell:
        if value is None:
            return None
        if type(value) is not str:
            raise ValueError(f"got {shape(value)}, expected a text ({column.type})")
        if len(value) > longest:
            raise ValueError(f"got {shape(value)}, expected at most {longest}")
        if not value.isascii():
            require_utf8(value)
        if pattern is not None and value and pattern.fullmatch(value) is None:
            raise ValueError(f"got {shape(value)} that is no {column.type}")
        return value

    return check


def require_utf8(text: str) -> None:
    """Refuse lone surrogates, which no UTF-8 file can hold.

    Raises:
        ValueError: there are some.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("got a text with lone surrogates, expected Unicode") from None
