"""The index in a schema of a PostgreSQL database: one writer, any number of readers."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Self

from diptych.index.blocks import BlockRef
from diptych.index.manifest.description import described, read_described
from diptych.index.manifest.entity import Entity
from diptych.index.store.duck_sql import other_version
from diptych.index.store.errors import QueryRefused, StoreBusy
from diptych.index.store.postgres_query import PostgresSnapshot
from diptych.index.store.postgres_sql import (
    asked,
    connected,
    declared,
    declared_own,
    faults,
    ingest,
    lock_key,
    masked,
    run,
    same_key,
    schema_name,
    storable,
)
from diptych.index.store.postgres_tables import (
    add_versions,
    close_versions,
    few_keys,
    make_indexes,
    make_step_tables,
    many_keys,
    own_rows,
    set_meta,
)
from diptych.index.store.store import FROM, TO, Commit, Cursor
from diptych.index.store.tables import (
    CHILDREN,
    FORMAT,
    LINKS,
    META,
    UNREAD,
    links_table,
    listed,
    own_tables,
    quoted,
    read_cursor,
    shown_cursor,
    versioned,
)

if TYPE_CHECKING:
    import pyarrow as pa
    from adbc_driver_postgresql.dbapi import Connection

_FEW_KEYS = 16
_POOL = 4


class PostgresStore:
    """Versions of entities in a PostgreSQL schema; use as a context manager.

    Args:
        url: `postgresql://user@host/database`.
        entities: tables to have, to write; None to read those that an index has already.
        schema: the schema; made if it is not there.

    Raises:
        MissingExtra: the driver is not installed.
        StoreBusy: another process writes to this schema.
        StoreFailed: the server cannot be reached, or refuses.
        StoreFormat: the schema was made by another version, or for other entities.
    """

    def __init__(self, url: str, entities: Sequence[Entity] | None, *, schema: str) -> None:
        self._url, self._schema = url, schema_name(schema)
        self._pooling, self._writing = threading.Lock(), threading.Lock()
        self._idle: list[Connection] = []
        self._indexed = False
        self._writer = connected(url, self._schema, read_only=entities is None)
        try:
            with faults(url):
                given = self._stored_entities() if entities is None else entities
                self._entities = {one.name: one for one in given}
                if entities is not None:
                    self._own()
                    self._make_tables()
        except BaseException:
            self._writer.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections and the lock back."""
        for one in (*self._idle, self._writer):
            one.close()
        self._idle.clear()

    @property
    def entities(self) -> list[Entity]:
        """Its tables."""
        return list(self._entities.values())

    def cursor(self) -> tuple[Cursor | None, list[BlockRef]]:
        """Return how far the store is, and the remembered links, oldest first."""
        with self._transaction() as writer:
            stored = asked(writer, f"select value from {META} where key = 'cursor'").to_pylist()
            links = asked(
                writer, f"select number, hash, parent_hash, timestamp_s from {LINKS} order by 1"
            ).to_pylist()
        known = [
            BlockRef(
                row["number"],
                bytes.fromhex(row["hash"]),
                bytes.fromhex(row["parent_hash"]),
                row["timestamp_s"],
            )
            for row in links
        ]
        return (read_cursor(stored[0]["value"]) if stored else None), known

    def commit(self, step: Commit) -> None:
        """Store a step, durably and whole or not at all."""
        with self._transaction() as writer:
            for name, table in step.closed.items():
                close_versions(writer, self._entities[name], table)
            for name, table in step.versions.items():
                add_versions(writer, self._entities[name], table)
            with writer.cursor() as cursor:
                for name, rows in ((CHILDREN, step.children), (UNREAD, step.unread)):
                    if rows is not None and rows.num_rows:
                        ingest(cursor, name, own_rows(name, rows), temporary=False)
                if step.links:
                    ingest(cursor, LINKS, links_table(step.links), temporary=False)
            oldest = step.cursor.block.number - step.keep_links
            run(writer, f"delete from {LINKS} where number <= {int(oldest)}")
            set_meta(writer, "cursor", shown_cursor(step.cursor))
        if step.keep_links > 1 and not self._indexed:
            with self._transaction() as writer:
                for one in self._entities.values():
                    make_indexes(writer, one)
            self._indexed = True

    def rollback(self, to: BlockRef) -> None:
        """Take back everything later than a block; it is the cursor's block afterwards."""
        before, _ = self.cursor()
        if before is None:
            return
        number = int(to.number)
        with self._transaction() as writer:
            for one in self._entities.values():
                table = quoted(one.table)
                run(writer, f"delete from {table} where {FROM} > {number}")
                if not one.immutable:
                    run(writer, f"update {table} set {TO} = null where {TO} > {number}")
            for name, column in (
                (CHILDREN, "block_number"),
                (UNREAD, "block_number"),
                (LINKS, "number"),
            ):
                run(writer, f"delete from {name} where {column} > {number}")
            set_meta(writer, "cursor", shown_cursor(before._replace(block=to)))

    def current(self, entity: Entity, keys: "pa.Table") -> "pa.Table":
        """Return the open versions with one of these keys, in any order."""
        keys = storable(keys.select(list(entity.keys)))
        shown = listed(versioned(entity), "t.")
        same = " and ".join(same_key(entity, name) for name in entity.keys)
        with self._transaction() as writer:
            if 0 < keys.num_rows <= _FEW_KEYS:
                given, values = few_keys(entity, keys)
            else:
                given, values = many_keys(writer, entity, keys)
            return asked(
                writer,
                f"select {shown} from {given} join {quoted(entity.table)} t on {same}"
                f" where t.{TO} is null",
                values,
            )

    @contextmanager
    def snapshot(self) -> Iterator[PostgresSnapshot]:
        """Return the store as it is now, for queries that must agree with each other."""
        with self._pooling:
            reader = self._idle.pop() if self._idle else None
        if reader is None:
            reader = connected(self._url, self._schema, read_only=True)
        keep = True
        try:
            with faults(self._url):
                yield PostgresSnapshot(reader, self._url)
        except BaseException as error:
            keep = isinstance(error, QueryRefused)
            raise
        finally:
            self._give_back(reader, keep=keep)

    def _give_back(self, reader: "Connection", *, keep: bool) -> None:
        from adbc_driver_postgresql import dbapi

        with suppress(dbapi.Error):
            reader.rollback()
            with self._pooling:
                if keep and len(self._idle) < _POOL:
                    self._idle.append(reader)
                    return
        reader.close()

    def query(self, sql: str, parameters: Sequence[object] = ()) -> "pa.Table":
        """Answer one SELECT in a snapshot of its own."""
        with self.snapshot() as seen:
            return seen.query(sql, parameters)

    def _stored_entities(self) -> list[Entity]:
        found = run(self._writer, f"select to_regclass('{META}') is not null")
        stored = (
            asked(self._writer, f"select value from {META} where key = 'entities'").to_pylist()
            if found == [(True,)]
            else []
        )
        self._writer.rollback()
        version, _, text = (stored[0]["value"] if stored else "").partition(" ")
        if version != str(FORMAT):
            raise other_version()
        return read_described(text)

    def _own(self) -> None:
        if run(self._writer, f"select pg_try_advisory_lock({lock_key(self._schema)})") != [(True,)]:
            raise StoreBusy(
                f"another process writes to schema {self._schema} of {masked(self._url)}",
                hint="end it first; queries need not wait",
            )
        self._writer.commit()

    def _make_tables(self) -> None:
        with self._transaction() as writer:
            run(writer, f"create schema if not exists {quoted(self._schema)}")
            made = run(writer, f"select to_regclass('{META}') is not null") == [(True,)]
            for name, columns in own_tables().items():
                run(writer, f"create table if not exists {name} ({declared_own(columns)})")
            for one in self._entities.values():
                run(writer, f"create table if not exists {quoted(one.table)} ({declared(one)})")
                make_step_tables(writer, one)
            expected = f"{FORMAT} {described(self._entities.values())}"
            if not made:
                set_meta(writer, "entities", expected)
        with self._transaction() as writer:
            stored = run(writer, f"select value from {META} where key = 'entities'")
        if stored != [(expected,)]:
            raise other_version()

    @contextmanager
    def _transaction(self) -> "Iterator[Connection]":
        with self._writing, faults(self._url):
            try:
                yield self._writer
                self._writer.commit()
            except BaseException:
                with suppress(Exception):
                    self._writer.rollback()
                raise
