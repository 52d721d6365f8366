"""Tables of the log file, their version, and how older versions are brought up.

`entries` is append-only and carries the head: the last row of each batch holds the root and the
checkpoint signature at size `idx + 1`, so that a single append touches one page and every
checkpoint ever signed can be shown again.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from diptych.core.database import Connection, connect_sqlite, transaction
from diptych.core.errors import ProvenanceError
from diptych.provenance.log.errors import Corrupt, LogExists, SchemaTooNew

SCHEMA_VERSION = 1
# Of a new log; an older one keeps what it has. A page of 4,096 bytes holds three statements, one of
# 8,192 six: a batch takes a quarter less time, a single append 2 % more.
PAGE_BYTES = 8_192
# At which the write-ahead log is moved into the file: 4 MiB. Commits that make it longer cost half
# as much again as those that write over its old content, hence no more.
_WAL_PAGES = 500
APPLICATION_ID = 0x64_6C_6F_67  # "dlog", shown by file(1)

_TABLES = (
    # idx: position in the log from 0. root, signature: only in the last row of a batch.
    """CREATE TABLE entries (
        idx INTEGER PRIMARY KEY, envelope BLOB NOT NULL, root BLOB, signature BLOB) STRICT""",
    # id: level << 40 | number. Level 0 holds full tiles only, higher levels the newest partial
    # tile too. body: up to 256 hashes.
    "CREATE TABLE tiles (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT",
    # id: run << 8 | first byte of the leaf hash. body: see finder.py.
    "CREATE TABLE finder (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT",
    "CREATE TABLE labels (name TEXT PRIMARY KEY, idx INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    """CREATE TABLE cosignatures (
        size INTEGER NOT NULL, witness TEXT NOT NULL, line TEXT NOT NULL,
        PRIMARY KEY (size, witness)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE lease (
        id INTEGER PRIMARY KEY CHECK (id = 1), fence INTEGER NOT NULL, holder TEXT NOT NULL,
        process TEXT NOT NULL, expires REAL NOT NULL) STRICT""",
    # signature: over the checkpoint of the empty log.
    """CREATE TABLE log (
        id INTEGER PRIMARY KEY CHECK (id = 1), key TEXT NOT NULL,
        signature BLOB NOT NULL) STRICT""",
)

Migration = Callable[[Connection], None]
MIGRATIONS: Mapping[int, Migration] = {}
"""From version to the step that leads to the next; each runs in its own transaction."""


def connect_log(path: Path) -> Connection:
    """Open or create the file of a log."""
    connection = connect_sqlite(path)
    connection.execute(f"PRAGMA wal_autocheckpoint={_WAL_PAGES}").fetchall()
    return connection


def require_tables(connection: Connection, path: Path) -> None:
    """Refuse a file of this version whose tables are not ours: its types could not be relied on.

    Raises:
        Corrupt: a table, view, trigger or index was added, changed or left out.
    """
    rows = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    if sorted(str(sql) for (sql,) in rows) != sorted(_TABLES):
        raise Corrupt(f"{path} holds other tables than a log has", hint="diptych restore BACKUP")


def is_blank(connection: Connection) -> bool:
    """Say whether the file holds nothing yet (new, or creation was cut short)."""
    row = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return bool(row[0] == 0)


def create_tables(connection: Connection, path: Path, *, key: str, signature: bytes) -> None:
    """Write the schema and the log's identity in one transaction.

    Raises:
        LogExists: the file holds something already.
    """
    with transaction(connection):
        if not is_blank(connection):
            raise LogExists(f"{path} exists already", hint="diptych status")
        for statement in _TABLES:
            connection.execute(statement)
        connection.execute("INSERT INTO lease VALUES (1, 0, '', '', 0)")
        connection.execute("INSERT INTO log VALUES (1, ?, ?)", (key, signature))
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")


def schema_version(connection: Connection, path: Path) -> int:
    """Return the version of an existing log file.

    Raises:
        Corrupt: some other kind of file.
        SchemaTooNew: written by a newer diptych.
    """
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    if application != APPLICATION_ID:
        raise Corrupt(
            f"{path} is not a diptych log: got application id {application:#x}, "
            f"expected {APPLICATION_ID:#x}",
            hint="diptych restore BACKUP",
        )
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA_VERSION:
        raise SchemaTooNew(
            f"{path} has schema version {version}, expected at most {SCHEMA_VERSION}",
            hint="pip install --upgrade diptych",
        )
    return version


def migrate(
    connection: Connection, path: Path, *, migrations: Mapping[int, Migration] = MIGRATIONS
) -> None:
    """Bring the file to `SCHEMA_VERSION`, one version at a time.

    Raises:
        SchemaTooNew: written by a newer diptych.
        ProvenanceError: a version has no step; the file is left as it was.
    """
    while schema_version(connection, path) < SCHEMA_VERSION:
        with transaction(connection):
            version = schema_version(connection, path)
            step = migrations.get(version)
            if step is None:
                raise ProvenanceError(f"{path} has schema version {version}: no migration from it")
            step(connection)
            connection.execute(f"PRAGMA user_version={version + 1}")
