"""Statements and connections of the DuckDB store."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diptych.index.blocks import BlockRef
from diptych.index.manifest.entity import Entity
from diptych.index.store.errors import StoreBusy, StoreFailed, StoreFormat
from diptych.index.store.store import BLOCK_HASH, FROM, TO
from diptych.index.store.tables import (
    LINKS,
    META,
    links_table,
    listed,
    own_tables,
    quoted,
    versioned,
)

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

TYPES = {"bigint": "BIGINT", "text": "VARCHAR"}
_LOCKED = re.compile(r"(?i)\block(ed)?\b")
_DAMAGED = re.compile(r"(?i)corrupt|checksum|not a valid|serializ|deserializ|internal error")
FEW_KEYS = 4
"""So many keys are asked for by value; more are joined."""
STEP = "_step"
"""Name under which a step's table is shown to the database."""


def connected(path: Path | None, memory_mib: int, threads: int) -> "duckdb.DuckDBPyConnection":
    """Open the file, without a door to other files or extensions."""
    import duckdb

    options: Mapping[str, Any] = {
        "memory_limit": f"{memory_mib}MiB",
        "threads": threads,
        "python_enable_replacements": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "preserve_insertion_order": False,
        # Fewer, larger checkpoints: a third of the time of a long run was theirs.
        "checkpoint_threshold": "64MiB",
    }
    try:
        connection = duckdb.connect(":memory:" if path is None else str(path), config=dict(options))
        # Entities are narrow: joining a page's rows again by number costs more than it saves.
        connection.execute("set disabled_optimizers = 'late_materialization'")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
    except duckdb.Error as error:
        if _LOCKED.search(str(error)):
            raise StoreBusy(
                f"another process owns {path.name if path else 'the index'}, or it is open already",
                hint="ask its server instead: diptych index query does by itself",
            ) from error
        raise failed(error, path) from error
    return connection


def failed(error: Exception, path: Path | None = None) -> StoreFailed:
    """Return our error for one of the database; `path` is its file."""
    text = str(error)
    first = (text.splitlines() or [type(error).__name__])[0][:300]
    hint = "check the disk and its space"
    if _DAMAGED.search(text):
        hint = "move the file away and make its rows anew from the cache: diptych index replay"
    name = path.name if path else "the index"
    return StoreFailed(f"the database says of {name}: {first}", hint=hint)


def other_version() -> StoreFormat:
    """Return the error of a store that holds something else."""
    return StoreFormat(
        "the index was made by another version or for other entities",
        hint="make it anew from the cache: diptych index replay",
    )


def declared(entity: Entity) -> str:
    """Return the columns of an entity's table."""
    columns = [
        f"{quoted(one.name)} {one.kind.duckdb}{'' if one.nullable else ' not null'}"
        for one in entity.fields
    ]
    return ", ".join(
        [*columns, f"{FROM} BIGINT not null", f"{TO} BIGINT", "_block_hash VARCHAR not null"]
    )


def same_key(entity: Entity, name: str) -> str:
    """Return the condition that a key column of `t` is that of `s`."""
    return f"t.{quoted(name)} = s.{quoted(name)}::{entity.field(name).kind.duckdb}"


def shown_versions(entity: Entity) -> str:
    """Return all columns of `t`, amounts as text."""
    amounts = {one.name for one in entity.fields if one.kind.is_amount}
    return ", ".join(
        f"cast(t.{quoted(one)} as varchar) as {quoted(one)}"
        if one in amounts
        else f"t.{quoted(one)}"
        for one in versioned(entity)
    )


def few_keys(entity: Entity, keys: "pa.Table") -> tuple[str, list[object]]:
    """Return the condition that the key of `t` is one of these, and its parameters."""
    rows = list(zip(*(keys.column(name).to_pylist() for name in entity.keys), strict=True))
    kinds = [(quoted(name), entity.field(name).kind.duckdb) for name in entity.keys]
    one = " and ".join(f"t.{name} = ?::{kind}" for name, kind in kinds)
    return " or ".join([f"({one})"] * len(rows)) or "false", [v for row in rows for v in row]


def versions_table(entity: Entity, rows: Sequence[tuple[Any, ...]]) -> "pa.Table":
    """Return rows of versions as a table."""
    import pyarrow as pa

    types = {one.name: pa.type_for_alias(one.kind.arrow) for one in entity.fields}
    types |= {FROM: pa.int64(), TO: pa.int64(), BLOCK_HASH: pa.string()}
    columns = list(zip(*rows, strict=True)) or [()] * len(types)
    arrays = {
        name: pa.array(values, types[name])
        for name, values in zip(versioned(entity), columns, strict=True)
    }
    return pa.table(arrays)


def set_meta(writer: "duckdb.DuckDBPyConnection", key: str, value: str) -> None:
    """Set one value that the store keeps of itself."""
    writer.execute(f"delete from {META} where key = ?", [key])
    writer.execute(f"insert into {META} values (?, ?)", [key, value])


def insert_links(writer: "duckdb.DuckDBPyConnection", links: Sequence[BlockRef]) -> None:
    """Remember blocks."""
    insert_own(writer, LINKS, links_table(links))


def insert_own(writer: "duckdb.DuckDBPyConnection", name: str, table: "pa.Table") -> None:
    """Insert rows of the store's own tables; bytes become 0x text."""
    columns = [one.name for one in own_tables()[name]]
    shown = ", ".join(_as_text(table, one) for one in columns)
    writer.register(STEP, table)
    try:
        writer.execute(f"insert into {name} ({listed(columns)}) select {shown} from {STEP}")
    finally:
        writer.unregister(STEP)


def _as_text(table: "pa.Table", name: str) -> str:
    import pyarrow as pa

    type_ = table.schema.field(name).type
    binary = pa.types.is_binary(type_) or pa.types.is_fixed_size_binary(type_)
    return f"'0x' || lower(hex({quoted(name)}))" if binary else quoted(name)
