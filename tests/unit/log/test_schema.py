"""Older files are migrated, newer and foreign ones refused."""

import sqlite3
from pathlib import Path

import pytest
from tests.unit.log.signing import SeededSigner

from diptych.core.database import Connection, connect_sqlite
from diptych.core.errors import ProvenanceError
from diptych.provenance.log import Log, schema
from diptych.provenance.log.errors import Corrupt, SchemaTooNew


def set_version(path: Path, version: int) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA user_version={version}")
    connection.close()


def test_a_newer_schema_is_refused(log: Log, path: Path) -> None:
    set_version(path, schema.SCHEMA_VERSION + 1)
    with pytest.raises(SchemaTooNew, match=f"version {schema.SCHEMA_VERSION + 1}"):
        Log.open(path)


def test_an_older_schema_without_a_step_is_refused_unchanged(log: Log, path: Path) -> None:
    set_version(path, 0)
    with pytest.raises(ProvenanceError, match="no migration"):
        Log.open(path)


def test_migrations_run_one_by_one(log: Log, path: Path) -> None:
    set_version(path, schema.SCHEMA_VERSION - 1)
    steps: list[int] = []

    def step(connection: Connection) -> None:
        connection.execute("CREATE TABLE added (x)")
        steps.append(schema.SCHEMA_VERSION)

    connection = connect_sqlite(path)
    schema.migrate(connection, path, migrations={schema.SCHEMA_VERSION - 1: step})
    assert schema.schema_version(connection, path) == schema.SCHEMA_VERSION
    connection.close()
    assert steps == [schema.SCHEMA_VERSION]


def test_a_failing_migration_changes_nothing(log: Log, path: Path) -> None:
    set_version(path, schema.SCHEMA_VERSION - 1)

    def step(connection: Connection) -> None:
        connection.execute("CREATE TABLE added (x)")
        raise KeyError

    connection = connect_sqlite(path)
    with pytest.raises(KeyError):
        schema.migrate(connection, path, migrations={schema.SCHEMA_VERSION - 1: step})
    assert schema.schema_version(connection, path) == schema.SCHEMA_VERSION - 1
    tables = connection.execute("SELECT name FROM sqlite_schema").fetchall()
    assert ("added",) not in tables
    connection.close()


@pytest.mark.parametrize("page_bytes", [4_096, 65_536])
def test_a_log_of_other_pages_is_continued(
    path: Path, signer: SeededSigner, page_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "PAGE_BYTES", page_bytes)
    Log.create(path, signer).close()
    monkeypatch.undo()
    with Log.open(path, signer=signer) as log:
        with log.writer() as writer:
            writer.append([bytes(1_104)] * 300)
            writer.append([b"one more"])
        assert log.check(full=True).size == 301
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA page_size").fetchone() == (page_bytes,)
    connection.close()


def test_the_write_ahead_log_stays_small(log: Log, path: Path) -> None:
    with log.writer() as writer:
        for _ in range(20):
            writer.append([bytes(1_104)] * 1_000)
        assert path.with_name(f"{path.name}-wal").stat().st_size < 6 << 20
        assert path.stat().st_size > 20 << 20


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE more (x)",
        "CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM labels; END",
        "DROP TABLE labels",
        "DROP TABLE entries; CREATE VIEW entries AS WITH RECURSIVE n(idx) AS "
        "(SELECT 0 UNION ALL SELECT idx+1 FROM n) SELECT idx, '' envelope, '' root FROM n",
    ],
)
def test_other_tables_than_our_own_are_refused(log: Log, path: Path, change: str) -> None:
    log.close()
    connection = sqlite3.connect(path)
    connection.executescript(change)
    connection.close()
    with pytest.raises(Corrupt, match="other tables"):
        Log.open(path)


def test_another_sqlite_file_is_refused(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE cities (name)")
    connection.close()
    with pytest.raises(Corrupt, match="not a diptych log"):
        Log.open(path)


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_bytes(b"no database at all" * 500)
    with pytest.raises(Corrupt):
        Log.open(path)
