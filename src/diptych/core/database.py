"""How stores talk to SQLite: a small Protocol, so that another binding can stand in.

The log, the outbox and the block store all open their files through a `Connect`, which is how the
power-cut tests put a simulated disk below them. Autocommit mode; errors are `sqlite3.Error`.
"""

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

Row = tuple[Any, ...]
BUSY_TIMEOUT_S = 30.0
_RETRY_S = 0.005


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


def connect_anywhere(path: Path) -> Connection:
    """Open an existing `path` to read it, also where nothing can be written beside it.

    SQLite writes shared memory beside a database with a write-ahead log, even to read it. On a
    read-only medium or in somebody else's folder there are three cases: log and shared memory
    stand there and serve as they are; the log was left without shared memory, so both files are
    copied away and read there; there is no log, so nothing changes the file. Should its owner
    begin to write in that very moment, the file looks damaged, which reading again settles.

    Raises:
        OSError: a file cannot be read, or there is no room for the copy.
    """
    if os.access(path.parent, os.W_OK):
        return connect_sqlite(path)
    waiting, shared = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))
    if waiting.exists() and shared.exists():
        return connect_reading(path)
    if waiting.exists() and waiting.stat().st_size:
        return _copied(path, waiting)
    return _read_only(path, "immutable=1")


def _copied(path: Path, waiting: Path) -> Connection:
    """Open a copy that has taken its write-ahead log in and whose name is gone already."""
    with tempfile.TemporaryDirectory(prefix="diptych-") as folder:
        copy = Path(folder) / path.name
        shutil.copyfile(path, copy)
        shutil.copyfile(waiting, Path(folder) / waiting.name)
        connection = connect_sqlite(copy)
        connection.execute("PRAGMA journal_mode=DELETE").fetchall()
        connection.execute("PRAGMA query_only=ON").fetchall()
        return connection


def connect_secret(path: Path) -> Connection:
    """Like `connect_sqlite`, for a file that only its owner may read."""
    path.touch(mode=0o600, exist_ok=True)
    return connect_sqlite(path)


def connect_reading(path: Path) -> Connection:
    """Open an existing `path` without ever writing to it."""
    return _read_only(path, "mode=ro")


def _read_only(path: Path, how: str) -> Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}",
        uri=True,
        isolation_level=None,
        timeout=2.0,
        check_same_thread=False,
    )


def make_durable(connection: Connection) -> None:
    """Make every commit of this connection survive a power cut."""
    connection.execute(f"PRAGMA busy_timeout={int(BUSY_TIMEOUT_S * 1000)}").fetchall()
    use_write_ahead_log(connection)
    connection.execute("PRAGMA synchronous=FULL").fetchall()
    connection.execute("PRAGMA fullfsync=ON").fetchall()


def use_write_ahead_log(connection: Connection) -> None:
    """Switch to a write-ahead log, waiting for another process that switches at the same time.

    SQLite's own busy timeout does not wait there: two that wait for each other's read lock would
    never end (https://sqlite.org/c3ref/busy_handler.html). Ours ends, for nothing is held between.

    Raises:
        sqlite3.OperationalError: it stayed locked for the whole busy timeout.
    """
    ends_s = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").fetchall()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() >= ends_s:
                raise
        time.sleep(_RETRY_S)


def sync_log(path: Path) -> None:
    """Make it durable that the write-ahead log of a database was truncated.

    SQLite truncates it without a sync, so a power cut could bring its old pages back.

    Raises:
        OSError: it cannot be synced.
    """
    with suppress(FileNotFoundError):
        descriptor = os.open(f"{path}-wal", os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


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
