"""The outbox's transactions: durable, and their failures named as ours."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from diptych.core import database
from diptych.core.database import Connection
from diptych.core.files import DiskFull
from diptych.ledger.outbox.errors import OutboxUnusable


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Take the write lock, commit at the end, roll back on any error.

    Raises:
        DiskFull: no space left; nothing changed.
        OutboxUnusable: the file is damaged or locked for too long; nothing changed.
    """
    with translated_errors(), database.transaction(connection):
        yield


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
