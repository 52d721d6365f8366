"""Private tables: every cell is provable alone, and nothing plain is kept."""

import hmac
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.private.table_case import COLUMNS, MASTER, Case, cells

from diptych.core.canonical import NotCanonical, canonical_json
from diptych.provenance.private.errors import (
    BadMasterKey,
    BadTableSeal,
    NoSuchField,
    PrivateCorrupt,
    PrivateLocked,
    PrivateMissing,
)
from diptych.provenance.private.table import DataKeys, OpenedTable, TableStores
from diptych.provenance.private.table.cells import (
    SealedRow,
    block_root,
    cell_json,
    lock_row,
    new_slots,
    prefixes_of,
    unlock_row,
)
from diptych.provenance.private.table.layout import runs_of
from diptych_verify.disclosed import commitment, verify_disclosed
from diptych_verify.errors import NotIncluded
from diptych_verify.merkle import leaf_hash, merkle_root

CELLS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
)


@given(CELLS)
def test_cells_are_written_as_rfc_8785_says(cell: object) -> None:
    assert cell_json(cell) == canonical_json(cell)  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", [float("nan"), float("-inf"), 2**53, "\ud800"])
def test_cells_without_canonical_form_are_refused(cell: object) -> None:
    with pytest.raises(NotCanonical):
        cell_json(cell)  # type: ignore[arg-type]


@given(row=st.lists(CELLS, min_size=1, max_size=9), gone=st.sets(st.integers(0, 8)))
def test_a_locked_row_opens_again_and_a_punctured_one_keeps_its_node(
    row: list[object], gone: set[int]
) -> None:
    columns = [f"c{place}" for place in range(len(row))]
    prefixes, key, width = prefixes_of(columns), bytes(32), 16
    made = SealedRow(3, tuple(row), new_slots(key, width))  # type: ignore[arg-type]
    assert unlock_row(key, lock_row(key, made), width) == made
    node = block_root(made.leaf_hashes(prefixes))
    places = sorted(place for place in gone if place < len(row)) or [0]
    rest = made.without(places, prefixes)
    again = unlock_row(b"\1" * 32, lock_row(b"\1" * 32, rest), width)
    assert again == rest
    assert block_root(again.leaf_hashes(prefixes)) == node
    assert all(again.cells[place] is None for place in places)
    with pytest.raises(PrivateCorrupt):
        unlock_row(b"\2" * 32, lock_row(key, made), width)


def test_the_leaves_are_those_of_the_format(tmp_path: Path) -> None:
    row = SealedRow(1, ("x", 1.5), new_slots(b"k" * 32, 4))
    leaves = row.leaf_hashes(prefixes_of(["a", "b"]))
    assert leaves[1] == leaf_hash(commitment("b", 1.5, row.salt(1)))
    assert block_root(leaves) == merkle_root(leaves)
    assert len({row.salt(place) for place in range(4)}) == 4


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=12))
def test_runs_cover_the_same_leaves(runs: list[tuple[int, int]]) -> None:
    joined = runs_of(runs)
    covered = [at for first, count in joined for at in range(first, first + count)]
    assert covered == sorted({at for first, count in runs for at in range(first, first + count)})


