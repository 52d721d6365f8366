"""The two private databases of tables: how they are made, and how nothing deleted stays in them.

`tables.sqlite` holds ciphertext and tree nodes. `datakeys.sqlite` holds what decrypts it: small, so
that it can be rewritten as a whole after an erasure. `secure_delete` alone is not enough there: a
B-tree moves cells when it is balanced and leaves the old copies in the free part of its pages.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from diptych.core.database import (
    Connect,
    Connection,
    connect_anywhere,
    sync_log,
    use_write_ahead_log,
)
from diptych.core.files import database_fault, make_folder, make_private_file
from diptych.provenance.private.errors import EraseIncomplete, PrivateUnusable

_PRAGMAS = (
    *("busy_timeout=30000", "secure_delete=ON"),
    *("synchronous=FULL", "fullfsync=ON", "temp_store=MEMORY"),
)


def open_database(path: Path, schema: Sequence[str], version: int, connect: Connect) -> Connection:
    """Open or create a private database, mode 0600 in a folder of mode 0700.

    Where nothing can be written beside it, an existing one is opened to be read.

    Raises:
        PrivateUnusable: it cannot be used, or a newer version wrote it.
    """
    with store_errors(path):
        reading = path.is_file() and not os.access(path.parent, os.W_OK)
        connection = _connect_reading(path) if reading else _connect_writing(path, connect)
        try:
            found = connection.execute("PRAGMA user_version").fetchone()[0]
            if found > version:
                raise PrivateUnusable(
                    f"{path} has schema {found}, expected at most {version}",
                    hint="pip install --upgrade diptych",
                )
            if found < version and not reading:
                for statement in schema:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={version}")
        except BaseException:
            connection.close()
            raise
    return connection


def _connect_writing(path: Path, connect: Connect) -> Connection:
    make_folder(path.parent, mode=0o700)
    path.parent.chmod(0o700)
    make_private_file(path)
    connection = connect(path)
    try:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").fetchall()
        use_write_ahead_log(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _connect_reading(path: Path) -> Connection:
    """Open a private database on a read-only medium.

    A write-ahead log that its writer left would have to be copied to be read, and a copy of keys
    could outlive their erasure; without it, keys that were erased would be there again.
    """
    waiting, shared = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))
    if waiting.exists() and waiting.stat().st_size and not shared.exists():
        raise PrivateUnusable(
            f"{path} was not closed, and cannot be read where nothing can be written",
            hint="open the workspace once where it can be written",
        )
    return connect_anywhere(path)


def memory_database(content: bytes, version: int) -> Connection:
    """Open a copy of a private database in memory.

    Raises:
        PrivateUnusable: it is no such database, or of another version.
    """
    path = Path("a copy in memory")
    with store_errors(path):
        connection = sqlite3.connect(":memory:", isolation_level=None)
        # A database in WAL mode says so in bytes 18 and 19; in memory there is no such mode.
        connection.deserialize(content[:18] + b"\1\1" + content[20:])
        found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found != version:
        connection.close()
        raise PrivateUnusable(f"a copy of a private store has schema {found}, expected {version}")
    return connection


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Translate what SQLite and the file system say."""
    try:
        yield
    except (sqlite3.Error, OSError, UnicodeDecodeError, MemoryError) as error:
        fault = database_fault(path, error)
        raise fault or PrivateUnusable(f"cannot use {path}: {str(error)[:200]!a}") from error


def rewrite(connection: Connection, path: Path) -> None:
    """Write the whole database anew and empty its log: no deleted byte is left in the files.

    Raises:
        EraseIncomplete: another process keeps old pages alive; call again.
        PrivateUnusable: it cannot be written.
    """
    with store_errors(path):
        connection.execute("VACUUM")
    empty_log(connection, path)


def empty_log(connection: Connection, path: Path) -> None:
    """Move what the write-ahead log holds into the database and truncate it.

    Raises:
        EraseIncomplete: another process keeps old pages alive; call again.
    """
    with store_errors(path):
        row = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if row[0]:
        raise EraseIncomplete(
            f"{path} is being read by another process",
            hint="end the other process and erase again",
        )
    with store_errors(path):
        sync_log(path)
