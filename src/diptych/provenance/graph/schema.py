"""Tables of the graph file: a cache that is thrown away whenever it does not fit the log."""

from diptych.core.database import Connection, transaction, use_write_ahead_log

SCHEMA_VERSION = 1
"""Also raised when statements are read in another way, so that what was unreadable is read."""
APPLICATION_ID = 0x64_67_72_66  # "dgrf"
CACHE_KIB = 65_536

TABLES = (
    # The prefix of the log that is in this file: size, and the root of that many entries.
    """CREATE TABLE state (
        id INTEGER PRIMARY KEY CHECK (id = 1), origin TEXT NOT NULL, size INTEGER NOT NULL,
        root BLOB NOT NULL, files INTEGER NOT NULL) STRICT""",
    "CREATE TABLE words (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT",
    # idx: position in the log. kind, signers: words. time: claimed, seconds since the epoch.
    # peak: the latest time claimed up to here; it never falls, so a date can be searched.
    """CREATE TABLE nodes (
        idx INTEGER PRIMARY KEY, record BLOB NOT NULL, kind INTEGER NOT NULL, name TEXT NOT NULL,
        time INTEGER NOT NULL, peak INTEGER NOT NULL, signers INTEGER NOT NULL, manifest BLOB
        ) STRICT""",
    # src: the record that states the edge, pos: its place there. dst: position of the record it
    # points to, NULL while that is not in the log. pointer: the record id then. rel: a word.
    """CREATE TABLE edges (
        src INTEGER NOT NULL, pos INTEGER NOT NULL, rel INTEGER NOT NULL, dst INTEGER,
        pointer BLOB, extra TEXT, PRIMARY KEY (src, pos)) STRICT, WITHOUT ROWID""",
    # Files of public manifests: first 16 bytes of a digest, and in which manifest it stands.
    # lines: how many; NULL while the manifest object cannot be read here.
    """CREATE TABLE manifests (
        id INTEGER PRIMARY KEY, object BLOB NOT NULL UNIQUE, lines INTEGER) STRICT""",
    """CREATE TABLE files (
        digest BLOB NOT NULL, manifest INTEGER NOT NULL, PRIMARY KEY (digest, manifest)
        ) STRICT, WITHOUT ROWID""",
)
INDEXES = (
    "CREATE INDEX nodes_by_record ON nodes (record)",
    "CREATE INDEX nodes_by_manifest ON nodes (manifest) WHERE manifest IS NOT NULL",
    "CREATE INDEX edges_by_target ON edges (dst, src, rel) WHERE dst IS NOT NULL",
    "CREATE INDEX edges_missing ON edges (pointer) WHERE dst IS NULL AND pointer IS NOT NULL",
)


def prepare(connection: Connection) -> None:
    """Set up a connection: readers are never blocked, a commit is whole or not there.

    A power cut may take the newest commits with it; the next catch-up writes them again.
    """
    connection.execute("PRAGMA busy_timeout=30000").fetchall()
    use_write_ahead_log(connection)
    for pragma in (
        "synchronous=NORMAL",
        "temp_store=MEMORY",
        "trusted_schema=OFF",
        f"cache_size=-{CACHE_KIB}",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()


def fits(connection: Connection) -> bool:
    """Tell whether the file has exactly the tables of this version."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if (application, version) != (APPLICATION_ID, SCHEMA_VERSION):
        return False
    rows = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    return sorted(str(sql) for (sql,) in rows) == sorted((*TABLES, *INDEXES))


def create(connection: Connection) -> None:
    """Make empty tables, in one transaction; another process may have been faster.

    Where there are tables no lock is taken: opening must not wait for a process that catches up.
    """
    if _has_tables(connection):
        return
    with transaction(connection):
        if _has_tables(connection):
            return
        for statement in (*TABLES, *INDEXES):
            connection.execute(statement)
        connection.execute("INSERT INTO state VALUES (1, '', 0, x'', 0)")
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")


def _has_tables(connection: Connection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])


def empty(connection: Connection) -> None:
    """Forget everything; the caller holds a transaction."""
    for table in ("files", "manifests", "edges", "nodes", "words"):
        connection.execute(f"DELETE FROM {table}")
    connection.execute("UPDATE state SET origin='', size=0, root=x'', files=0")
