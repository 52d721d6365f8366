"""Errors of reading tables. No message quotes a cell: it may be a person's data."""

from pathlib import Path

from diptych.core.errors import JsonValue, ProvenanceError, UsageError


class BadTable(ProvenanceError):
    """A table breaks its format or its own declared types; file, row and column are named."""

    code = "Table.Bad"


class UnknownTable(UsageError):
    """A file is no table of a kind that can be read, or there is none."""

    code = "Table.Unknown"


class BadTableOption(UsageError):
    """A dialect, encoding or declared type does not exist or does not fit the table."""

    code = "Table.BadOption"


def bad_table(
    path: Path,
    problem: str,
    *,
    row: int | None = None,
    column: str | None = None,
    hint: str = "",
) -> BadTable:
    """Return the error that names where a table is wrong.

    Args:
        path: the file.
        problem: what was found and what was expected, without quoting a cell.
        row: data row, counted from 1.
        column: its name.
        hint: what to do about it.
    """
    where = "".join(
        [
            f"{path.name}",
            "" if row is None else f", row {row}",
            "" if column is None else f", column {column!a}",
        ]
    )
    details: dict[str, JsonValue] = {"path": str(path), "row": row, "column": column}
    error = BadTable(f"{where}: {problem}", hint=hint)
    error.details.update({name: value for name, value in details.items() if value is not None})
    return error


def shape(value: object) -> str:
    """Describe a cell without quoting it.

    >>> shape("Ann"), shape(True), shape(None)
    ('a text of 3 characters', 'a boolean', 'nothing')
    """
    if isinstance(value, str):
        return f"a text of {len(value)} characters"
    if isinstance(value, bool):
        return "a boolean"
    if value is None:
        return "nothing"
    names = {int: "an integer", float: "a number", list: "an array", dict: "an object"}
    return names.get(type(value), "something else")
