"""Keys that come back from a copy: all that are missing, none of what was erased since."""

import shutil
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.private.forensics import secrets_of, traces
from tests.unit.private.table_case import MASTER, Case

from diptych.provenance.private.table import DataKeys, Erasure, TableEraser
from diptych.provenance.private.table.restoring import Adopted, Gone, adopt_keys, scrub_keys


def copy_of(case: Case) -> DataKeys:
    from diptych.app.verbs.data.key_backups import database_bytes

    return DataKeys.from_bytes(database_bytes(case.stores.keys.path), MASTER)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=6),
    st.sampled_from([1, 2, 8]),
)
def test_rows_with_any_erased_leaf_are_known(runs: list[tuple[int, int]], width: int) -> None:
    gone = Gone(tuple(runs), width)
    leaves = {leaf for first, count in runs for leaf in range(first, first + count)}
    blocks = {leaf // width for leaf in leaves}
    assert gone.blocks() == blocks
    assert {block for block in range(100) if gone.touches(block)} == blocks


def test_missing_keys_come_back_without_those_of_erased_rows(tmp_path: Path) -> None:
    case = Case.make(tmp_path)
    other = Case.make(tmp_path, subjects=2)
    copy = copy_of(case)
    table = case.open()
    hunted = secrets_of(case, table, table.subject("SUBJ-00001"))
    eraser = TableEraser(table, case.stores)
    runs = eraser.erase([Erasure(table.subject("SUBJ-00001"))])
    eraser.settle()
    live = DataKeys(tmp_path / "elsewhere", MASTER)
    gone = {table.root: Gone(tuple(runs), 8), other.seal.root: Gone(None, 8)}
    assert adopt_keys(live, copy, gone) == Adopted(1, 6, 3 + 6)
    assert live.find(table.root, "SUBJ-00001") is None
    assert live.roots() == [table.root]
    assert adopt_keys(live, copy, gone) == Adopted(0, 0, 9)
    kept = {p.name: p.read_bytes() for p in (tmp_path / "elsewhere").iterdir() if p.is_file()}
    assert traces(kept, hunted) == []


def test_nothing_that_is_here_is_changed(tmp_path: Path) -> None:
    case = Case.make(tmp_path)
    copy = copy_of(case)
    before = {one.name: one.rows for one in case.stores.keys.subjects(case.seal.root)}
    assert adopt_keys(case.stores.keys, copy, {}) == Adopted()
    assert {one.name: one.rows for one in case.stores.keys.subjects(case.seal.root)} == before
    case.stores.keys.forget(case.seal.root)
    assert adopt_keys(case.stores.keys, copy, {}).tables == 0


def test_stores_that_came_back_whole_are_scrubbed(tmp_path: Path) -> None:
    case = Case.make(tmp_path)
    table = case.open()
    hunted = secrets_of(case, table, table.subject("SUBJ-00001"))
    case.stores.close()
    shutil.copytree(tmp_path / "private", tmp_path / "old")
    case = Case(tmp_path, Case.make(tmp_path, subjects=1).stores, case.seal)
    eraser = TableEraser(case.open(), case.stores)
    runs = eraser.erase([Erasure(case.open().subject("SUBJ-00001"))])
    case.stores.close()
    shutil.rmtree(tmp_path / "private")
    shutil.move(tmp_path / "old", tmp_path / "private")
    case = Case(tmp_path, Case.make(tmp_path, subjects=1).stores, case.seal)
    assert len(traces(case.every_byte(), hunted)) > 0
    gone = {case.seal.root: Gone(tuple(runs), 8), bytes(32): Gone(((0, 8),), 8)}
    assert scrub_keys(case.stores.keys, case.stores.tables, gone) == 3
    assert traces(case.every_byte(), hunted) == []
    assert scrub_keys(case.stores.keys, case.stores.tables, gone) == 0
    assert sum(1 for _ in case.open().rows()) == 18
    whole = {case.seal.root: Gone(None, 8)}
    assert scrub_keys(case.stores.keys, case.stores.tables, whole) == 18
    assert case.seal.root not in case.stores.keys.roots()
