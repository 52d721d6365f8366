"""`data diff` on real versions: from objects, from where they stand, from a given path."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from tests.unit.app.program import Program

COLUMNS = [
    {"itemOID": "IT.ID", "name": "ID", "label": "Id", "dataType": "string", "keySequence": 1},
    {"itemOID": "IT.AGE", "name": "AGE", "label": "Age", "dataType": "integer"},
]


def dataset(*rows: list[object]) -> str:
    return json.dumps(
        {
            "datasetJSONCreationDateTime": "2026-11-23T09:00:00",
            "datasetJSONVersion": "1.1.0",
            "itemGroupOID": "IG.DM",
            "records": len(rows),
            "name": "DM",
            "label": "Demographics",
            "columns": COLUMNS,
            "rows": list(rows),
        }
    )


def write(book: Program, name: str, content: str | bytes) -> None:
    path = book.folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def npz(**arrays: object) -> bytes:
    raw = io.BytesIO()
    np.savez(raw, **arrays)  # type: ignore[arg-type]
    return raw.getvalue()


def add(book: Program, *options: str) -> None:
    book.ok("data", "add", "study", "--name", "s", *options)


def test_rows_and_columns_of_kept_versions(book: Program) -> None:
    write(book, "study/a.csv", "id,age\n1,40\n2,50\n")
    add(book, "--store")
    write(book, "study/a.csv", "id,age,sex\n1,41,f\n3,60,m\n")
    (book.folder / "study/b.csv").rename(book.folder / "study/z.csv")
    add(book, "--store")
    write(book, "study/a.csv", "id\n")
    changes = book.ok("data", "diff", "s@1", "s@2", "--key", "id")
    assert changes["files"]["renamed"] == [["b.csv", "z.csv"]]
    (inside,) = changes["inside"]
    assert inside["path"] == "a.csv"
    assert inside["table"]["columns_added"] == ["sex"]
    assert (inside["table"]["added"], inside["table"]["removed"]) == (1, 1)
    assert inside["table"]["cells"] == {"age": 1}
    assert "changed cells: age 1" in book("data", "diff", "s@1", "s@2", "--key", "id").out
    assert "inside" in book.ok("data", "diff", "s@1", "s@2")
    assert book.ok("data", "diff", "s@1", "s@2", "--files-only")["inside"] == []
    assert book.refused("data", "diff", "s@1", "s@2", "--key", "x", code=2)["code"] == (
        "Diff.CannotCompare"
    )


def test_what_is_not_kept_is_said(book: Program) -> None:
    add(book)
    write(book, "study/a.csv", "1,3\n")
    add(book)
    (inside,) = book.ok("data", "diff", "s@1", "s@2")["inside"]
    assert "content of the old version is not kept here" in inside["why_not"]


def test_a_given_path_is_held_against_the_digest(book: Program, tmp_path: Path) -> None:
    add(book)
    old = tmp_path / "old"
    old.mkdir()
    (old / "a.csv").write_text("1,2\n")
    write(book, "study/a.csv", "1,2\n3,4\n")
    add(book)
    found = book.ok("data", "diff", "s@1", "s@2", "--old", str(old))
    assert found["inside"][0]["table"]["added"] == 1
    (old / "a.csv").write_text("1,9\n")
    found = book.ok("data", "diff", "s@1", "s@2", "--old", str(old))
    assert "why_not" in found["inside"][0]


def test_dataset_json_by_its_own_key(book: Program) -> None:
    write(book, "dm.json", dataset(["1", 40], ["2", 50]))
    book.ok("data", "add", "dm.json", "--store")
    write(book, "dm.json", dataset(["2", 51], ["3", 60]))
    book.ok("data", "add", "dm.json", "--store")
    table = book.ok("data", "diff", "dm@1", "dm")["inside"][0]["table"]
    assert (table["key"], table["added"], table["removed"], table["changed"]) == (["ID"], 1, 1, 1)


def test_parquet(book: Program) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    import pyarrow as pa

    for ages in ([40, 50], [40, 51]):
        parquet.write_table(pa.table({"id": [1, 2], "age": ages}), book.folder / "t.parquet")
        book.ok("data", "add", "t.parquet", "--store")
    table = book.ok("data", "diff", "t@1", "t", "--key", "id")["inside"][0]["table"]
    assert (table["changed"], table["cells"]) == (1, {"age": 1})


def test_tensors(book: Program) -> None:
    write(book, "w.npz", npz(a=np.zeros(3), b=np.ones(2)))
    book.ok("data", "add", "w.npz", "--store")
    write(book, "w.npz", npz(a=np.zeros(3), b=np.ones(3)))
    book.ok("data", "add", "w.npz")
    tensors = book.ok("data", "diff", "w@1", "w")["inside"][0]["tensors"]
    assert (tensors["reshaped"], tensors["unchanged"]) == (["b"], 1)


def test_a_damaged_table_is_said_and_does_not_stop_the_rest(book: Program) -> None:
    add(book, "--store")
    write(book, "study/a.csv", "x,x\n1\n")
    write(book, "study/b.csv", "3,5\n")
    add(book, "--store")
    first, second = book.ok("data", "diff", "s@1", "s@2")["inside"]
    assert "[Table.Bad]" in first["why_not"]
    assert "table" in second


def test_a_file_that_got_another_name_is_compared(book: Program) -> None:
    write(book, "one.csv", "i\n1\n")
    write(book, "two.csv", "i\n1\n2\n")
    book.ok("data", "add", "one.csv", "--name", "t")
    book.ok("data", "add", "two.csv", "--name", "t")
    found = book.ok("data", "diff", "t@1", "t@2")
    assert found["inside"][0]["table"]["added"] == 1


def test_private_versions_by_files(book: Program) -> None:
    book.ok("data", "add", "study", "--private", "--store", "--name", "p")
    write(book, "study/a.csv", "1,3\n")
    book.ok("data", "add", "study", "--private", "--store", "--name", "p")
    found = book.ok("data", "diff", "p@1", "p@2")
    assert found["files"]["changed"] == ["a.csv"]
    assert "why_not" in found["inside"][0]


@pytest.mark.parametrize(("old", "code"), [("0", "Data.NoFiles"), ("nothing", "Record.Missing")])
def test_what_cannot_be_compared(book: Program, old: str, code: str) -> None:
    add(book)
    assert book.refused("data", "diff", old, "s", code=2)["code"] == code
