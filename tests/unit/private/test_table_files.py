"""Private databases: nothing that was deleted stays in the file, whatever SQLite moved before."""

import os
import random
import sqlite3
from pathlib import Path

import pytest

from diptych.core.database import connect_sqlite, transaction
from diptych.provenance.private.errors import PrivateUnusable
from diptych.provenance.private.table import DataKeys
from diptych.provenance.private.table.files import memory_database, open_database, rewrite

SCHEMA = ("CREATE TABLE t(k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID",)


def test_what_pages_keep_of_deleted_cells_goes_with_a_rewrite(tmp_path: Path) -> None:
    draw = random.Random(7)
    path = tmp_path / "private" / "x.sqlite"
    connection = open_database(path, SCHEMA, 1, connect_sqlite)
    kept = {draw.randbytes(16): draw.randbytes(draw.choice([60, 200, 500])) for _ in range(3_000)}
    with transaction(connection):
        connection.executemany("INSERT INTO t VALUES(?,?)", kept.items())
    keys = draw.sample(sorted(kept), 1_500)
    gone = [kept.pop(key) for key in keys]
    with transaction(connection):
        connection.executemany("DELETE FROM t WHERE k=?", [(key,) for key in keys])
    rewrite(connection, path)
    raw = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert sum(value[:40] in raw or value[-24:] in raw for value in gone) == 0
    assert all(value[:40] in raw for value in kept.values())
    connection.close()


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    connection = open_database(tmp_path / "p" / "x.sqlite", SCHEMA, 1, connect_sqlite)
    connection.execute("INSERT INTO t VALUES(1, 2)")
    os.umask(before)
    assert [p for p in (tmp_path / "p").iterdir() if p.stat().st_mode & 0o077] == []
    assert (tmp_path / "p").stat().st_mode & 0o777 == 0o700
    connection.close()


def test_foreign_and_newer_databases_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    path.write_bytes(b"garbage" * 1_000)
    with pytest.raises(PrivateUnusable):
        open_database(path, SCHEMA, 1, connect_sqlite)
    newer = sqlite3.connect(tmp_path / "datakeys.sqlite")
    newer.execute("PRAGMA user_version=99")
    newer.execute("CREATE TABLE x(y)")
    newer.close()
    with pytest.raises(PrivateUnusable, match="schema 99"):
        DataKeys(tmp_path, bytes(32))
    for content in (b"", b"garbage" * 1_000, (tmp_path / "datakeys.sqlite").read_bytes()):
        with pytest.raises(PrivateUnusable):
            memory_database(content, 1)


def test_a_link_in_place_of_the_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "datakeys.sqlite").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PrivateUnusable):
        DataKeys(tmp_path, bytes(32))
