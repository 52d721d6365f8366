"""What a table is here: named, typed columns and a stream of rows of JSON scalars."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from diptych.core.errors import JsonValue

Cell = str | int | float | bool | None
"""One value. Integers beyond 2^53-1 and decimals are decimal strings, times are ISO 8601 text."""

Row = tuple[Cell, ...]

MAX_COLUMNS: Final = 4_096
MAX_CELL_CHARACTERS: Final = 131_072
MAX_ROW_CHARACTERS: Final = 4 << 20
MAX_ROWS: Final = 1 << 28
MAX_SAFE_INTEGER: Final = 2**53 - 1
TYPES: Final = frozenset(
    [
        *("string", "integer", "decimal", "float", "double", "boolean"),
        *("datetime", "date", "time", "URI"),
    ]
)
"""Type names, those of Dataset-JSON 1.1; CSV and Parquet are mapped to them."""


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: unique in its table.
        type: one of `TYPES`.
        label: what it means, for people.
        length: greatest number of characters of a text, None for no limit.
        key: its place among the columns that identify a row (from 1), None if it is none of them.
    """

    name: str
    type: str = "string"
    label: str = ""
    length: int | None = None
    key: int | None = None


@dataclass(frozen=True)
class Table:
    """An opened table.

    Attributes:
        format: `dataset-json`, `dataset-ndjson`, `csv` or `parquet`.
        name: of the data set, or the file's name without its suffix.
        columns: in file order.
        rows: read once, checked as they come; each has one cell per column.
        records: number of rows that the file states, None if it states none.
        header: the other members of a Dataset-JSON header, empty for other formats.
    """

    format: str
    name: str
    columns: tuple[Column, ...]
    rows: Iterator[Row] = field(repr=False)
    records: int | None = None
    header: Mapping[str, JsonValue] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in file order."""
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True)
class TableOptions:
    """How to read what the file itself does not say (CSV only).

    Attributes:
        delimiter: one character.
        quote: one character, doubled inside quoted fields.
        encoding: `utf-8`, `utf-8-sig`, `latin-1`, `cp1252`, `utf-16`; nothing is guessed.
        types: type by column name; other columns are text as written.
        infer: read the file twice and give each column the narrowest type that loses nothing.
        missing: texts that mean "no value" in columns that are not text.
    """

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    types: Mapping[str, str] = field(default_factory=dict)
    infer: bool = False
    missing: tuple[str, ...] = ("",)
