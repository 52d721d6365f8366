"""Kills, full disks, damage, second processes: whole steps or a named error, never half a step."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from tests.unit.index.killing import told_to_children

from diptych.index.store.check_rows import (
    BALANCE,
    ENTITIES,
    first,
    rows_of,
    second,
    step,
    version,
)
from diptych.index.store.digest import store_digest
from diptych.index.store.duck import DuckStore
from diptych.index.store.errors import StoreBusy, StoreFailed, StoreFormat
from diptych.index.store.opening import open_store

KILLS = int(os.environ.get("DIPTYCH_TEST_KILLS", "2"))


def test_kills_at_random_points_leave_the_digest_of_a_fresh_index(tmp_path: Path) -> None:
    told = told_to_children(str(tmp_path), "rows", seed=5, kills=KILLS)
    assert told.kills > 0
    assert told.mine == told.fresh


_FULL = """
import resource, signal, sys
from pathlib import Path
from diptych.index.store.check_rows import *
from diptych.index.store.duck import DuckStore
from diptych.index.store.errors import StoreFailed
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with DuckStore(Path(sys.argv[1]), ENTITIES) as store:
    store.commit(first())
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    rows = [version(11, account=f"0x{one:0100x}", amount=str(one)) for one in range(100_000)]
    try:
        store.commit(step(11, versions={"Balance": rows_of(BALANCE, rows)}))
    except StoreFailed as error:
        print("refused", error.hint)
"""


def test_a_full_disk_is_named_and_leaves_nothing_half(tmp_path: Path) -> None:
    path = tmp_path / "rows.duckdb"
    child = subprocess.run(
        [sys.executable, "-c", _FULL, str(path)], capture_output=True, text=True, check=False
    )
    assert child.stdout.startswith("refused check the disk"), child.stderr[-500:]
    with DuckStore(path, ENTITIES) as store, DuckStore(None, ENTITIES) as other:
        other.commit(first())
        assert store.cursor() == other.cursor()
        with store.snapshot() as mine, other.snapshot() as theirs:
            assert store_digest(mine, ENTITIES) == store_digest(theirs, ENTITIES)
        store.commit(second())


@pytest.mark.parametrize("place", [0, 4_200, 20_000, -5_000])
def test_a_damaged_file_is_named_or_tells_nothing_false(tmp_path: Path, place: int) -> None:
    path = tmp_path / "rows.duckdb"
    with DuckStore(path, ENTITIES) as store:
        store.commit(first())
        rows = [version(11, account=f"0x{one:040x}", amount=str(one)) for one in range(20_000)]
        store.commit(step(11, versions={"Balance": rows_of(BALANCE, rows)}))
        with store.snapshot() as seen:
            before = store_digest(seen, ENTITIES)
    raw = bytearray(path.read_bytes())
    for at in range(64):
        raw[place + at] ^= 0xFF
    path.write_bytes(raw)
    found = None
    with (
        suppress(StoreFailed, StoreFormat),
        DuckStore(path, ENTITIES) as store,
        store.snapshot() as seen,
    ):
        found = store_digest(seen, ENTITIES)
    assert found is None or found == before


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.duckdb"
    path.write_bytes(b"no database" * 1_000)
    with pytest.raises(StoreFailed, match=r"rows\.duckdb"):
        DuckStore(path, ENTITIES)
    assert path.read_bytes() == b"no database" * 1_000


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.duckdb"
    script = (
        "import sys; from pathlib import Path; from diptych.index.store.duck import DuckStore;"
        "from diptych.index.store.check_rows import ENTITIES;"
        "DuckStore(Path(sys.argv[1]), ENTITIES)"
    )
    with DuckStore(path, ENTITIES):
        child = subprocess.run(
            [sys.executable, "-c", script, str(path)], capture_output=True, check=False
        )
    assert b"StoreBusy" in child.stderr
    with DuckStore(path, ENTITIES) as store:
        store.commit(first())


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StoreFailed, match=r"rows\.duckdb"):
        DuckStore(tmp_path / "file" / "rows.duckdb", ENTITIES)


def test_rows_that_are_not_there_are_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed, match="there are no rows"):
        open_store(tmp_path, "none", None)
    assert list(tmp_path.iterdir()) == []


def test_one_process_may_not_open_a_file_twice(tmp_path: Path) -> None:
    with DuckStore(tmp_path / "rows.duckdb", ENTITIES), pytest.raises(StoreBusy):
        DuckStore(tmp_path / "rows.duckdb", ENTITIES)
