"""Whatever a table holds, a check ends in a report or in an error of ours."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.quality.planted import Grid, failed, opener

from diptych.core.errors import DiptychError
from diptych.data.quality import RuleSet, Tables, check_table, parse_report
from diptych.data.quality.rules import ColumnRule, CompareRule, SubgroupRule
from diptych.data.tables import Column

CELLS: "st.SearchStrategy[Any]" = st.none() | st.booleans() | st.integers(-(10**18), 10**18)
CELLS |= st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6)
TYPES = ("string", "integer", "double", "boolean", "date", "decimal")
RULES = RuleSet(
    columns=(
        ColumnRule("a", "integer", minimum=-5, maximum=5, unique=True, missing=False),
        ColumnRule("b", "text", values=("x", 1, True), pattern="[a-z]*", length=3),
        ColumnRule("c", "date", minimum="2020-01-01", max_missing=0.5, public=True),
    ),
    compare=(CompareRule("b", "<", "c"),),
    label="d",
    group="b",
    labels=None,
    subgroups=SubgroupRule(columns=("b",)),
)


@settings(max_examples=30)
@given(
    st.lists(st.lists(CELLS, min_size=4, max_size=4), min_size=1, max_size=30),
    st.lists(st.sampled_from(TYPES), min_size=4, max_size=4),
    st.booleans(),
)
def test_a_check_ends_in_a_report_or_a_refusal(grid: Grid, types: list[str], split: bool) -> None:
    columns = tuple(Column(name, kind) for name, kind in zip("abcd", types, strict=True))
    table = opener(grid, columns)
    half = opener(grid[: len(grid) // 2 + 1], columns)
    try:
        report = check_table(Tables(table, parent=half, train=half if split else None), RULES)
    except DiptychError:
        return
    assert parse_report(report.dump()).verdict == report.verdict


@pytest.mark.parametrize("kind", ["string", "double"])
def test_a_label_of_many_values_is_no_class(kind: str) -> None:
    values = np.random.default_rng(0).random(1_500)
    grid: Grid = [[float(one) if kind == "double" else str(one), 1.0] for one in values]
    columns = (Column("y", kind), Column("x", "double"))
    report = check_table(Tables(opener(grid, columns)), RuleSet(label="y", duplicates=None))
    assert failed(report) == {}
    assert {one.rule for one in report.findings} == {"limit:balance", "limit:labels"}


def test_the_largest_and_smallest_numbers_are_numbers_too() -> None:
    numbers = [1.7975e308, 1.7976931348623157e308, -1.7976e308, 5e-324, 1e-310, 0.0, -0.0, 1.0]
    grid: Grid = [[one, place] for place, one in enumerate(numbers)]
    columns = (Column("x", "double"), Column("n", "integer"))
    report = check_table(Tables(opener(grid, columns)), RuleSet())
    assert failed(report) == {}
