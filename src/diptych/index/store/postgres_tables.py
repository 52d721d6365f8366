"""What the PostgreSQL store says to its database about one table."""

from typing import TYPE_CHECKING

from diptych.index.manifest.entity import Entity
from diptych.index.store.postgres_sql import (
    ingest,
    key_index,
    run,
    same_key,
    schema_name,
    storable,
    type_of,
)
from diptych.index.store.store import FROM, TO
from diptych.index.store.tables import META, listed, own_tables, quoted, versioned

if TYPE_CHECKING:
    import pyarrow as pa
    from adbc_driver_postgresql.dbapi import Connection

_STEP, _KEYS, _ENDS = "_step_", "_keys_", "_ends_"


def make_step_tables(writer: "Connection", one: Entity) -> None:
    """Make what the steps of this session pass through, and the index of open versions."""
    names = versioned(one)
    plain = {field.name: "TEXT" for field in one.fields if field.kind.is_amount}
    types = {field.name: field.kind.postgres for field in one.fields} | plain
    types |= {FROM: "BIGINT", TO: "BIGINT"}
    step = ", ".join(f"{quoted(name)} {types.get(name, 'TEXT')}" for name in names)
    keys = ", ".join(f"{quoted(name)} {types[name]}" for name in one.keys)
    ends = f"{keys}, {TO} BIGINT"
    for prefix, columns in ((_STEP, step), (_KEYS, keys), (_ENDS, ends)):
        name = quoted(temporary(prefix, one))
        run(writer, f"create temporary table {name} ({columns}) on commit delete rows")
    if not one.immutable:
        run(
            writer,
            f"create index if not exists {quoted(schema_name(one.table + '_open'))}"
            f" on {quoted(one.table)} using {key_index(one)} where {TO} is null",
        )


def make_indexes(writer: "Connection", one: Entity) -> None:
    """Index the versions of an entity for queries and for going back."""
    table = quoted(one.table)
    for name, how in (
        ("_key", key_index(one)),
        ("_first", f"btree ({FROM})"),
        ("_last", f"btree ({TO}) where {TO} is not null"),
    ):
        index = quoted(schema_name(one.table + name))
        run(writer, f"create index if not exists {index} on {table} using {how}")


def close_versions(writer: "Connection", entity: Entity, table: "pa.Table") -> None:
    """End open versions."""
    name = temporary(_ENDS, entity)
    same = " and ".join(same_key(entity, one) for one in entity.keys)
    with writer.cursor() as cursor:
        ingest(cursor, name, table.select([*entity.keys, TO]), temporary=True)
    run(writer, f"analyze {quoted(name)}")
    run(
        writer,
        f"update {quoted(entity.table)} t set {TO} = s.{TO} from {quoted(name)} s"
        f" where {same} and t.{TO} is null",
    )


def add_versions(writer: "Connection", entity: Entity, table: "pa.Table") -> None:
    """Begin versions."""
    names = versioned(entity)
    table = table.select(names)
    amounts = {one.name: type_of(one) for one in entity.fields if one.kind.is_amount}
    with writer.cursor() as cursor:
        if not amounts:
            ingest(cursor, entity.table, table, temporary=False)
            return
        ingest(cursor, temporary(_STEP, entity), table, temporary=True)
    shown = ", ".join(
        f"{quoted(one)}::{amounts[one]}" if one in amounts else quoted(one) for one in names
    )
    step = quoted(temporary(_STEP, entity))
    run(
        writer,
        f"insert into {quoted(entity.table)} ({listed(names)}) select {shown} from {step}",
    )


def set_meta(writer: "Connection", key: str, value: str) -> None:
    """Set one value that the store keeps of itself."""
    run(writer, f"delete from {META} where key = $1", [key])
    run(writer, f"insert into {META} values ($1, $2)", [key, value])


def own_rows(name: str, rows: "pa.Table") -> "pa.Table":
    """Return rows of one of the store's own tables with exactly its types, as COPY needs them."""
    import pyarrow as pa

    types = {"bigint": pa.int64(), "text": pa.string()}
    columns = own_tables()[name]
    rows = storable(rows.select([one.name for one in columns]))
    return rows.cast(pa.schema([(one.name, types[one.type]) for one in columns]))


def temporary(prefix: str, entity: Entity) -> str:
    """Return the name of one of the session's tables."""
    return schema_name(prefix + entity.table)


def few_keys(entity: Entity, keys: "pa.Table") -> "tuple[str, tuple[object, ...]]":
    """Return some keys as a VALUES list named `s`, and its parameters."""
    rows = list(zip(*(keys.column(name).to_pylist() for name in entity.keys), strict=True))
    types = [_given(entity, name) for name in entity.keys]
    width = len(types)
    lines = (
        ", ".join(f"${at * width + place}::{one}" for place, one in enumerate(types, start=1))
        for at in range(len(rows))
    )
    given = ", ".join(f"({line})" for line in lines)
    return f"(values {given}) as s({listed(entity.keys)})", tuple(v for row in rows for v in row)


def many_keys(
    writer: "Connection", entity: Entity, keys: "pa.Table"
) -> "tuple[str, tuple[object, ...]]":
    """Pass keys through a table of the session; return its name as `s`."""
    name = temporary(_KEYS, entity)
    with writer.cursor() as cursor:
        ingest(cursor, name, keys, temporary=True)
    run(writer, f"analyze {quoted(name)}")
    return f"{quoted(name)} as s", ()


def _given(entity: Entity, name: str) -> str:
    kind = entity.field(name).kind
    return "TEXT" if kind.is_amount else kind.postgres
