"""Looking for a subject or a whole row in tables of any format."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.data.tables import Cell
from diptych.data.tables.seeking import SoughtRow, SoughtSubject, has_one_spelling, value

CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
)


@given(st.dictionaries(st.text(max_size=5), CELLS, min_size=1, max_size=6), CELLS)
def test_a_row_finds_itself_whatever_else_the_table_has(
    cells: dict[str, Cell], other: Cell
) -> None:
    names = ("…another…", *cells)
    assert SoughtRow(cells).matcher(names)((other, *cells.values()))


@given(st.dictionaries(st.text(max_size=5), CELLS, min_size=1, max_size=6), st.data())
def test_a_row_with_one_other_cell_is_another(cells: dict[str, Cell], data: st.DataObject) -> None:
    changed = data.draw(st.sampled_from(sorted(cells)))
    cell = data.draw(CELLS.filter(lambda one: value(one) != value(cells[changed])))
    row = tuple({**cells, changed: cell}.values())
    assert not SoughtRow(cells).matcher(tuple(cells))(row)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("30", 30, True),
        ("30.50", 30.5, True),
        ("-1e3", -1000, True),
        ("", None, True),
        ("True", True, True),
        ("1", True, False),
        (0, None, False),
        (0, False, False),
        ("30 ", 30, False),
        ("p-1", "P-1", False),
        ("1e99999", 1, False),
        ("nan", "NaN", False),
    ],
)
def test_formats_write_one_value_differently(one: Cell, other: Cell, same: bool) -> None:
    assert (value(one) == value(other)) is same
    assert SoughtRow({"x": one}).matcher(["x"])((other,)) is same


@given(CELLS, CELLS)
def test_a_cell_of_one_spelling_equals_only_itself(one: Cell, other: Cell) -> None:
    if has_one_spelling(one) and value(one) == value(other):
        assert one == other


def test_a_table_without_a_named_column_cannot_hold_the_row() -> None:
    sought = SoughtRow({"id": "P-1", "age": 30})
    assert sought.places(["id"]) == ()
    assert not sought.matcher(["id"])(("P-1",))
    assert sought.places(["age", "site", "id"]) == (2, 0)


def test_a_subject_in_any_or_in_one_column() -> None:
    row = ("P-1", 41)
    assert SoughtSubject("41").matcher(["id", "age"])(row)
    assert not SoughtSubject("41", "id").matcher(["id", "age"])(row)
    assert not SoughtSubject("41", "nosuch").matcher(["id", "age"])(row)
    assert "P-1" not in repr(SoughtSubject("P-1")) + repr(SoughtRow({"id": "P-1"}))
