"""The index in one DuckDB file, owned by one process; threads of it may read at once."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from diptych.index.blocks import BlockRef
from diptych.index.manifest.entity import Entity
from diptych.index.store.errors import StoreBusy, StoreFailed, StoreFormat
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

_TYPES = {"bigint": "BIGINT", "text": "VARCHAR"}
_STEP = "_step"


class DuckStore:
    """Versions of entities in a DuckDB file; use as a context manager.

    Args:
        path: the file; made if it is not there. None keeps everything in memory.
        entities: tables to have.
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
        entities: Sequence[Entity],
        *,
        memory_mib: int = 256,
        threads: int = 2,
    ) -> None:
        self._entities = {one.name: one for one in entities}
        self._writing = threading.Lock()
        self._connection = _connected(path, memory_mib, threads)
        self._indexed = False
        try:
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
        self._connection.close()

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
                    _insert_own(writer, name, table)
            if step.links:
                _insert_links(writer, step.links)
            oldest = step.cursor.block.number - step.keep_links
            writer.execute(f"delete from {LINKS} where number <= ?", [oldest])
            _set_meta(writer, "cursor", shown_cursor(step.cursor))
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
            _set_meta(writer, "cursor", shown_cursor(before._replace(block=to)))

    def current(self, entity: Entity, keys: "pa.Table") -> "pa.Table":
        """Return the open versions with one of these keys, in any order."""
        names = versioned(entity)
        amounts = {one.name for one in entity.fields if one.kind.is_amount}
        shown = ", ".join(
            f"cast(t.{quoted(one)} as varchar) as {quoted(one)}"
            if one in amounts
            else f"t.{quoted(one)}"
            for one in names
        )
        same = " and ".join(_same(entity, name) for name in entity.keys)
        with self._reading() as reader:
            reader.register(_STEP, keys)
            try:
                return reader.sql(
                    f"select {shown} from {quoted(entity.table)} t join {_STEP} s on {same}"
                    f" where t.{TO} is null"
                ).to_arrow_table()
            finally:
                reader.unregister(_STEP)

    def query(
        self, sql: str, parameters: Sequence[object] = (), *, limits: QueryLimits | None = None
    ) -> "pa.Table":
        """Answer one SELECT; errors are those of `diptych.index.store.duck_query.answered`."""
        from diptych.index.store.duck_query import answered

        with self._reading() as reader:
            return answered(reader, sql, parameters, limits or QueryLimits())

    def _make_tables(self) -> None:
        with self._transaction() as writer:
            made = writer.execute(
                "select count(*) from duckdb_tables() where table_name = ?", [META]
            ).fetchone()
            for name, columns in own_tables().items():
                shown = ", ".join(f"{quoted(one.name)} {_TYPES[one.type]}" for one in columns)
                writer.execute(f"create table if not exists {name} ({shown})")
            for one in self._entities.values():
                writer.execute(f"create table if not exists {quoted(one.table)} ({_declared(one)})")
            expected = repr(
                (FORMAT, [(one.name, versioned(one)) for one in self._entities.values()])
            )
            if made == (0,):
                _set_meta(writer, "entities", expected)
                return
            stored = writer.execute(f"select value from {META} where key = 'entities'").fetchone()
            if stored != (expected,):
                raise StoreFormat(
                    "the index was made by another version or for other entities",
                    hint="make it anew from the cache: diptych index replay",
                )

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
        same = " and ".join(_same(entity, name) for name in entity.keys)
        writer.register(_STEP, table)
        try:
            writer.execute(
                f"update {quoted(entity.table)} t set {TO} = s.{TO} from {_STEP} s"
                f" where {same} and t.{TO} is null"
            )
        finally:
            writer.unregister(_STEP)

    def _add(self, writer: "duckdb.DuckDBPyConnection", entity: Entity, table: "pa.Table") -> None:
        names = versioned(entity)
        types = {one.name: one.kind.duckdb for one in entity.fields}
        shown = ", ".join(
            f"{quoted(one)}::{types[one]}" if one in types else quoted(one) for one in names
        )
        writer.register(_STEP, table)
        try:
            writer.execute(
                f"insert into {quoted(entity.table)} ({listed(names)}) select {shown} from {_STEP}"
            )
        finally:
            writer.unregister(_STEP)

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
                    raise _failed(error) from error
                raise

    @contextmanager
    def _reading(self) -> "Iterator[duckdb.DuckDBPyConnection]":
        import duckdb

        reader = self._connection.cursor()
        try:
            yield reader
        except duckdb.Error as error:
            raise _failed(error) from error
        finally:
            reader.close()


def _connected(path: Path | None, memory_mib: int, threads: int) -> "duckdb.DuckDBPyConnection":
    import duckdb

    options: Mapping[str, Any] = {
        "memory_limit": f"{memory_mib}MiB",
        "threads": threads,
        "python_enable_replacements": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "preserve_insertion_order": False,
    }
    try:
        connection = duckdb.connect(":memory:" if path is None else str(path), config=dict(options))
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise StoreBusy(
                f"another process owns {path.name if path else 'the index'}",
                hint="ask its server instead: diptych index query does by itself",
            ) from error
        raise _failed(error) from error
    except duckdb.Error as error:
        raise _failed(error) from error
    return connection


def _failed(error: Exception) -> StoreFailed:
    first = str(error).splitlines()[0][:300]
    return StoreFailed(f"the index's database says: {first}", hint="check the disk and its space")


def _declared(entity: Entity) -> str:
    columns = [
        f"{quoted(one.name)} {one.kind.duckdb}{'' if one.nullable else ' not null'}"
        for one in entity.fields
    ]
    return ", ".join(
        [*columns, f"{FROM} BIGINT not null", f"{TO} BIGINT", "_block_hash VARCHAR not null"]
    )


def _same(entity: Entity, name: str) -> str:
    return f"t.{quoted(name)} = s.{quoted(name)}::{entity.field(name).kind.duckdb}"


def _set_meta(writer: "duckdb.DuckDBPyConnection", key: str, value: str) -> None:
    writer.execute(f"delete from {META} where key = ?", [key])
    writer.execute(f"insert into {META} values (?, ?)", [key, value])


def _insert_links(writer: "duckdb.DuckDBPyConnection", links: Sequence[BlockRef]) -> None:
    import pyarrow as pa

    table = pa.table(
        {
            "number": [one.number for one in links],
            "hash": [one.hash.hex() for one in links],
            "parent_hash": [one.parent_hash.hex() for one in links],
            "timestamp_s": [one.timestamp_s for one in links],
        }
    )
    _insert_own(writer, LINKS, table)


def _insert_own(writer: "duckdb.DuckDBPyConnection", name: str, table: "pa.Table") -> None:
    columns = [one.name for one in own_tables()[name]]
    shown = ", ".join(_as_text(table, one) for one in columns)
    writer.register(_STEP, table)
    try:
        writer.execute(f"insert into {name} ({listed(columns)}) select {shown} from {_STEP}")
    finally:
        writer.unregister(_STEP)


def _as_text(table: "pa.Table", name: str) -> str:
    import pyarrow as pa

    type_ = table.schema.field(name).type
    binary = pa.types.is_binary(type_) or pa.types.is_fixed_size_binary(type_)
    return f"'0x' || lower(hex({quoted(name)}))" if binary else quoted(name)
