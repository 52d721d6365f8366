"""How the log talks to SQLite: a small Protocol, so that another binding can stand in."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

Row = tuple[Any, ...]
_BUSY_TIMEOUT_MS = 30_000


class Cursor(Protocol):
    """Rows of one statement."""

    def fetchone(self) -> Any:
        """Return the next row or None."""

    def fetchall(self) -> list[Any]:
        """Return the remaining rows."""

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """What the log needs of an SQLite connection.

    Autocommit mode (the log sends BEGIN and COMMIT itself); errors are `sqlite3.Error`.
    """

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Cursor:
        """Run one statement."""

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> object:
        """Run one statement for each row of parameters."""

    def create_function(self, name: str, narg: int, func: Callable[..., Any], /) -> None:
        """Let SQL call a Python function."""

    def close(self) -> None:
        """Close the connection."""


Connect = Callable[[Path], Connection]
"""Opens or creates the database file; called once for reading and once for writing."""


def connect_sqlite(path: Path) -> Connection:
    """Open `path` with the standard library's SQLite."""
    return sqlite3.connect(path, isolation_level=None, timeout=_BUSY_TIMEOUT_MS / 1000)


def prepare_writer(connection: Connection) -> None:
    """Make every commit of this connection survive a power cut."""
    connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}").fetchall()
    connection.execute("PRAGMA journal_mode=WAL").fetchall()
    connection.execute("PRAGMA synchronous=FULL").fetchall()


def prepare_reader(connection: Connection) -> None:
    """Let this connection read only; it never blocks a writer nor is blocked by one."""
    connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}").fetchall()
    connection.execute("PRAGMA query_only=ON").fetchall()


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Take the write lock, commit at the end, roll back on any error."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        roll_back(connection)
        raise


def roll_back(connection: Connection) -> None:
    """End an open transaction without keeping anything of it."""
    with suppress(sqlite3.Error):
        connection.execute("ROLLBACK")
