"""Rows written as ethereum-etl writes them: CSV with joined lists, or one JSON object a line."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from diptych.index.etl.rows import Row


def write_csv(path: Path, rows: Iterable[Row], columns: Sequence[str]) -> int:
    """Write a CSV file with a line of names; return how many rows.

    Args:
        path: replaced if it is there.
        rows: what to write.
        columns: which columns, in order.
    """
    count = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([csv_value(row.get(name)) for name in columns])
            count += 1
    return count


def write_json_lines(path: Path, rows: Iterable[Row], columns: Sequence[str] | None = None) -> int:
    """Write one object a line; return how many rows.

    Args:
        path: replaced if it is there.
        rows: what to write.
        columns: which columns, in order; None for all.
    """
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            kept = row if columns is None else {name: row.get(name) for name in columns}
            file.write(json.dumps(kept) + "\n")
            count += 1
    return count


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
