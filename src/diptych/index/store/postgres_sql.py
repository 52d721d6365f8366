"""Connections, statements and columns of the PostgreSQL store, through ADBC."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from diptych.core.missing import MissingExtra
from diptych.index.manifest.entity import Entity, Field
from diptych.index.manifest.kinds import KINDS, Bytes
from diptych.index.store.errors import StoreFailed
from diptych.index.store.store import BLOCK_HASH, FROM, TO
from diptych.index.store.tables import Column, listed, quoted

if TYPE_CHECKING:
    import pyarrow as pa
    from adbc_driver_postgresql.dbapi import Connection, Cursor

TYPES = {"bigint": "BIGINT", "text": "TEXT"}
NUL = "\U0010ffff"
"""Stands for the character 0, which PostgreSQL cannot store; it is no character itself."""
_MAX_NAME = 63
_UNBOUNDED = (KINDS[str], KINDS[Bytes])
_SECRET = re.compile(r"(?i)(://[^:/@\s]*:)[^@\s]*@|(password=)[^&\s]+")


def masked(url: str) -> str:
    """Return a URL without its password.

    >>> masked("postgresql://me:secret@db/x?password=secret")
    'postgresql://me:***@db/x?password=***'
    """
    return _SECRET.sub(lambda found: f"{found[1]}***@" if found[1] else f"{found[2]}***", url)


def schema_name(name: str) -> str:
    """Return a name that fits into what PostgreSQL allows.

    >>> schema_name("tokens")
    'tokens'
    """
    if len(name.encode()) <= _MAX_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]
    return name.encode()[: _MAX_NAME - 17].decode(errors="ignore") + "_" + digest


def lock_key(schema: str) -> int:
    """Return the number of the advisory lock that the writer of a schema holds."""
    digest = hashlib.sha256(b"diptych index " + schema.encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def connected(url: str, schema: str, *, read_only: bool) -> "Connection":
    """Open a connection to a schema.

    Raises:
        MissingExtra: the driver is not installed.
        StoreFailed: the server cannot be reached, or refuses.
    """
    try:
        from adbc_driver_postgresql import dbapi
    except ImportError as error:
        raise MissingExtra("adbc-driver-postgresql", extra="postgres") from error
    try:
        connection = dbapi.connect(url)
        run(connection, f"set search_path to {quoted(schema)}")
        run(connection, "set standard_conforming_strings to on")
        if read_only:
            run(connection, "set default_transaction_read_only to on")
        connection.commit()
    except dbapi.Error as error:
        raise failed(error, url) from error
    return connection


def failed(error: Exception, url: str = "") -> StoreFailed:
    """Return our error for one of the database."""
    lines = str(error).splitlines() or [type(error).__name__]
    return StoreFailed(
        f"the index's database says: {masked(lines[0])[:300]}",
        hint="check the server" + (f" {masked(url)}" if url else ""),
    )


@contextmanager
def faults(url: str) -> Iterator[None]:
    """Turn the driver's errors into ours."""
    import adbc_driver_manager

    try:
        yield
    except adbc_driver_manager.Error as error:
        raise failed(error, url) from error


def run(
    connection: "Connection", sql: str, values: Sequence[object] = ()
) -> list[tuple[Any, ...]] | None:
    """Execute one statement; return its rows if it has any."""
    with connection.cursor() as cursor:
        cursor.execute(sql, tuple(values) or None)
        return None if cursor.description is None else list(cursor.fetchall())


def asked(connection: "Connection", sql: str, values: Sequence[object] = ()) -> "pa.Table":
    """Execute one SELECT; return its rows with plain columns."""
    with connection.cursor() as cursor:
        cursor.execute(sql, tuple(values) or None)
        return plain(cursor.fetch_arrow_table())


def ingest(cursor: "Cursor", name: str, table: "pa.Table", *, temporary: bool) -> None:
    """Append rows to a table by COPY."""
    cursor.adbc_ingest(name, storable(table), mode="append", temporary=temporary)


def storable(table: "pa.Table") -> "pa.Table":
    """Return a table as PostgreSQL can take it: bytes as 0x text, no character 0 in texts."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from diptych.index.columns import hex_from_binary

    for place, field in enumerate(table.schema):
        column = table.column(place)
        if pa.types.is_binary(field.type) or pa.types.is_fixed_size_binary(field.type):
            table = table.set_column(place, field.name, hex_from_binary(column))
        elif pa.types.is_string(field.type) and pc.any(pc.match_substring(column, "\0")).as_py():
            changed = pc.replace_substring(column, "\0", NUL)
            table = table.set_column(place, field.name, changed)
    return table


def plain(table: "pa.Table") -> "pa.Table":
    """Return a table as DuckDB would give it: numerics as text, the character 0 again."""
    import pyarrow as pa

    columns = [_plain(one) for one in table.columns]
    pairs = zip(table.schema.names, columns, strict=True)
    schema = pa.schema([pa.field(name, column.type) for name, column in pairs])
    return pa.Table.from_arrays(columns, schema=schema)


def _plain(column: "pa.ChunkedArray") -> "pa.ChunkedArray":
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(column.type, pa.BaseExtensionType):
        storage = column.type.storage_type
        column = pa.chunked_array([one.storage for one in column.chunks], storage)
    if pa.types.is_string(column.type) and pc.any(pc.match_substring(column, NUL)).as_py():
        column = pc.replace_substring(column, NUL, "\0")
    return column


def type_of(field: Field) -> str:
    """Return the type of a column; sums of amounts have no bound."""
    sums = field.fold is not None and field.fold.name == "sum"
    return "NUMERIC" if sums and field.kind.is_amount else field.kind.postgres


def declared(entity: Entity) -> str:
    """Return the columns of an entity's table."""
    shown = [
        f"{quoted(one.name)} {type_of(one)}{'' if one.nullable else ' not null'}"
        for one in entity.fields
    ]
    system = (f"{FROM} BIGINT not null", f"{TO} BIGINT", f"{BLOCK_HASH} TEXT not null")
    return ", ".join([*shown, *system])


def declared_own(columns: Sequence[Column]) -> str:
    """Return the columns of one of the store's own tables."""
    return ", ".join(f"{quoted(one.name)} {TYPES[one.type]}" for one in columns)


def key_index(entity: Entity) -> str:
    """Return how the key of an entity is indexed: B-trees take no text of any length."""
    bounded = [one for one in entity.keys if entity.field(one).kind not in _UNBOUNDED]
    return f"btree ({listed(bounded)})" if bounded else f"hash ({quoted(entity.keys[0])})"


def same_key(entity: Entity, name: str) -> str:
    """Return the condition that a key column of `t` is that of `s`."""
    return f"t.{quoted(name)} = s.{quoted(name)}::{type_of(entity.field(name))}"
