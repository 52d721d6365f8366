"""Read-only SQL on DuckDB: one SELECT, bounded in rows, bytes and time."""

import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from diptych.index.store.duck_guard import check_query
from diptych.index.store.errors import QueryRefused
from diptych.index.store.query_size import check_size
from diptych.index.store.store import Cursor, QueryLimits
from diptych.index.store.tables import META, quoted, read_cursor
from diptych.index.store.watchdog import Watchdog

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_MAX_SQL = 100_000
_BATCH = 1_024
_REMEMBERED = 256
_WIDE = re.compile(r"\b(BIGNUM|U?HUGEINT)\b")
"""Types of whole numbers beyond 64 bits, within lists and structs too."""


class Asking:
    """What all queries of a store share.

    Attributes:
        watchdog: ends those that take too long.
    """

    def __init__(self) -> None:
        self.watchdog = Watchdog()
        self._lock = threading.Lock()
        self._shown: OrderedDict[str, str] = OrderedDict()

    def shown(self, reader: "duckdb.DuckDBPyConnection", sql: str, values: Sequence[object]) -> str:
        """Return a SELECT that gives amounts as text and stands for `sql`.

        Raises:
            QueryRefused: it is no single SELECT, or has too many characters.
        """
        with self._lock:
            known = self._shown.get(sql)
        if known is None:
            known = _as_text(reader, _checked(reader, sql), values)
            with self._lock:
                self._shown[sql] = known
                if len(self._shown) > _REMEMBERED:
                    self._shown.popitem(last=False)
        return known


class DuckSnapshot:
    """One read transaction.

    Args:
        reader: a connection in it, used by nobody else.
        asking: shared by the store's snapshots.
    """

    def __init__(self, reader: "duckdb.DuckDBPyConnection", asking: Asking) -> None:
        self._reader = reader
        self._asking = asking

    def cursor(self) -> Cursor | None:
        """Return how far the store was."""
        stored = self._reader.execute(f"select value from {META} where key = 'cursor'").fetchall()
        return read_cursor(stored[0][0]) if stored else None

    def query(
        self, sql: str, parameters: Sequence[object] = (), *, limits: QueryLimits | None = None
    ) -> "pa.Table":
        """Answer one SELECT; amounts as decimal text.

        Raises:
            QueryRefused: it is no single SELECT, is wrong, or costs more than `limits`.
        """
        import pyarrow as pa

        within, values = limits or QueryLimits(), list(parameters)
        with self._bounded(within):
            sql = self._asking.shown(self._reader, sql, values)
            stream = self._reader.sql(sql, params=values or None).to_arrow_reader(_BATCH)
            schema, batches, rows, size = stream.schema, [], 0, 0
            for batch in stream:
                rows, size = rows + batch.num_rows, size + batch.nbytes
                check_size(within, rows, size)
                batches.append(batch)
        return pa.Table.from_batches(batches, schema)

    def rows(
        self, sql: str, parameters: Sequence[object] = (), *, limits: QueryLimits | None = None
    ) -> list[tuple[Any, ...]]:
        """Answer a SELECT that the program made itself, unchecked and as it is."""
        within, found, size = limits or QueryLimits(), [], 0
        with self._bounded(within):
            answer = self._reader.execute(sql, list(parameters) or None)
            while batch := answer.fetchmany(_BATCH):
                found += batch
                size += sum(len(one) for row in batch for one in row if isinstance(one, str))
                check_size(within, len(found), size)
        return found

    @contextmanager
    def _bounded(self, limits: QueryLimits) -> Iterator[None]:
        import duckdb

        try:
            with self._asking.watchdog.within(limits.timeout_s, self._reader.interrupt):
                yield
        except duckdb.InterruptException as error:
            raise _too_slow(limits) from error
        except (duckdb.IOException, duckdb.FatalException):
            raise
        except duckdb.Error as error:
            raise _refused(error) from error
        except (RuntimeError, OSError) as error:  # what Arrow's reader raises of DuckDB's errors
            slow = "INTERRUPT" in str(error).upper()
            raise (_too_slow(limits) if slow else _refused(error)) from error


def _too_slow(limits: QueryLimits) -> QueryRefused:
    return QueryRefused(f"the query took longer than {limits.timeout_s:g} s", hint="ask for less")


def _refused(error: Exception) -> QueryRefused:
    return QueryRefused(f"the query is refused: {str(error).splitlines()[0][:300]}")


def _as_text(reader: "duckdb.DuckDBPyConnection", sql: str, values: Sequence[object]) -> str:
    """Return a SELECT with numbers beyond 64 bits cast to text; other columns as they are."""
    relation = reader.sql(sql, params=list(values) or None)
    wide = [_WIDE.sub("VARCHAR", str(one)) for one in relation.types]
    if wide == [str(one) for one in relation.types]:
        return sql
    places = [f"c{place}" for place in range(len(wide))]
    shown = (
        f"{place if type_ == str(plain) else f'cast({place} as {type_})'} as {quoted(name)}"
        for place, type_, plain, name in zip(
            places, wide, relation.types, relation.columns, strict=True
        )
    )
    return f"select {', '.join(shown)} from (\n{sql}\n) as q({', '.join(places)})"


def _checked(reader: "duckdb.DuckDBPyConnection", sql: str) -> str:
    import duckdb

    if len(sql) > _MAX_SQL:
        raise QueryRefused(f"got a query of {len(sql)} characters, expected at most {_MAX_SQL}")
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise _refused(error) from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise QueryRefused("got no single SELECT", hint="rows of an index are changed by runs only")
    # A single statement ends with its first semicolon outside of texts and remarks.
    raw, operator = sql.encode(), duckdb.token_type.operator
    marks = [at for at, type_ in duckdb.tokenize(sql) if type_ == operator and raw[at] == ord(";")]
    text = raw[: marks[0] if marks else len(raw)].decode()
    if not text.strip():
        raise QueryRefused("got no single SELECT before a semicolon")
    check_query(reader, text)
    return text
