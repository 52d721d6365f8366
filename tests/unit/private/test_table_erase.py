"""Erasing: nothing that is left confirms the true plaintext, and every other proof still holds."""

import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.unit.private.forensics import confirmable, plain_traces, secrets_of, traces
from tests.unit.private.table_case import COLUMNS, Case, cells

from diptych.core.canonical import canonical_json
from diptych.provenance.private.errors import (
    EraseIncomplete,
    NoSuchField,
    PrivateErased,
    PrivateMissing,
    SubjectColumn,
)
from diptych.provenance.private.table import Erasure, OpenedTable, TableEraser
from diptych.provenance.private.table.erase import erase_table
from diptych_verify.disclosed import verify_disclosed


def erase(case: Case, *names: str, columns: Sequence[str] = ()) -> list[tuple[int, int]]:
    table = case.open()
    eraser = TableEraser(table, case.stores)
    runs = eraser.erase([Erasure(table.subject(n), columns=tuple(columns)) for n in names])
    eraser.settle()
    return runs


def proofs_hold(table: OpenedTable) -> int:
    """Verify every field that is left; return how many rows there are."""
    rows = list(table.rows())
    for row in rows:
        verify_disclosed(tuple(table.reveal(row)), table.root)
    return len(rows)


def test_erased_subjects_cannot_be_confirmed_and_all_others_still_can(tmp_path: Path) -> None:
    case = Case.make(tmp_path, subjects=300)
    table = case.open()
    names = [f"SUBJ-{one:05d}" for one in range(0, 300, 3)]
    hunted: dict[str, bytes] = {}
    for name in names:
        found = secrets_of(case, table, table.subject(name))
        hunted |= {f"{name} {what}": value for what, value in found.items()}
    assert len(traces(case.every_byte(), hunted)) >= len(names) * 3  # the hunt finds what is there
    runs = erase(case, *names)
    assert sum(count for _, count in runs) == 100 * 3 * table.layout.width
    kept = case.every_byte()
    assert traces(kept, hunted) == []
    gone = [row for row in cells(300) if row[0] in names]
    assert traces(kept, plain_traces(gone, COLUMNS)) == []
    assert proofs_hold(case.open()) == 600
    case.stores.close()
    assert traces(case.every_byte(), hunted) == []


def test_no_window_of_32_bytes_is_a_salt_of_the_erased_plaintext(tmp_path: Path) -> None:
    case = Case.make(tmp_path, subjects=4)
    table = case.open()
    row = table.rows_of(table.subject("SUBJ-00002"))[0]
    leaves = row.row.leaf_hashes(table._prefixes)
    targets = {*leaves, *(node for level in table.levels for node in level)}
    message = canonical_json(["NOTE", row.cells[3]])
    (field,) = table.reveal(row, ["NOTE"])
    assert confirmable({"bundle": b"xx" + field.salt}, message, targets)
    erase(case, "SUBJ-00002")
    kept = {name: data for name, data in case.every_byte().items() if len(data) < 200_000}
    assert not confirmable(kept, message, targets)


def test_an_erased_subject_is_refused_and_not_told_from_a_stranger(tmp_path: Path) -> None:
    case = Case.make(tmp_path)
    leaf = case.open().rows_of(case.open().subject("SUBJ-00001"))[0].block * 8
    erase(case, "SUBJ-00001")
    table = case.open()
    messages = set()
    for name in ("SUBJ-00001", "SUBJ-never"):
        with pytest.raises(PrivateErased) as caught:
            table.subject(name)
        messages.add(caught.value.message)
    assert len(messages) == 1
    with pytest.raises(PrivateErased):
        table.owner_of(leaf)
    with pytest.raises(PrivateErased):
        erase(case, "SUBJ-00001")


def test_one_row_is_erased_alone(tmp_path: Path) -> None:
    case = Case.make(tmp_path)
    table = case.open()
    subject = table.subject("SUBJ-00004")
    row = table.rows_of(subject)[1]
    hunted = secrets_of(case, table, subject)
    eraser = TableEraser(table, case.stores)
    assert eraser.erase([Erasure(subject, frozenset([row.block]))]) == [(row.block * 8, 8)]
    eraser.settle()
    left = {
        what: value
        for what, value in hunted.items()
        if what.split()[-1][0] in "1" or "wrapped" in what
    }
    assert traces(case.every_byte(), left) == []
    table = case.open()
    assert len(table.subject("SUBJ-00004").rows) == 2
    assert proofs_hold(table) == 20


