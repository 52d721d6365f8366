"""How stores talk to SQLite: a small Protocol, so that another binding can stand in.

The log, the outbox and the block store all open their files through a `Connect`, which is how the
power-cut tests put a simulated disk below them. Autocommit mode; errors are `sqlite3.Error`.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

Row = tuple[Any, ...]
BUSY_TIMEOUT_S = 30.0


class Cursor(Protocol):
    """Rows of one statement."""

    def fetchone(self) -> Any:
        """Return the next row or None."""

    def fetchall(self) -> list[Any]:
        """Return the remaining rows."""

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """What a store needs of an SQLite connection."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Cursor:
        """Run one statement."""

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> object:
        """Run one statement for each row of parameters."""

    def create_function(self, name: str, narg: int, func: Callable[..., Any], /) -> None:
        """Let SQL call a Python function."""

    def close(self) -> None:
        """Close the connection."""


Connect = Callable[[Path], Connection]
"""Opens or creates the database file."""


def connect_sqlite(path: Path) -> Connection:
    """Open or create `path` with the standard library's SQLite, usable by one thread at a time."""
    return sqlite3.connect(
        path, isolation_level=None, timeout=BUSY_TIMEOUT_S, check_same_thread=False
    )


def connect_secret(path: Path) -> Connection:
    """Like `connect_sqlite`, for a file that only its owner may read."""
    path.touch(mode=0o600, exist_ok=True)
    return connect_sqlite(path)


def connect_reading(path: Path) -> Connection:
    """Open an existing `path` without ever writing to it."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=2.0
    )


def make_durable(connection: Connection) -> None:
    """Make every commit of this connection survive a power cut."""
    connection.execute(f"PRAGMA busy_timeout={int(BUSY_TIMEOUT_S * 1000)}").fetchall()
    connection.execute("PRAGMA journal_mode=WAL").fetchall()
    connection.execute("PRAGMA synchronous=FULL").fetchall()
    connection.execute("PRAGMA fullfsync=ON").fetchall()


def make_reader(connection: Connection) -> None:
    """Let this connection read only; it never blocks a writer nor is blocked by one."""
    connection.execute(f"PRAGMA busy_timeout={int(BUSY_TIMEOUT_S * 1000)}").fetchall()
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
    """End a transaction without a trace, whatever state it is in."""
    with suppress(sqlite3.Error):
        connection.execute("ROLLBACK")
