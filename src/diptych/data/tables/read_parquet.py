"""Reads Parquet files of plain columns through pyarrow, batch by batch."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from diptych.core.files import system_error
from diptych.data.tables.cells import BadCell, RowChecker
from diptych.data.tables.errors import bad_table, shape
from diptych.data.tables.table import MAX_COLUMNS, MAX_ROWS, Column, Row, Table

_BATCH_ROWS = 4_096
_MAX_GROUP_BYTES = 1 << 31
_Convert = Callable[[Any], object]


@contextmanager
def open_parquet(path: Path) -> Iterator[Table]:
    """Open a Parquet file without nested or binary columns.

    NaN is read as a missing value, infinity is refused; times finer than a microsecond are refused.

    Raises:
        BadTable: damaged, too large, or a column of a type that has no plain form.
        CannotUse: the file cannot be read.
    """
    import pyarrow as arrow
    from pyarrow import parquet

    try:
        with path.open("rb") as source, parquet.ParquetFile(source) as file:
            kinds = _kinds(path, file, arrow.types)
            columns = tuple(
                Column(name, kind)
                for name, (kind, _) in zip(file.schema_arrow.names, kinds, strict=True)
            )
            rows = _rows(path, file, columns, [convert for _, convert in kinds])
            yield Table("parquet", path.stem, columns, rows, file.metadata.num_rows)
    except (arrow.ArrowException, UnicodeDecodeError) as error:
        raise bad_table(path, f"not readable as Parquet ({type(error).__name__})") from error
    except OSError as error:
        if error.errno is None:  # Arrow's own, about the content
            raise bad_table(path, "not readable as Parquet") from error
        raise system_error(error) from error


def _kinds(path: Path, file: Any, types: Any) -> list[tuple[str, _Convert]]:
    names, metadata = file.schema_arrow.names, file.metadata
    if not 1 <= len(names) <= MAX_COLUMNS or len(set(names)) != len(names):
        raise bad_table(path, f"got {len(names)} columns, expected 1 to {MAX_COLUMNS}, all named")
    groups = (metadata.row_group(at).total_byte_size for at in range(metadata.num_row_groups))
    if metadata.num_rows > MAX_ROWS or max(groups, default=0) > _MAX_GROUP_BYTES:
        raise bad_table(path, "is larger than a table may be", row=None)
    kinds = []
    for field in file.schema_arrow:
        kind = _kind(field.type, types)
        if kind is None:
            raise bad_table(
                path, f"got type {field.type}, expected plain values", column=field.name
            )
        kinds.append(kind)
    return kinds


def _kind(type_: Any, types: Any) -> tuple[str, _Convert] | None:
    if types.is_dictionary(type_):
        return _kind(type_.value_type, types)
    tests: tuple[tuple[Callable[[Any], bool], str, _Convert], ...] = (
        (types.is_boolean, "boolean", _same),
        (types.is_integer, "integer", _same),
        (types.is_floating, "double", _number),
        (types.is_string, "string", _same),
        (types.is_large_string, "string", _same),
        (types.is_decimal, "decimal", _decimal),
        (types.is_timestamp, "datetime", _iso),
        (types.is_date, "date", _iso),
        (types.is_time, "time", _iso),
        (types.is_null, "string", _same),
    )
    return next(((kind, convert) for test, kind, convert in tests if test(type_)), None)


def _rows(
    path: Path, file: Any, columns: tuple[Column, ...], convert: list[_Convert]
) -> Iterator[Row]:
    check = RowChecker(columns)
    number = 0
    for values_of in _batches(path, file):
        for values in zip(*values_of, strict=True):
            number += 1
            try:
                row = check(_converted(values, convert))
            except BadCell as error:
                column = columns[error.position].name
                raise bad_table(path, error.problem, row=number, column=column) from None
            yield row


def _batches(path: Path, file: Any) -> Iterator[list[list[Any]]]:
    """Yield the values of some rows by column."""
    batches = file.iter_batches(batch_size=_BATCH_ROWS)
    while True:
        try:
            batch = next(batches, None)
            values = None if batch is None else [one.to_pylist() for one in batch.columns]
        except (ValueError, OverflowError) as error:  # texts and times that Python cannot have
            raise bad_table(path, f"not readable as Parquet ({type(error).__name__})") from error
        if values is None:
            return
        yield values


def _converted(values: tuple[Any, ...], convert: list[_Convert]) -> list[object]:
    found: list[object] = []
    for position, (one, value) in enumerate(zip(convert, values, strict=True)):
        try:
            found.append(None if value is None else one(value))
        except ValueError as error:
            raise BadCell(position, str(error)) from None
    return found


def _same(value: Any) -> object:
    return value


def _number(value: float) -> object:
    return None if math.isnan(value) else value


def _decimal(value: Decimal) -> object:
    return format(value, "f")


def _iso(value: Any) -> object:
    if getattr(value, "nanosecond", 0):
        raise ValueError("got a time finer than a microsecond, expected microseconds")
    if not isinstance(value, datetime | date | time):
        raise ValueError(f"got {shape(value)}, expected a time")
    plain: datetime | date | time = (
        value.to_pydatetime() if hasattr(value, "to_pydatetime") else value
    )
    return plain.isoformat()
