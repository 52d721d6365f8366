"""Tables of the usage store."""

from diptych.core.database import Connection, transaction

SCHEMA = 1
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
CREATE TABLE node (
    level INTEGER NOT NULL,
    position INTEGER NOT NULL,
    first BLOB NOT NULL,
    last BLOB NOT NULL,
    count INTEGER NOT NULL,
    units INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX node_first ON node (first) WHERE level = 0;
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


def prepare(connection: Connection) -> int:
    """Make the tables if they are missing; return the schema version that is there."""
    with transaction(connection):
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version == 0:
            for statement in filter(str.strip, _TABLES.split(";")):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={SCHEMA}")
            version = SCHEMA
    return version
