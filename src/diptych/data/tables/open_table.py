"""Opens a table of any format that can be read, chosen by the file's suffix."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from diptych.data.tables.errors import UnknownTable
from diptych.data.tables.read_csv import open_csv
from diptych.data.tables.read_dataset import is_ndjson, open_dataset_json, open_dataset_ndjson
from diptych.data.tables.table import Table, TableOptions

SUFFIXES = (".json", ".ndjson", ".jsonl", ".csv", ".tsv", ".parquet")


@contextmanager
def open_table(path: Path, options: TableOptions | None = None) -> Iterator[Table]:
    """Open a table for one pass over its rows.

    Args:
        path: `.json` (Dataset-JSON 1.0, 1.1) or `.ndjson` (1.1), `.csv`, `.tsv` or `.parquet`.
        options: dialect, encoding and types of CSV; by default RFC 4180 in UTF-8, all text.

    Raises:
        UnknownTable: no such file, or another suffix.
        BadTable: naming file, row and column.
        BadTableOption: an option that does not fit.
        CannotUse: the file cannot be read.
    """
    if not path.is_file():
        raise UnknownTable(f"there is no table {path}")
    chosen = options or TableOptions()
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        opened = _parquet(path)
    elif suffix in {".csv", ".tsv"}:
        tabs = suffix == ".tsv" and options is None
        opened = open_csv(path, TableOptions(delimiter="\t") if tabs else chosen)
    elif suffix in {".json", ".ndjson", ".jsonl"}:
        opened = open_dataset_ndjson(path) if is_ndjson(path) else open_dataset_json(path)
    else:
        raise UnknownTable(
            f"got {path.name}, expected a name that ends in {', '.join(SUFFIXES)}",
            hint="convert the table to one of these formats",
        )
    with opened as table:
        yield table


@contextmanager
def _parquet(path: Path) -> Iterator[Table]:
    from diptych.data.tables.read_parquet import open_parquet

    with open_parquet(path) as table:
        yield table
