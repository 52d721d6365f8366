"""Opening the graph file, whatever state it is in: it can always be made again from the log."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from diptych.core.database import Connect, Connection
from diptych.provenance.graph import schema

_PARTS = ("", "-wal", "-shm")


def open_file(path: Path, connect: Connect) -> Connection:
    """Open or make the file; one that is damaged, foreign or of another version is replaced.

    Where it cannot be written, an empty copy in memory stands in.
    """
    try:
        connection = _connect(path, connect)
        if schema.fits(connection):
            return connection
        connection.close()
    except sqlite3.OperationalError:
        return in_memory(connect)
    except sqlite3.DatabaseError:
        pass
    return replace_file(path, connect, damaged=False)


def replace_file(path: Path, connect: Connect, *, damaged: bool) -> Connection:
    """Make the file anew, unless another process just did.

    Args:
        path: of the file.
        connect: opens it.
        damaged: True if its pages are known to be bad although its tables look right.
    """
    with suppress(sqlite3.Error, OSError), _locked(path):
        usable = False
        with suppress(sqlite3.Error), closing(_connect(path, connect)) as connection:
            usable = schema.fits(connection) and not (damaged and _has_damage(connection))
        if not usable:
            for part in _PARTS:
                path.with_name(path.name + part).unlink(missing_ok=True)
        return _connect(path, connect)
    return in_memory(connect)


def in_memory(connect: Connect) -> Connection:
    """Return an empty graph that is gone when it is closed."""
    return _connect(Path(":memory:"), connect)


def _connect(path: Path, connect: Connect) -> Connection:
    connection = connect(path)
    try:
        schema.prepare(connection)
        schema.create(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _has_damage(connection: Connection) -> bool:
    answer = connection.execute("PRAGMA quick_check(1)").fetchone()
    return bool(answer is None or answer[0] != "ok")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process at a time replace the file."""
    with path.with_name(path.name + ".lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
