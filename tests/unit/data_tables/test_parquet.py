"""Parquet files of plain columns are read; nested, binary and damaged ones are refused."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from diptych.data.tables import BadTable, open_table

arrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


def _written(folder: Path, columns: dict[str, Any]) -> Path:
    path = folder / "t.parquet"
    parquet.write_table(arrow.table(columns), path)
    return path


def test_plain_columns_are_read(tmp_path: Path) -> None:
    when = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    path = _written(
        tmp_path,
        {
            "id": ["a", None],
            "n": arrow.array([2**60, 1], arrow.int64()),
            "x": [1.5, float("nan")],
            "ok": [True, None],
            "day": [date(2026, 11, 23), None],
            "when": arrow.array([when, None], arrow.timestamp("us", "UTC")),
            "fee": arrow.array([Decimal("1.10"), None]),
            "arm": arrow.array(["A", "B"]).dictionary_encode(),
        },
    )
    with open_table(path) as table:
        rows = list(table.rows)
    assert table.records == 2
    assert [column.type for column in table.columns] == [
        *("string", "integer", "double", "boolean", "date", "datetime", "decimal", "string")
    ]
    iso = "2026-11-23T09:00:00+00:00"
    assert rows[0] == ("a", str(2**60), 1.5, True, "2026-11-23", iso, "1.10", "A")
    assert rows[1] == (None, 1, None, None, None, None, None, "B")


@pytest.mark.parametrize(
    "column",
    [
        pytest.param([[1], [2]], id="list"),
        pytest.param([{"a": 1}], id="struct"),
        pytest.param([b"x"], id="binary"),
    ],
)
def test_columns_without_a_plain_form_are_refused(tmp_path: Path, column: Any) -> None:
    with pytest.raises(BadTable, match="column 'c'"), open_table(_written(tmp_path, {"c": column})):
        pass


def test_infinity_is_refused_by_row_and_column(tmp_path: Path) -> None:
    path = _written(tmp_path, {"x": [1.0, float("inf")]})
    with pytest.raises(BadTable, match="row 2, column 'x'"), open_table(path) as table:
        list(table.rows)


@pytest.mark.parametrize("keep", [0, 3, 40, 200])
def test_damaged_files_are_refused(tmp_path: Path, keep: int) -> None:
    path = _written(tmp_path, {"x": list(range(1000))})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(BadTable), open_table(path) as table:
        list(table.rows)


def test_texts_and_dates_that_python_cannot_have_are_refused(tmp_path: Path) -> None:
    offsets, odd = arrow.py_buffer(b"\0\0\0\0\1\0\0\0"), arrow.py_buffer(b"\xff")
    text = arrow.StringArray.from_buffers(1, offsets, odd)
    for column in (text, arrow.array([2**31 - 1], arrow.date32())):
        with pytest.raises(BadTable), open_table(_written(tmp_path, {"a": column})) as table:
            list(table.rows)
