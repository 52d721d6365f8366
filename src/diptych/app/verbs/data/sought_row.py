"""The row that an impact query asks about: JSON, a mapping, or a row of a file."""

import math
import re
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, UsageError
from diptych.data.tables import Cell, open_table
from diptych.data.tables.seeking import SoughtRow
from diptych.data.tables.table import MAX_COLUMNS, MAX_ROW_CHARACTERS
from diptych_verify.errors import MalformedError
from diptych_verify.jsonio import strict_json

_IN_FILE = re.compile(r"(?P<path>.+):(?P<number>[1-9][0-9]{0,9})", re.DOTALL)


class BadRow(UsageError):
    """What was given is no row: neither JSON of plain cells nor a row of a table."""

    code = "Impact.BadRow"


def sought_row(workspace: Workspace, given: str | Mapping[str, Cell]) -> SoughtRow:
    """Return the row that somebody asks about; no message quotes it.

    Args:
        workspace: paths are taken from where it was opened.
        given: cells by column, the same as JSON, or `TABLE:7` for the seventh row below the header.

    Raises:
        BadRow: it is none of these, or the table has no such row.
        UnknownTable, BadTable: the table cannot be read.
    """
    if not isinstance(given, str):
        return _row(dict(given))
    if given.lstrip().startswith("{"):
        try:
            parsed = strict_json(given.encode(), max_bytes=MAX_ROW_CHARACTERS, max_depth=1)
        except (MalformedError, UnicodeEncodeError):
            raise _bad("text that is not strict JSON") from None
        return _row(parsed)
    found = _IN_FILE.fullmatch(given)
    if found is None:
        raise _bad("something else")
    return _in_file(workspace.start / found["path"], int(found["number"]))


def _in_file(path: Path, number: int) -> SoughtRow:
    with open_table(path) as table:
        row = next(islice(table.rows, number - 1, None), None)
        if row is None:
            raise BadRow(f"{path.name} has no row {number}", hint="the first below the header is 1")
        return _row(dict(zip(table.names, row, strict=True)))


def _row(cells: JsonValue) -> SoughtRow:
    if not isinstance(cells, dict) or not 1 <= len(cells) <= MAX_COLUMNS:
        raise _bad("no object, or one without columns")
    plain: dict[str, Cell] = {}
    for at, (name, cell) in enumerate(cells.items(), start=1):
        if isinstance(cell, float) and not math.isfinite(cell):
            raise _bad(f"no finite number as cell {at}")
        if cell is not None and not isinstance(cell, str | int | float | bool):
            raise _bad(f"no plain value as cell {at}")
        plain[str(name)] = cell
    return SoughtRow(plain)


def _bad(what: str) -> BadRow:
    return BadRow(
        f"got {what}, expected a row: cells by column, or a table and the number of a row",
        hint="""diptych data impact '{"id": "P-1", "age": 30}' --row, or visits.csv:7 --row""",
    )
