"""Tables of the first mile: CDISC Dataset-JSON, CSV and Parquet, typed, bounded and streaming."""

from diptych.data.tables.errors import BadTable, BadTableOption, UnknownTable
from diptych.data.tables.open_table import open_table
from diptych.data.tables.table import Cell, Column, Row, Table, TableOptions

__all__ = [
    "BadTable",
    "BadTableOption",
    "Cell",
    "Column",
    "Row",
    "Table",
    "TableOptions",
    "UnknownTable",
    "open_table",
]