def test_every_field_of_every_row_is_proven_by_the_offline_verifier(tmp_path: Path) -> None:
    case = Case.make(tmp_path)
    table = case.open()
    assert (case.seal.rows, case.seal.subjects, case.seal.width) == (21, 7, 8)
    assert case.seal.leaves == 32 * 8
    shown = sorted((row.row.number, row.cells) for row in table.rows())
    assert [row for _, row in shown] == list(cells(7))
    for row in table.rows():
        fields = table.reveal(row)
        verify_disclosed(tuple(fields), case.seal.root)
        assert [(one.name, one.value) for one in fields] == list(
            zip(COLUMNS, row.cells, strict=True)
        )
        assert {one.index // 8 for one in fields} == {row.block}
    with pytest.raises(NotIncluded):
        verify_disclosed((replace(fields[2], value=9.75),), case.seal.root)
    with pytest.raises(NotIncluded):
        verify_disclosed((replace(fields[2], index=fields[2].index ^ 8),), case.seal.root)


def test_one_column_of_one_subject_is_disclosed_alone(tmp_path: Path) -> None:
    table = Case.make(tmp_path).open()
    subject = table.subject("SUBJ-00003")
    rows = table.rows_of(subject)
    assert sorted(row.cells[1] for row in rows) == [0, 1, 2]  # type: ignore[type-var]
    (field,) = table.reveal(rows[0], ["AVAL"])
    assert (field.name, field.value) == ("AVAL", rows[0].cells[2])
    again = table.reveal(rows[0], ["AVAL"])
    assert again == [field]
    with pytest.raises(NoSuchField, match="no column 'AGE'"):
        table.reveal(rows[0], ["AGE"])
    with pytest.raises(NoSuchField, match="no row of this subject"):
        table.subject("SUBJ-99999")
    assert table.owner_of(field.index).name == "SUBJ-00003"
    with pytest.raises(NoSuchField):
        table.owner_of(10_000)


def test_the_order_of_the_file_does_not_show_in_the_tree(tmp_path: Path) -> None:
    blocks = [
        row.block
        for row in sorted(
            Case.make(tmp_path, subjects=40).open().rows(), key=lambda row: row.row.number
        )
    ]
    assert len(set(blocks)) == 120
    assert blocks != sorted(blocks)


def test_nothing_plain_is_kept(tmp_path: Path) -> None:
    case = Case.make(tmp_path)
    case.stores.close()
    kept = b"".join(case.every_byte().values())
    for text in (b"SUBJ-", b"remark", b"USUBJID", b"AVAL"):
        assert text not in kept
    assert [p for p in (tmp_path / "private").rglob("*") if p.stat().st_mode & 0o077] == []


def test_numbers_can_name_subjects_and_rows_without_a_column_are_their_own(tmp_path: Path) -> None:
    rows = [(10056, 48), (10059, 61), (10056, 49)]
    case = Case.make(tmp_path / "a", rows=rows, columns=("pidnum", "age"), subject="pidnum")
    assert len(case.open().subject("10056").rows) == 2
    case = Case.make(tmp_path / "b", rows=rows, columns=("pidnum", "age"), subject=None)
    assert sorted(one.name for one in case.open().subjects()) == ["1", "2", "3"]


def test_tables_that_cannot_be_sealed_by_subject_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTableSeal, match="no column 'PATIENT'"):
        Case.make(tmp_path / "a", subject="PATIENT")
    with pytest.raises(BadTableSeal, match="row 2 names no subject"):
        Case.make(tmp_path / "b", rows=[("x", 1), (None, 2)], columns=("s", "v"), subject="s")
    with pytest.raises(NotCanonical):
        Case.make(tmp_path / "c", rows=[("x", 2**60)], columns=("s", "v"), subject="s")


def test_an_empty_table_is_one_padding_row(tmp_path: Path) -> None:
    case = Case.make(tmp_path, rows=[])
    assert (case.seal.leaves, list(case.open().rows())) == (8, [])


def test_the_wrong_key_opens_nothing(tmp_path: Path) -> None:
    case = Case.make(tmp_path)
    stores = TableStores(
        case.stores.objects, case.stores.tables, DataKeys(tmp_path / "private", b"x" * 32)
    )
    with pytest.raises(PrivateLocked):
        OpenedTable(case.seal.root, stores)
    with pytest.raises(PrivateMissing):
        OpenedTable(bytes(32), case.stores)
    with pytest.raises(BadMasterKey):
        DataKeys(tmp_path, MASTER[:16])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE rows SET body=zeroblob(length(body))",
        "UPDATE rows SET body=(SELECT body FROM rows AS other WHERE other.id<>rows.id)",
        "UPDATE nodes SET body=zeroblob(length(body))",
        "DELETE FROM nodes",
        "DELETE FROM rows",
    ],
)
def test_altered_stores_are_noticed(tmp_path: Path, change: str) -> None:
    case = Case.make(tmp_path)
    case.stores.tables.close()
    connection = sqlite3.connect(tmp_path / "private" / "tables.sqlite")
    with connection:
        connection.execute(change)
    connection.close()
    case = Case(tmp_path, Case.make(tmp_path, subjects=2).stores, case.seal)
    with pytest.raises(PrivateCorrupt):
        _read_one(case)


def _read_one(case: Case) -> None:
    table = case.open()
    table.rows_of(table.subject("SUBJ-00001"))


def test_a_subject_key_says_nothing_about_its_name(tmp_path: Path) -> None:
    """No stored value is a function of the name and of the master key alone."""
    kept = b"".join(Case.make(tmp_path).every_byte().values())
    for label in (b"", b"diptych-table/1 subject "):
        assert hmac.digest(MASTER, label + b"SUBJ-00001", "sha256")[:16] not in kept
