"""Read-only SQL on DuckDB: one SELECT, bounded in rows and time."""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from diptych.index.store.errors import QueryRefused
from diptych.index.store.store import Cursor, QueryLimits
from diptych.index.store.tables import META, quoted, read_cursor

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_MAX_SQL = 100_000


class DuckSnapshot:
    """One read transaction.

    Args:
        reader: a connection in it, used by nobody else.
    """

    def __init__(self, reader: "duckdb.DuckDBPyConnection") -> None:
        self._reader = reader

    def cursor(self) -> Cursor | None:
        """Return how far the store was."""
        stored = self._reader.execute(f"select value from {META} where key = 'cursor'").fetchall()
        return read_cursor(stored[0][0]) if stored else None

    def query(
        self, sql: str, parameters: Sequence[object] = (), *, limits: QueryLimits | None = None
    ) -> "pa.Table":
        """Answer one SELECT; errors are those of `answered`."""
        return answered(self._reader, sql, parameters, limits or QueryLimits())


def answered(
    reader: "duckdb.DuckDBPyConnection",
    sql: str,
    parameters: Sequence[object],
    limits: QueryLimits,
) -> "pa.Table":
    """Return the rows of one SELECT; amounts as decimal text.

    Raises:
        QueryRefused: it is no single SELECT, is wrong, or costs more than `limits`.
    """
    import duckdb

    _check(sql)
    alarm = threading.Timer(limits.timeout_s, reader.interrupt)
    alarm.daemon = True
    alarm.start()
    try:
        relation = reader.sql(sql, params=list(parameters) or None)
        shown = ", ".join(
            f"cast({quoted(name)} as varchar) as {quoted(name)}"
            if str(type_) == "BIGNUM"
            else quoted(name)
            for name, type_ in zip(relation.columns, relation.types, strict=True)
        )
        if len(set(relation.columns)) == len(relation.columns):
            relation = relation.project(shown)
        table = relation.limit(limits.rows + 1).to_arrow_table()
    except duckdb.InterruptException as error:
        raise QueryRefused(
            f"the query took longer than {limits.timeout_s:g} s", hint="ask for less"
        ) from error
    except (duckdb.IOException, duckdb.FatalException):
        raise
    except duckdb.Error as error:
        first = str(error).splitlines()[0][:300]
        raise QueryRefused(f"the query is refused: {first}") from error
    finally:
        alarm.cancel()
    if table.num_rows > limits.rows:
        raise QueryRefused(
            f"the query gives more than {limits.rows:,} rows", hint="add a LIMIT, or a WHERE"
        )
    return table


def _check(sql: str) -> None:
    import duckdb

    if len(sql) > _MAX_SQL:
        raise QueryRefused(f"got a query of {len(sql)} characters, expected at most {_MAX_SQL}")
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryRefused(f"the query is refused: {str(error).splitlines()[0][:300]}") from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise QueryRefused("got no single SELECT", hint="rows of an index are changed by runs only")
