"""Read-only SQL on PostgreSQL: one SELECT in a read-only transaction, bounded in rows and time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from diptych.index.store.errors import QueryRefused
from diptych.index.store.postgres_sql import asked, failed, masked, plain, run
from diptych.index.store.postgres_words import check_query
from diptych.index.store.query_size import check_size
from diptych.index.store.store import Cursor, QueryLimits
from diptych.index.store.tables import META, read_cursor

if TYPE_CHECKING:
    import pyarrow as pa
    from adbc_driver_postgresql.dbapi import Connection

_BATCH_BYTES = "1048576"
_CANCELLED = "57014"
_CONNECTION = "08"


class PostgresSnapshot:
    """One read transaction.

    Args:
        reader: a connection, used by nobody else and in no transaction yet.
        url: for messages.
    """

    def __init__(self, reader: "Connection", url: str) -> None:
        self._reader, self._url = reader, url
        self._timeout_ms = -1
        run(reader, "set transaction isolation level repeatable read, read only")

    def cursor(self) -> Cursor | None:
        """Return how far the store was."""
        stored = asked(self._reader, f"select value from {META} where key = 'cursor'").to_pylist()
        return read_cursor(stored[0]["value"]) if stored else None

    def query(
        self, sql: str, parameters: Sequence[object] = (), *, limits: QueryLimits | None = None
    ) -> "pa.Table":
        """Answer one SELECT; numbers of any size as text.

        Raises:
            QueryRefused: it is no single SELECT, is wrong, or costs more than `limits`.
        """
        check_query(sql)
        within = limits or QueryLimits()
        inner = sql.strip().removesuffix(";")
        # Inside brackets no statement but a SELECT can stand.
        bounded = f"select * from (\n{inner}\n) as asked limit {within.rows + 1}"
        return self._answer(bounded, parameters, within)

    def rows(
        self, sql: str, parameters: Sequence[object] = (), *, limits: QueryLimits | None = None
    ) -> list[tuple[Any, ...]]:
        """Answer a SELECT that the program made itself, unchecked."""
        table = self._answer(sql, parameters, limits or QueryLimits())
        return list(zip(*(one.to_pylist() for one in table.columns), strict=True))

    def _answer(self, sql: str, parameters: Sequence[object], limits: QueryLimits) -> "pa.Table":
        import pyarrow as pa
        from adbc_driver_postgresql import dbapi

        try:
            self._within(limits)
            with self._reader.cursor() as cursor:
                cursor.adbc_statement.set_options(
                    **{"adbc.postgresql.batch_size_hint_bytes": _BATCH_BYTES}
                )
                cursor.execute(sql, tuple(parameters) or None)
                stream = cursor.fetch_record_batch()
                batches, rows, size = [], 0, 0
                for batch in stream:
                    rows, size = rows + batch.num_rows, size + batch.nbytes
                    check_size(limits, rows, size)
                    batches.append(batch)
                return plain(pa.Table.from_batches(batches, stream.schema))
        except (dbapi.Error, pa.ArrowException, OSError) as error:
            raise self._fault(error, limits) from error

    def _within(self, limits: QueryLimits) -> None:
        timeout_ms = max(1, round(limits.timeout_s * 1000))
        if timeout_ms != self._timeout_ms:
            run(self._reader, f"set local statement_timeout = {timeout_ms}")
            self._timeout_ms = timeout_ms

    def _fault(self, error: Exception, limits: QueryLimits) -> Exception:
        text = str(error)
        state = getattr(error, "sqlstate", None) or ""
        if state == _CANCELLED or "statement timeout" in text:
            return QueryRefused(
                f"the query took longer than {limits.timeout_s:g} s", hint="ask for less"
            )
        if state.startswith(_CONNECTION) or not state:
            lost = run_check(self._reader)
            if lost:
                return failed(error, self._url)
        first = masked(text.splitlines()[0] if text else type(error).__name__)
        return QueryRefused(f"the query is refused: {first[:300]}")


def run_check(reader: "Connection") -> bool:
    """Whether the connection is lost."""
    from adbc_driver_postgresql import dbapi

    try:
        reader.rollback()
        run(reader, "select 1")
    except dbapi.Error:
        return True
    return False
