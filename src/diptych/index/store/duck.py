"""The index in one DuckDB file, owned by one process; threads of it may read at once."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from diptych.index.blocks import BlockRef
from diptych.index.manifest.description import described, read_described
from diptych.index.manifest.entity import Entity
from diptych.index.store.duck_query import Asking, DuckSnapshot
from diptych.index.store.duck_sql import (
    FEW_KEYS,
    STEP,
    TYPES,
    connected,
    declared,
    failed,
    few_keys,
    insert_links,
    insert_own,
    other_version,
    same_key,
    set_meta,
    shown_versions,
    versions_table,
)
from diptych.index.store.store import FROM, TO, Commit, Cursor, QueryLimits
from diptych.index.store.tables import (
    CHILDREN,
    FORMAT,
    LINKS,
    META,
    UNREAD,
    listed,
    own_tables,
    quoted,
    read_cursor,
    shown_cursor,
    versioned,
)

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


class DuckStore:
    """Versions of entities in a DuckDB file; use as a context manager.

    Args:
        path: the file; made if it is not there. None keeps everything in memory.
        entities: tables to have; None for those that an index has already.
        memory_mib: most memory that DuckDB takes.
        threads: threads that it uses.

    Raises:
        StoreBusy: another process has it open.
        StoreFailed: it cannot be opened.
        StoreFormat: it was made by another version, or for other entities.
    """

    def __init__(
        self,
        path: Path | None,
        entities: Sequence[Entity] | None,
        *,
        memory_mib: int = 256,
        threads: int = 2,
    ) -> None:
        self._path, self._writing = path, threading.Lock()
        self._connection = connected(path, memory_mib, threads)
        self._indexed = False
        self._asking = Asking()
        try:
            given = self._stored_entities() if entities is None else entities
            self._entities = {one.name: one for one in given}
            if entities is not None:
                self._make_tables()
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back."""
        self._asking.watchdog.close()
        self._connection.close()

    @property
    def entities(self) -> list[Entity]:
        """Its tables."""
        return list(self._entities.values())

    def cursor(self) -> tuple[Cursor | None, list[BlockRef]]:
        """Return how far the store is, and the remembered links, oldest first."""
        with self._reading() as reader:
            stored = reader.execute(f"select value from {META} where key = 'cursor'").fetchone()
            links = reader.execute(
                f"select number, hash, parent_hash, timestamp_s from {LINKS} order by number"
            ).fetchall()
        known = [
            BlockRef(row[0], bytes.fromhex(row[1]), bytes.fromhex(row[2]), row[3]) for row in links
        ]
        return (None if stored is None else read_cursor(stored[0])), known

    def commit(self, step: Commit) -> None:
        """Store a step, durably and whole or not at all."""
        with self._transaction() as writer:
            for name, table in step.closed.items():
                self._close(writer, self._entities[name], table)
            for name, table in step.versions.items():
                self._add(writer, self._entities[name], table)
            for name, table in ((CHILDREN, step.children), (UNREAD, step.unread)):
                if table is not None and table.num_rows:
                    insert_own(writer, name, table)
            if step.links:
                insert_links(writer, step.links)
            oldest = step.cursor.block.number - step.keep_links
            writer.execute(f"delete from {LINKS} where number <= ?", [oldest])
            set_meta(writer, "cursor", shown_cursor(step.cursor))
        if step.keep_links > 1 and not self._indexed:
            self._make_indexes()

    def rollback(self, to: BlockRef) -> None:
        """Take back everything later than a block; it is the cursor's block afterwards."""
        before, _ = self.cursor()
        if before is None:
            return
        with self._transaction() as writer:
            for one in self._entities.values():
                table = quoted(one.table)
                writer.execute(f"delete from {table} where {FROM} > ?", [to.number])
                if not one.immutable:
                    writer.execute(f"update {table} set {TO} = null where {TO} > ?", [to.number])
            for name, column in (
                (CHILDREN, "block_number"),
                (UNREAD, "block_number"),
                (LINKS, "number"),
            ):
                writer.execute(f"delete from {name} where {column} > ?", [to.number])
            set_meta(writer, "cursor", shown_cursor(before._replace(block=to)))

    def current(self, entity: Entity, keys: "pa.Table") -> "pa.Table":
        """Return the open versions with one of these keys, in any order."""
        shown = shown_versions(entity)
        table = quoted(entity.table)
        with self._reading() as reader:
            if keys.num_rows <= FEW_KEYS:
                where, values = few_keys(entity, keys)
                sql = f"select {shown} from {table} t where t.{TO} is null and ({where})"
                return versions_table(entity, reader.execute(sql, values).fetchall())
            same = " and ".join(same_key(entity, name) for name in entity.keys)
            reader.register(STEP, keys)
            try:
                return reader.sql(
                    f"select {shown} from {table} t join {STEP} s on {same} where t.{TO} is null"
                ).to_arrow_table()
            finally:
                reader.unregister(STEP)

    def query(
        self, sql: str, parameters: Sequence[object] = (), *, limits: QueryLimits | None = None
    ) -> "pa.Table":
        """Answer one SELECT in a snapshot of its own."""
        with self.snapshot() as seen:
            return seen.query(sql, parameters, limits=limits)

    @contextmanager
    def snapshot(self) -> Iterator[DuckSnapshot]:
        """Return the store as it is now, for queries that must agree with each other."""
        with self._reading() as reader:
            reader.execute("begin transaction read only")
            yield DuckSnapshot(reader, self._asking)

    def _stored_entities(self) -> list[Entity]:
        with self._reading() as reader:
            stored = reader.execute(f"select value from {META} where key = 'entities'").fetchone()
        version, _, text = (stored[0] if stored else "").partition(" ")
        if version != str(FORMAT):
            raise other_version()
        return read_described(text)

    def _make_tables(self) -> None:
        with self._transaction() as writer:
            made = writer.execute(
                "select count(*) from duckdb_tables() where table_name = ?", [META]
            ).fetchone()
            for name, columns in own_tables().items():
                shown = ", ".join(f"{quoted(one.name)} {TYPES[one.type]}" for one in columns)
                writer.execute(f"create table if not exists {name} ({shown})")
            for one in self._entities.values():
                writer.execute(f"create table if not exists {quoted(one.table)} ({declared(one)})")
            expected = f"{FORMAT} {described(self._entities.values())}"
            if made == (0,):
                set_meta(writer, "entities", expected)
                return
            stored = writer.execute(f"select value from {META} where key = 'entities'").fetchone()
            if stored != (expected,):
                raise other_version()

    def _make_indexes(self) -> None:
        with self._transaction() as writer:
            for one in self._entities.values():
                writer.execute(
                    f"create index if not exists {quoted(one.table + '_key')}"
                    f" on {quoted(one.table)} ({listed(one.keys)})"
                )
        self._indexed = True

    def _close(
        self, writer: "duckdb.DuckDBPyConnection", entity: Entity, table: "pa.Table"
    ) -> None:
        same = " and ".join(same_key(entity, name) for name in entity.keys)
        writer.register(STEP, table)
        try:
            writer.execute(
                f"update {quoted(entity.table)} t set {TO} = s.{TO} from {STEP} s"
                f" where {same} and t.{TO} is null"
            )
        finally:
            writer.unregister(STEP)

    def _add(self, writer: "duckdb.DuckDBPyConnection", entity: Entity, table: "pa.Table") -> None:
        names = versioned(entity)
        types = {one.name: one.kind.duckdb for one in entity.fields}
        shown = ", ".join(
            f"{quoted(one)}::{types[one]}" if one in types else quoted(one) for one in names
        )
        writer.register(STEP, table)
        try:
            writer.execute(
                f"insert into {quoted(entity.table)} ({listed(names)}) select {shown} from {STEP}"
            )
        finally:
            writer.unregister(STEP)

    @contextmanager
    def _transaction(self) -> "Iterator[duckdb.DuckDBPyConnection]":
        import duckdb

        with self._writing:
            writer = self._connection
            try:
                writer.execute("begin transaction")
                yield writer
                writer.execute("commit")
            except BaseException as error:
                with suppress(duckdb.Error):
                    writer.execute("rollback")
                if isinstance(error, duckdb.Error):
                    raise failed(error, self._path) from error
                raise

    @contextmanager
    def _reading(self) -> "Iterator[duckdb.DuckDBPyConnection]":
        import duckdb

        try:
            with self._connection.cursor() as reader:
                yield reader
        except duckdb.Error as error:
            raise failed(error, self._path) from error