def test_one_field_is_erased_alone_and_the_rest_of_its_row_still_proven(tmp_path: Path) -> None:
    case = Case.make(tmp_path)
    table = case.open()
    subject = table.subject("SUBJ-00004")
    hunted = secrets_of(case, table, subject)
    row = table.rows_of(subject)[0]
    fields = table.reveal(row, ["VISIT", "AVAL"])
    message = canonical_json(["NOTE", row.cells[3]])
    runs = erase(case, "SUBJ-00004", columns=["NOTE"])
    assert [count for _, count in runs] == [1, 1, 1]
    assert {first % 8 for first, _ in runs} == {COLUMNS.index("NOTE")}
    place = str(COLUMNS.index("NOTE"))
    gone = {
        what: value
        for what, value in hunted.items()
        if what.startswith(("row key", "payload", "wrapped"))
        or (what.startswith(("salt", "commitment")) and what.endswith(f".{place}"))
    }
    kept = case.every_byte()
    assert traces(kept, gone) == []
    assert traces(kept, {"plain": message, "text": b"remark-00004"}) == []
    table = case.open()
    again = next(
        one for one in table.rows_of(table.subject("SUBJ-00004")) if one.block == row.block
    )
    assert table.reveal(again, ["VISIT", "AVAL"]) == fields
    assert again.cells[3] is None
    with pytest.raises(PrivateErased, match="NOTE"):
        table.reveal(again, ["NOTE"])
    assert proofs_hold(table) == 21
    with pytest.raises(PrivateErased):
        erase(case, "SUBJ-00004", columns=["NOTE"])
    erase(case, "SUBJ-00004", columns=["VISIT", "AVAL"])
    assert len(case.open().reveal(case.open().rows_of(case.open().subject("SUBJ-00004"))[0])) == 2


def test_the_subject_column_goes_with_the_row_only(tmp_path: Path) -> None:
    case = Case.make(tmp_path)
    with pytest.raises(SubjectColumn):
        erase(case, "SUBJ-00001", columns=["USUBJID"])
    with pytest.raises(NoSuchField):
        erase(case, "SUBJ-00001", columns=["AGE"])
    assert proofs_hold(case.open()) == 21


def test_a_whole_table_is_erased(tmp_path: Path) -> None:
    case = Case.make(tmp_path, subjects=20)
    other = Case.make(tmp_path, subjects=3)
    table = case.open()
    hunted: dict[str, bytes] = {}
    for subject in table.subjects():
        found = secrets_of(case, table, subject)
        hunted |= {f"{subject.id} {what}": value for what, value in found.items()}
    erase_table(table.root, case.stores)
    assert traces(case.every_byte(), hunted) == []
    with pytest.raises(PrivateErased):
        case.open()
    assert not case.stores.objects.has(case.seal.object_name)
    erase_table(table.root, case.stores)
    assert proofs_hold(other.open()) == 9
    assert case.stores.keys.roots() == [other.seal.root]


@pytest.mark.parametrize("columns", [(), ("NOTE",)])
def test_an_erasure_cut_off_before_the_keys_went_did_not_happen(
    tmp_path: Path, columns: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = Case.make(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(case.stores.keys, "replace", _cut_off)
        with pytest.raises(KeyboardInterrupt):
            erase(case, "SUBJ-00001", columns=columns)
    assert TableEraser(case.open(), case.stores).finish() == []
    assert proofs_hold(case.open()) == 21
    assert len(erase(case, "SUBJ-00001", columns=columns)) > 0


@pytest.mark.parametrize("columns", [(), ("NOTE",)])
@pytest.mark.parametrize("where", ["keys.wipe", "tables.wipe"])
def test_an_erasure_cut_off_later_is_finished(
    tmp_path: Path, columns: tuple[str, ...], where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = Case.make(tmp_path)
    table = case.open()
    hunted = secrets_of(case, table, table.subject("SUBJ-00001"))
    if columns:
        hunted = {what: value for what, value in hunted.items() if what.startswith("row key")}
    store, _, name = where.partition(".")
    with monkeypatch.context() as patch:
        patch.setattr(getattr(case.stores, store), name, _cut_off)
        with pytest.raises(KeyboardInterrupt):
            erase(case, "SUBJ-00001", columns=columns)
    eraser = TableEraser(case.open(), case.stores)
    runs = eraser.finish()
    assert sum(count for _, count in runs) == (3 if columns else 24)
    assert eraser.finish() == runs  # until it is settled by a record
    eraser.settle()
    assert eraser.finish() == []
    assert traces(case.every_byte(), hunted) == []
    assert proofs_hold(case.open()) == (21 if columns else 18)


def _cut_off(*_: object) -> None:
    raise KeyboardInterrupt


def test_another_reader_is_named_and_erasing_again_finishes(tmp_path: Path) -> None:
    case = Case.make(tmp_path)
    case.stores.keys._connection.execute("PRAGMA busy_timeout=1").fetchall()
    reader = sqlite3.connect(tmp_path / "private" / "datakeys.sqlite", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM subjects").fetchone()
    with pytest.raises(EraseIncomplete):
        erase(case, "SUBJ-00001")
    reader.execute("COMMIT")
    reader.close()
    eraser = TableEraser(case.open(), case.stores)
    assert sum(count for _, count in eraser.finish()) == 24


def test_stores_of_a_newer_or_missing_table_are_named(tmp_path: Path) -> None:
    case = Case.make(tmp_path)
    case.stores.close()
    shutil.rmtree(tmp_path / "private")
    with pytest.raises(PrivateMissing):
        Case(tmp_path, Case.make(tmp_path, subjects=1).stores, case.seal).open()
