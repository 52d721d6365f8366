"""How the block store talks to SQLite: a small Protocol, so that another binding can stand in."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

_BUSY_TIMEOUT_MS = 10_000


class Cursor(Protocol):
    """Rows of one statement."""

    def fetchone(self) -> Any:
        """Return the next row or None."""

    def fetchall(self) -> list[Any]:
        """Return the remaining rows."""

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """What the store needs: autocommit mode; errors are `sqlite3.Error`."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Cursor:
        """Run one statement."""

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> object:
        """Run one statement for each row of parameters."""

    def close(self) -> None:
        """Close the connection."""


Connect = Callable[[Path], Connection]
"""Opens or creates the database file."""


def connect_sqlite(path: Path) -> Connection:
    """Open `path` with the standard library's SQLite, usable from one thread at a time."""
    return sqlite3.connect(
        path, isolation_level=None, timeout=_BUSY_TIMEOUT_MS / 1000, check_same_thread=False
    )


def connect_reading(path: Path) -> Connection:
    """Open `path` without ever writing to it."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=2.0
    )


def prepare(connection: Connection) -> None:
    """Make every commit of this connection survive a power cut."""
    connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}").fetchall()
    connection.execute("PRAGMA journal_mode=WAL").fetchall()
    connection.execute("PRAGMA synchronous=FULL").fetchall()
    connection.execute("PRAGMA fullfsync=ON").fetchall()


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Take the write lock, commit at the end, roll back on any error."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
