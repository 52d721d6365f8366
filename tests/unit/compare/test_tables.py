"""Tables: columns, and rows by key or as a multiset."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.data.compare import CannotCompare, TableChanges, compare_tables
from diptych.data.tables.table import Cell, Column, Table


def table(names: str, *rows: tuple[Cell, ...], key: str = "", types: str = "") -> Table:
    kinds = dict(zip(names, types.split(), strict=False)) if types else {}
    columns = tuple(
        Column(name, kinds.get(name, "string"), key=key.index(name) + 1 if name in key else None)
        for name in names
    )
    return Table("csv", "t", columns, iter(rows))


def test_rows_by_key() -> None:
    old = table("ix", ("1", "a"), ("2", "b"), ("3", "c"))
    new = table("ix", ("3", "c"), ("2", "B"), ("4", "d"))
    found = compare_tables(old, new, key=["i"])
    assert (found.added, found.removed, found.changed, found.rows) == (1, 1, 1, (3, 3))
    assert found.cells == {"x": 1}
    assert found.shown == {"added": [["4"]], "removed": [["1"]], "changed": [["2"]]}
    assert "changed cells: x 1" in found.text()


def test_without_key_whole_rows_are_counted() -> None:
    old = table("ix", ("1", "a"), ("1", "a"), ("2", "b"))
    new = table("ix", ("1", "a"), ("2", "B"))
    found = compare_tables(old, new)
    assert (found.added, found.removed, found.changed) == (1, 2, 0)
    assert "--key" in found.notes[0]


def test_the_key_that_both_declare_is_used() -> None:
    old = table("ix", ("1", "a"), key="i")
    new = table("ix", ("1", "b"), key="i")
    assert compare_tables(old, new).key == ("i",)
    assert compare_tables(table("ix", ("1", "a"), key="i"), table("ix", ("1", "b"))).key == ()


def test_columns_come_go_and_change_type() -> None:
    old = table("iab", ("1", "2", "3"))
    new = table("ibc", ("1", 3, "4"), types="string integer string")
    found = compare_tables(old, new, key=["i"])
    assert (found.columns_added, found.columns_removed, found.columns_retyped) == (
        ("c",),
        ("a",),
        ("b",),
    )
    assert found.to_json()["columns_retyped"] == ["b"]


@pytest.mark.parametrize(
    ("key", "rows"), [(["z"], [("1", "a")]), (["i"], [("1", "a"), ("1", "b")])]
)
def test_keys_that_do_not_fit(key: list[str], rows: list[tuple[str, str]]) -> None:
    with pytest.raises(CannotCompare):
        compare_tables(table("ix", *rows), table("ix", ("1", "a")), key=key)


@pytest.mark.parametrize(("one", "other"), [(-1, -2), (1, True), (1, "1"), (None, ""), (0, None)])
def test_values_that_look_alike_are_told_apart(one: Cell, other: Cell) -> None:
    found = compare_tables(table("ix", ("1", one)), table("ix", ("1", other)), key=["i"])
    assert found.changed == 1


ROWS = st.dictionaries(st.integers(0, 9), st.sampled_from(["a", "b", "c"]))


@given(ROWS, ROWS)
def test_both_ways_agree(old: dict[int, str], new: dict[int, str]) -> None:
    def compared(one: dict[int, str], other: dict[int, str]) -> TableChanges:
        return compare_tables(table("ix", *one.items()), table("ix", *other.items()), key=["i"])

    there, back = compared(old, new), compared(new, old)
    assert (there.added, there.removed, there.changed) == (back.removed, back.added, back.changed)
    assert there.added == len(new.keys() - old.keys())
    assert there.changed == sum(old[key] != new[key] for key in old.keys() & new.keys())
