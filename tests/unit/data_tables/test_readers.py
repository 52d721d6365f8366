"""Tables are read typed and whole, or refused with file, row and column; never half understood."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.core.errors import DiptychError
from diptych.data.tables import (
    BadTable,
    BadTableOption,
    Table,
    TableOptions,
    UnknownTable,
    open_table,
)
from diptych.data.tables.table import Row

SHARED = Path(os.environ.get("DIPTYCH_TEST_SHARED", Path(__file__).parents[4] / "shared"))
CLINICAL = SHARED / "data" / "trust" / "clinical"

COLUMNS: list[dict[str, Any]] = [
    {"itemOID": "IT.ID", "name": "USUBJID", "label": "Subject", "dataType": "string", "length": 8},
    {"itemOID": "IT.AGE", "name": "AGE", "label": "Age", "dataType": "integer", "keySequence": 1},
    {"itemOID": "IT.W", "name": "WEIGHT", "label": "Weight", "dataType": "float"},
    {"itemOID": "IT.D", "name": "DOSE", "label": "Dose", "dataType": "decimal"},
    {"itemOID": "IT.OK", "name": "OK", "label": "Fit", "dataType": "boolean"},
    {"itemOID": "IT.T", "name": "VISIT", "label": "Visit", "dataType": "date"},
]
ROWS: list[list[Any]] = [
    ["CDISC-01", 41, 70.5, "0.10", True, "2012-08"],
    ["CDISC-02", None, 71, None, False, ""],
]


def document(**changes: Any) -> dict[str, Any]:
    """Return a small, right Dataset-JSON document with changes; None removes a member."""
    made = {
        "datasetJSONCreationDateTime": "2024-11-11T15:09:15",
        "datasetJSONVersion": "1.1.0",
        "itemGroupOID": "IG.DM",
        "records": len(ROWS),
        "name": "DM",
        "label": "Demographics",
        "columns": COLUMNS,
        "rows": ROWS,
    }
    return {k: v for k, v in {**made, **changes}.items() if v is not None}


def read(path: Path, options: TableOptions | None = None) -> tuple[Table, list[Row]]:
    with open_table(path, options) as table:
        return table, list(table.rows)


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def as_ndjson(made: dict[str, Any]) -> str:
    head = {k: v for k, v in made.items() if k != "rows"}
    return "".join(json.dumps(one) + "\n" for one in [head, *made["rows"]])


def test_dataset_json_and_ndjson_say_the_same(tmp_path: Path) -> None:
    one = read(written(tmp_path, "dm.json", json.dumps(document(), indent=1)))
    two = read(written(tmp_path, "dm.ndjson", as_ndjson(document())))
    assert one[1] == two[1] == [tuple(row) for row in ROWS]
    assert (one[0].columns, one[0].records) == (two[0].columns, 2)
    assert one[0].names[1] == "AGE"
    assert one[0].columns[1].key == 1
    assert one[0].header["itemGroupOID"] == "IG.DM"


def test_a_header_after_the_rows_is_read_too(tmp_path: Path) -> None:
    made = document()
    late = {"rows": made.pop("rows"), **made}
    assert read(written(tmp_path, "dm.json", json.dumps(late)))[1] == [tuple(r) for r in ROWS]
    split = {k: made[k] for k in list(made)[:3]} | {"columns": COLUMNS, "records": 2}
    split |= {"name": "DM", "rows": ROWS, "label": "Demographics"}
    with pytest.raises(BadTable, match="label"):
        read(
            written(
                tmp_path, "split.json", json.dumps({k: split[k] for k in split if k != "label"})
            )
        )


def test_rows_may_be_missing_only_if_none_are_stated(tmp_path: Path) -> None:
    assert read(written(tmp_path, "a.json", json.dumps(document(rows=None, records=0))))[1] == []
    with pytest.raises(BadTable, match=r"got 0 rows, the header says 2"):
        read(written(tmp_path, "b.json", json.dumps(document(rows=[]))))


def _columns(place: int, **changes: Any) -> list[dict[str, Any]]:
    changed = {k: v for k, v in {**COLUMNS[place], **changes}.items() if v is not None}
    return [*COLUMNS[:place], changed, *COLUMNS[place + 1 :]]


WRONG_HEADERS: dict[str, dict[str, Any]] = {
    "no version": {"datasetJSONVersion": None},
    "version 1.0": {"datasetJSONVersion": "1.0.0"},
    "no name": {"name": None},
    "no columns": {"columns": None},
    "empty columns": {"columns": []},
    "columns no array": {"columns": {}},
    "unknown member": {"clinicalData": {}},
    "time without seconds": {"datasetJSONCreationDateTime": "2024-11-11T15:09"},
    "thirteenth month": {"dbLastModifiedDateTime": "2024-13-11T15:09:15"},
    "records as text": {"records": "2"},
    "records negative": {"records": -1},
    "records true": {"records": True},
    "source without version": {"sourceSystem": {"name": "SAS"}},
    "reference as text": {"isReferenceData": "Yes"},
    "column without label": {"columns": _columns(0, label=None)},
    "column of unknown type": {"columns": _columns(0, dataType="text")},
    "column of unknown target": {"columns": _columns(5, targetDataType="date")},
    "column with more": {"columns": _columns(0, codelist="X")},
    "column twice": {"columns": _columns(1, name="USUBJID")},
    "key twice": {"columns": _columns(0, keySequence=1)},
    "length 0": {"columns": _columns(0, length=0)},
}


@pytest.mark.parametrize("name", WRONG_HEADERS)
@pytest.mark.parametrize("suffix", ["json", "ndjson"])
def test_wrong_headers_are_refused(tmp_path: Path, name: str, suffix: str) -> None:
    made = document(**WRONG_HEADERS[name])
    text = json.dumps(made) if suffix == "json" else as_ndjson(made)
    with pytest.raises(BadTable, match=rf"^dm\.{suffix}"):
        read(written(tmp_path, f"dm.{suffix}", text))


WRONG_CELLS: dict[str, tuple[int, Any]] = {
    "integer for text": (0, 5),
    "text too long": (0, "CDISC-0001"),
    "lone surrogate": (0, "\ud800"),
    "text for integer": (1, "41"),
    "float for integer": (1, 41.0),
    "boolean for integer": (1, True),
    "text for float": (2, "70.5"),
    "infinite": (2, float("inf")),
    "number for decimal": (3, 0.1),
    "word for decimal": (3, "much"),
    "number for boolean": (4, 1),
    "word for date": (5, "yesterday"),
    "array": (0, ["x"]),
    "object": (0, {"x": 1}),
}


@pytest.mark.parametrize("name", WRONG_CELLS)
@pytest.mark.parametrize("suffix", ["json", "ndjson"])
def test_wrong_cells_name_row_and_column_but_not_the_cell(
    tmp_path: Path, name: str, suffix: str
) -> None:
    place, value = WRONG_CELLS[name]
    rows = [ROWS[0], [*ROWS[1][:place], value, *ROWS[1][place + 1 :]]]
    text = json.dumps(document(rows=rows)) if suffix == "json" else as_ndjson(document(rows=rows))
    with pytest.raises(BadTable) as caught:
        read(written(tmp_path, f"dm.{suffix}", text.replace("Infinity", "1e999")))
    assert caught.value.details["row"] == 2
    assert caught.value.details["column"] == COLUMNS[place]["name"]
    assert "CDISC" not in caught.value.message
    assert "yesterday" not in caught.value.message


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda t: t[:-1], "expected ',' or '}'"),
        (lambda t: t[: len(t) // 2], "row|JSON"),
        (lambda t: t + "x", "after the end"),
        (lambda t: t.replace('"records"', '"records": 2, "records"'), "twice"),
        (lambda t: t.replace('"AGE"', '"AGE", "name": "AGE"', 1), "twice"),
        (lambda t: t.replace("70.5", "NaN"), "JSON"),
        (lambda t: t.replace("70.5", "[" * 100_000), "JSON|deep"),
        (lambda t: t.replace("41", "9" * 5_000), "JSON|digits|integer"),
        (lambda t: t.replace('["CDISC-02"', '"CDISC-02"], ["x"'), "row 2"),
        (lambda t: "\ufeff" + t, "JSON"),
        (lambda t: "[]", "expected '{'"),
        (lambda t: "", "expected '{'"),
    ],
)
def test_what_is_not_json_is_refused(
    tmp_path: Path, change: Callable[[str], str], problem: str
) -> None:
    with pytest.raises(BadTable, match=problem):
        read(written(tmp_path, "dm.json", change(json.dumps(document()))))


def test_bytes_that_are_no_utf8_are_refused(tmp_path: Path) -> None:
    raw = json.dumps(document()).encode().replace(b"CDISC-02", b"CDISC-\xff")
    with pytest.raises(BadTable, match="UTF-8"):
        read(written(tmp_path, "dm.json", raw))
    with pytest.raises(BadTable, match="UTF-8"):
        read(written(tmp_path, "t.csv", b"a,b\n1,\xff\n"))


def test_large_integers_keep_their_digits(tmp_path: Path) -> None:
    rows = [["x", 2**53, 1.5, "1", True, ""]]
    path = written(tmp_path, "dm.json", json.dumps(document(rows=rows, records=1)))
    assert read(path)[1][0][1] == str(2**53)


@given(
    rows=st.lists(
        st.tuples(
            st.text(max_size=8, alphabet=st.characters(exclude_categories=["Cs"])),
            st.none() | st.integers(-(2**53) + 1, 2**53 - 1),
            st.none() | st.floats(allow_nan=False, allow_infinity=False),
        ),
        max_size=30,
    ),
    ndjson=st.booleans(),
)
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], ndjson: bool
) -> None:
    made = document(columns=COLUMNS[:3], rows=[list(r) for r in rows], records=len(rows))
    text = as_ndjson(made) if ndjson else json.dumps(made, ensure_ascii=False)
    path = tmp_path_factory.mktemp("t") / ("t.ndjson" if ndjson else "t.json")
    assert read(written(path.parent, path.name, text))[1] == rows


def test_csv_is_text_as_written_unless_types_are_given(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", 'id,age,note\r\n007,1.50,"a ""b"",\nc"\r\n008,,\r\n')
    table, rows = read(path)
    assert rows == [("007", "1.50", 'a "b",\nc'), ("008", "", "")]
    assert table.format == "csv"
    typed = read(path, TableOptions(types={"age": "double"}))[1]
    assert [row[1] for row in typed] == [1.5, None]
    table, _ = read(path, TableOptions(infer=True))
    assert [column.type for column in table.columns] == ["string", "double", "string"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "columns"),
        ("a,a\n1,2\n", "two columns have this name"),
        ("a,\n1,2\n", "column 2 has no name"),
        ("a,b\n1\n", "row 1: got 1 cells"),
        ("a,b\n1,2\n1,2,3\n", "row 2: got 3 cells"),
        ("a,b\n\n1,2\n", "empty"),
        ('a,b\n1,"2\n', "line"),
        ('a,b\n1,"2"x\n', "line"),
        ("a,b\n1,\0\n", "NUL"),
        ("\ufeffa,b\n1,2\n", "utf-8-sig"),
        ("a,b\n1," + "x" * 140_000 + "\n", "limit"),
    ],
)
def test_csv_that_breaks_its_dialect_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(BadTable, match=problem):
        read(written(tmp_path, "t.csv", text))


def test_csv_types_that_do_not_hold_name_row_and_column(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", "id,age\nAnn,41\nBob,old\n")
    with pytest.raises(BadTable, match=r"t\.csv, row 2, column 'age'.*3 characters"):
        read(path, TableOptions(types={"age": "integer"}))


@pytest.mark.parametrize(
    "options",
    [
        TableOptions(encoding="rot13"),
        TableOptions(delimiter=";;"),
        TableOptions(delimiter='"'),
        TableOptions(types={"height": "integer"}),
        TableOptions(types={"id": "number"}),
    ],
)
def test_options_that_do_not_fit_are_refused(tmp_path: Path, options: TableOptions) -> None:
    with pytest.raises(BadTableOption):
        read(written(tmp_path, "t.csv", "id\n1\n"), options)


def test_other_encodings_and_delimiters_are_read_when_declared(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", "näme;b\nJosé;2\n".encode("latin-1"))
    table, rows = read(path, TableOptions(encoding="latin-1", delimiter=";"))
    assert (table.names, rows) == (("näme", "b"), [("José", "2")])
    assert read(written(tmp_path, "t.tsv", "a\tb\n1\t2\n"))[1] == [("1", "2")]


def test_other_files_are_no_tables(tmp_path: Path) -> None:
    for name in ("t.xlsx", "t", "t.csv.gz"):
        with pytest.raises(UnknownTable):
            read(written(tmp_path, name, "x"))
    with pytest.raises(UnknownTable, match="no table"):
        read(tmp_path / "missing.csv")


@pytest.mark.skipif(not CLINICAL.is_dir(), reason="the clinical samples lie beside the repository")
def test_all_clinical_samples_are_read_whole_and_refused_when_damaged(tmp_path: Path) -> None:
    samples = sorted(p for p in CLINICAL.iterdir() if re.search(r"\.(json|ndjson|csv)$", p.name))
    assert samples
    for sample in samples:
        table, rows = read(sample, TableOptions(infer=True) if sample.suffix == ".csv" else None)
        assert rows
        assert table.records in {None, len(rows)}
        raw = sample.read_bytes()
        for place, damaged in enumerate(
            [raw[: len(raw) // 2], raw[:100] + b"\xff" + raw[100:], raw.replace(b",", b"", 1)]
        ):
            if sample.suffix == ".csv" and place == 0:
                continue  # Half a CSV file may end at the end of a cell, and then says nothing
            with pytest.raises(DiptychError):
                read(written(tmp_path, f"{place}-{sample.name}", damaged))
