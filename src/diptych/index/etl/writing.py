"""Rows written as ethereum-etl writes them: CSV with joined lists, or one JSON object a line."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from diptych.index.etl.rows import Row
from diptych.index.source.source import WrongFiles

FORMS = ("csv", "json")


class RowFile:
    """A file of rows that is being written."""

    def __init__(self, path: Path, columns: Sequence[str], *, form: str) -> None:
        """Begin a file.

        Args:
            path: must not be there yet.
            columns: which columns, in order.
            form: `csv` (with a line of names) or `json` (one object a line).

        Raises:
            WrongFiles: there is such a file, or an unknown form.
        """
        if form not in FORMS:
            raise WrongFiles(f"got form '{form}', expected one of {', '.join(FORMS)}")
        try:
            self._file = path.open("x", newline="", encoding="utf-8")
        except FileExistsError:
            raise WrongFiles(f"{path}: is there already, name another folder") from None
        self._columns, self._is_csv = tuple(columns), form == "csv"
        self._csv = csv.writer(self._file)
        if self._is_csv:
            self._csv.writerow(self._columns)
        self.count = 0

    def add(self, rows: Iterable[Row]) -> None:
        """Write rows."""
        for row in rows:
            if self._is_csv:
                self._csv.writerow([csv_value(row.get(name)) for name in self._columns])
            else:
                self._file.write(json.dumps({name: row.get(name) for name in self._columns}) + "\n")
            self.count += 1

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


def write_rows(path: Path, rows: Iterable[Row], columns: Sequence[str], *, form: str) -> int:
    """Write a whole file; return how many rows it holds.

    Raises:
        WrongFiles: as `RowFile`.
    """
    file = RowFile(path, columns, form=form)
    try:
        file.add(rows)
    finally:
        file.close()
    return file.count


def csv_value(value: Any) -> str:
    """Return a value as it stands in CSV; objects in lists are compact JSON.

    >>> csv_value([1, 2]), csv_value(None)
    ('1,2', '')
    """
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(
            json.dumps(one, separators=(",", ":")) if isinstance(one, dict) else str(one)
            for one in value
        )
    return str(value)
