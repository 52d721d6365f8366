"""Tables of the usage store."""

from collections.abc import Callable

from diptych.core.database import Connection, transaction

SCHEMA = 2
_TABLES = """
CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE use (
    id INTEGER PRIMARY KEY,
    licensee INTEGER NOT NULL,
    asset INTEGER NOT NULL,
    action INTEGER NOT NULL,
    time INTEGER NOT NULL,
    units INTEGER NOT NULL
) STRICT;
CREATE TABLE total (
    licensee INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    units INTEGER NOT NULL,
    frontier BLOB NOT NULL,
    last BLOB NOT NULL,
    last_proof BLOB NOT NULL
) STRICT;
CREATE TABLE root (
    id INTEGER PRIMARY KEY,
    upto INTEGER NOT NULL,
    root BLOB NOT NULL,
    count INTEGER NOT NULL,
    units INTEGER NOT NULL,
    licensees INTEGER NOT NULL,
    first_time INTEGER NOT NULL,
    last_time INTEGER NOT NULL,
    record TEXT NOT NULL DEFAULT ''
) STRICT;
"""
_SINCE_2 = """
CREATE TABLE node (
    level INTEGER NOT NULL,
    block INTEGER NOT NULL,
    spans BLOB NOT NULL,
    PRIMARY KEY (level, block)
) STRICT;
CREATE TABLE spool (
    name TEXT PRIMARY KEY,
    taken INTEGER NOT NULL
) STRICT;
"""


def prepare(connection: Connection, rebuild: Callable[[], None]) -> int:
    """Make the tables if they are missing; return the schema version that is there.

    Args:
        connection: of the store.
        rebuild: makes the nodes from the totals; version 1 kept one node in a row.
    """
    with transaction(connection):
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version == 0:
            _run(connection, _TABLES)
        if version == 1:
            connection.execute("DROP TABLE node")
        if version < SCHEMA:
            _run(connection, _SINCE_2)
            connection.execute(f"PRAGMA user_version={SCHEMA}")
        if version == 1:
            rebuild()
    return max(version, SCHEMA)


def _run(connection: Connection, script: str) -> None:
    for statement in filter(str.strip, script.split(";")):
        connection.execute(statement)
