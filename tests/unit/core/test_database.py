"""Databases that several open at the same moment."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from diptych.core import database
from diptych.core.database import connect_secret, make_durable


def test_all_who_open_a_new_file_at_once_get_it(tmp_path: Path) -> None:
    together = Barrier(4)

    def open_all(_: int) -> int:
        opened = 0
        for number in range(40):
            together.wait(30)
            connection = connect_secret(tmp_path / f"{number}.sqlite")
            make_durable(connection)
            connection.execute("CREATE TABLE IF NOT EXISTS t (x)")
            connection.close()
            opened += 1
        return opened

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(open_all, range(4))) == [40, 40, 40, 40]


def test_a_file_that_stays_locked_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.05)
    holder = sqlite3.connect(tmp_path / "a.sqlite", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        make_durable(connect_secret(tmp_path / "a.sqlite"))
    holder.close()
