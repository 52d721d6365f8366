"""Writes a recording in Parquet: one file for each raw table, and a note of what they cover."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from diptych.core.files import make_folder, write_durably
from diptych.index.blocks import (
    Chunk,
    LogSelector,
    Wanted,
    blocks_schema,
    logs_schema,
    receipts_schema,
    traces_schema,
    transactions_schema,
)
from diptych.index.source.source import WrongFiles

if TYPE_CHECKING:
    import pyarrow as pa

NOTE = "recording.json"
FORMAT = 1
_GROUP_ROWS = 1 << 16
SCHEMAS: dict[str, Callable[[], "pa.Schema"]] = {
    "blocks": blocks_schema,
    "logs": logs_schema,
    "transactions": transactions_schema,
    "receipts": receipts_schema,
    "traces": traces_schema,
}


class Choice(Struct, frozen=True, forbid_unknown_fields=True):
    """A `LogSelector` in text: addresses and first topics in hex."""

    addresses: list[str] = []
    topics: list[str] = []


class Note(Struct, frozen=True, forbid_unknown_fields=True):
    """What a recording covers: blocks `first` to `last`, the logs chosen, the tables kept."""

    format: int
    first: int
    last: int
    tables: list[str]
    logs: list[Choice]
    chain_id: int | None = None


class Recorder:
    """Writes chunks to a folder; `close` makes it a recording."""

    def __init__(self, folder: Path, wanted: Wanted, *, chain_id: int | None = None) -> None:
        """Begin a recording.

        Args:
            folder: is made; must not hold a recording.
            wanted: what each chunk was fetched with.
            chain_id: EIP-155, if known.

        Raises:
            WrongFiles: the folder holds a recording.
        """
        if (folder / NOTE).exists():
            raise WrongFiles(f"{folder}: holds a recording, name another folder")
        make_folder(folder)
        self._folder, self._wanted, self._chain_id = folder, wanted, chain_id
        self._writers: dict[str, Any] = {}
        self._first: int | None = None
        self._last = -1

    def add(self, chunk: Chunk) -> None:
        """Write a chunk; it must follow the one before.

        Raises:
            WrongFiles: it does not.
        """
        if self._first is not None and chunk.span.first != self._last + 1:
            raise WrongFiles(f"got blocks from {chunk.span.first}, expected {self._last + 1}")
        for name in SCHEMAS:
            table = getattr(chunk, name)
            if table is not None:
                self._writer(name).write_table(fitted(name, table), row_group_size=_GROUP_ROWS)
        self._first = chunk.span.first if self._first is None else self._first
        self._last = chunk.span.last

    def _writer(self, name: str) -> Any:
        from pyarrow import parquet

        if name not in self._writers:
            path = self._folder / f"{name}.parquet"
            self._writers[name] = parquet.ParquetWriter(path, SCHEMAS[name](), compression="zstd")
        return self._writers[name]

    def close(self) -> None:
        """Finish the files and write what they cover."""
        for writer in self._writers.values():
            writer.close()
        if self._first is None:
            return
        every = (LogSelector(),) if self._wanted.receipts else self._wanted.logs
        note = Note(
            format=FORMAT,
            first=self._first,
            last=self._last,
            tables=sorted(self._writers),
            logs=[_choice(each) for each in every],
            chain_id=self._chain_id,
        )
        write_durably(self._folder / NOTE, msgspec.json.format(msgspec.json.encode(note)) + b"\n")


def fitted(name: str, table: "pa.Table") -> "pa.Table":
    """Return a table with the columns of its schema; those it lacks are null."""
    import pyarrow as pa

    schema = SCHEMAS[name]()
    columns = [
        table.column(field.name)
        if field.name in table.schema.names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, names=schema.names).cast(schema)


def _choice(selector: LogSelector) -> Choice:
    return Choice(
        addresses=["0x" + each.hex() for each in sorted(selector.addresses)],
        topics=["0x" + each.hex() for each in sorted(selector.topics)],
    )
