"""How the outbox talks to SQLite: a small Protocol, so that another binding can stand in."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from diptych.core.files import DiskFull
from diptych.ledger.outbox.errors import OutboxUnusable

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
    """An SQLite connection in autocommit mode whose errors are `sqlite3.Error`."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Cursor:
        """Run one statement."""

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> object:
        """Run one statement for each row of parameters."""

    def close(self) -> None:
        """Close the connection."""


Connect = Callable[[Path], Connection]
"""Opens or creates the database file."""


def connect_sqlite(path: Path) -> Connection:
    """Open `path` with the standard library's SQLite, readable by the owner only."""
    path.touch(mode=0o600, exist_ok=True)
    return sqlite3.connect(path, isolation_level=None, timeout=_BUSY_TIMEOUT_MS / 1000)


def make_durable(connection: Connection) -> None:
    """Make every commit of this connection survive a power cut."""
    connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}").fetchall()
    connection.execute("PRAGMA journal_mode=WAL").fetchall()
    connection.execute("PRAGMA synchronous=FULL").fetchall()


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Take the write lock, commit at the end, roll back on any error.

    Raises:
        DiskFull: no space left; nothing changed.
        OutboxUnusable: the file is damaged or locked for too long; nothing changed.
    """
    with translated_errors():
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except sqlite3.Error as error:
        if "full" in str(error):
            raise DiskFull(
                "no space left while writing the outbox",
                hint="free disk space and run the same command again",
            ) from error
        raise OutboxUnusable(
            f"the outbox cannot be used: {error}", hint="diptych restore, or wait and try again"
        ) from error
