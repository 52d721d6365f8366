"""Tables of an index as files: Parquet, CSV, or one JSON object a line."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from diptych.index.manifest.entity import Entity
from diptych.index.query.standing import columns_of

if TYPE_CHECKING:
    import pyarrow as pa

FORMS = ("parquet", "csv", "json")


def write_table(path: Path, entity: Entity, pieces: Iterable["pa.Table"], form: str) -> int:
    """Write rows of an entity into a file that is not there yet.

    Args:
        path: of the file.
        entity: whose rows; amounts are decimal text.
        pieces: the rows.
        form: one of `FORMS`.

    Returns:
        How many rows.
    """
    schema = _schema(entity)
    begin = {"parquet": _parquet, "csv": _csv, "json": _json}[form]
    count = 0
    with path.open("xb") as stream:
        add, end = begin(stream, schema)
        for piece in pieces:
            add(piece.select(schema.names).cast(schema))
            count += piece.num_rows
        end()
    return count


_Steps = tuple[Callable[["pa.Table"], None], Callable[[], None]]


def _schema(entity: Entity) -> "pa.Schema":
    import pyarrow as pa

    types = {one.name: pa.type_for_alias(one.kind.arrow) for one in entity.fields}
    types |= {"_from": pa.int64(), "_block_hash": pa.string()}
    return pa.schema([(name, types[name]) for name in columns_of(entity)])


def _parquet(stream: IO[bytes], schema: "pa.Schema") -> _Steps:
    from pyarrow import parquet

    writer = parquet.ParquetWriter(stream, schema, compression="zstd")
    return writer.write_table, writer.close


def _csv(stream: IO[bytes], schema: "pa.Schema") -> _Steps:
    from pyarrow import csv

    writer = csv.CSVWriter(stream, schema)
    return writer.write_table, writer.close


def _json(stream: IO[bytes], schema: "pa.Schema") -> _Steps:
    def add(table: Any) -> None:
        for row in table.to_pylist():
            stream.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")

    return add, lambda: None
