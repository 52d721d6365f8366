"""Every rule finds what was planted, names its rows, and says nothing about the clean twin."""

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.quality.planted import (
    COLUMNS,
    JUDGED,
    RULES,
    Grid,
    check,
    clean,
    failed,
    opener,
    place,
)

from diptych.data.quality import NothingToCheck, RuleSet, Tables, UnknownColumn, check_table
from diptych.data.quality.rules import ColumnRule, CompareRule, DuplicateRule, SensorRule
from diptych.data.tables import Column


@pytest.mark.parametrize("seed", range(1, 5))
def test_a_clean_table_passes(seed: int) -> None:
    rules = JUDGED if seed == 1 else RULES
    report = check(clean(seed=seed), rules, parent=clean(seed=seed + 40))
    assert failed(report) == {}
    assert report.verdict == "pass"


CELLS = [
    ("type:age", "age", "old"),
    ("type:age", "age", 3.5),
    ("range:age", "age", 190),
    ("range:age", "age", -1),
    ("values:site", "site", "west"),
    ("pattern:id", "id", "x00001"),
    ("missing:id", "id", None),
    ("missing:id", "id", ""),
    ("type:start", "start", "2021-13-01"),
    ("range:start", "start", "2019-12-31"),
    ("compare:start <= end", "end", "2021-01-01"),
]


@pytest.mark.parametrize(("rule", "column", "value"), CELLS)
def test_a_spoiled_cell_is_named_by_rule_and_row(rule: str, column: str, value: object) -> None:
    grid = clean(200)
    grid[6][place(column)] = value
    grid[41][place(column)] = value
    report = check(grid, replace(RULES, label="", duplicates=None, subgroups=None))
    found = next(one for one in report.failures if one.rule == rule)
    assert (found.count, found.rows) == (2, (7, 42))
    assert {one.kind for one in report.failures} <= {rule.partition(":")[0], "unique", "length"}


def test_a_long_text_is_found() -> None:
    grid = clean(50)
    grid[3][place("site")] = "north-west"
    rules = RuleSet(columns=(ColumnRule("site", length=5),))
    assert failed(check(grid, rules)) == {"length:site": 1}


def test_a_value_twice_in_a_unique_column_is_found() -> None:
    grid = clean(300)
    grid[200][0] = grid[10][0]
    rules = RuleSet(columns=(ColumnRule("id", unique=True),))
    report = check(grid, rules)
    assert failed(report) == {"unique:id": 1}
    assert report.failures[0].rows == (201,)


def test_empty_cells_beyond_their_share_are_found() -> None:
    grid = clean(100)
    for row in grid[:30]:
        row[place("lab")] = None
    rules = RuleSet(columns=(ColumnRule("lab", max_missing=0.2),))
    assert failed(check(grid, rules)) == {"missing:lab": 30}
    assert failed(check(grid[10:], rules)) == {"missing:lab": 20}
    assert failed(check(grid[25:], rules)) == {}


def test_columns_and_numbers_of_rows() -> None:
    rules = RuleSet(columns=(ColumnRule("age"), ColumnRule("gone")), strict=True, min_rows=500)
    found = failed(check(clean(100), rules))
    assert found == {"column-missing:gone": 1, "column-extra": 8, "rows": 100}
    fits = RuleSet(columns=tuple(ColumnRule(one.name) for one in COLUMNS), strict=True)
    assert failed(check(clean(100), replace(fits, min_rows=100, max_rows=100))) == {}
    assert failed(check(clean(100), replace(fits, max_rows=99))) == {"rows": 100}


def test_equal_rows_are_found() -> None:
    grid = clean(300)
    grid += [list(grid[4]), list(grid[9])]
    report = check(grid, RuleSet())
    assert failed(report) == {"duplicate": 2}
    assert report.failures[0].rows == (301, 302)


@pytest.mark.parametrize("change", ["spelling", "cell", "noise"])
def test_nearly_equal_rows_are_found(change: str) -> None:
    grid = clean(300)
    for source in (4, 9, 12):
        row = list(grid[source])
        if change == "spelling":
            row[place("site")] = f"  {str(row[place('site')]).upper()} "
        elif change == "cell":
            row[place("sex")] = "?"
        else:
            row[place("dose")] = float(row[place("dose")]) * (1 + 1e-9)
        grid.append(row)
    report = check(grid, RuleSet(duplicates=DuplicateRule(near=0.88)))
    assert failed(report) == {"near-duplicate": 3}
    assert report.failures[0].rows == (301, 302, 303)
    assert failed(check(grid, RuleSet(duplicates=DuplicateRule(near=None)))) == {}


def test_rows_of_few_values_do_not_count_as_nearly_equal() -> None:
    chance = np.random.default_rng(3)
    columns = tuple(Column(f"c{n}") for n in range(10))
    grid: Grid = [[str(one) for one in row] for row in chance.integers(0, 4, (2_000, 10))]
    seen = {tuple(row): row for row in grid}
    report = check_table(Tables(opener(list(seen.values()), columns)), RuleSet())
    assert failed(report) == {}


def test_leaks_between_training_and_test_data() -> None:
    train, test = clean(400), clean(100, seed=9)
    rules = replace(RuleSet(), duplicates=None)
    assert failed(check(train, rules, test=test)) == {}
    test.append(list(train[7]))
    near = list(train[8])
    near[place("site")] = str(near[place("site")]).upper()
    test.append(near)
    assert failed(check(train, rules, test=test)) == {"leak": 1, "near-leak": 1}
    report = check(test, rules, train=train)
    assert {one.rule: one.rows for one in report.failures} == {"leak": (101,), "near-leak": (102,)}


def test_groups_on_both_sides_of_a_split() -> None:
    train, test = clean(100), clean(100, seed=9)
    rules = RuleSet(group="id", duplicates=None)
    assert failed(check(train, rules, test=test)) == {}
    test[5][0] = train[3][0]
    assert failed(check(train, rules, test=test)) == {"group-leak:id": 1}


def test_flipped_labels_are_found() -> None:
    grid = clean(500)
    chance = np.random.default_rng(2)
    flipped = {int(one) for one in chance.choice(500, 40, replace=False)}
    for row in flipped:
        grid[row][-1] = 1 - grid[row][-1]
    found = next(one for one in check(grid, JUDGED).failures if one.kind == "label-error")
    hits = sum(row - 1 in flipped for row in found.rows)
    assert hits >= 0.75 * len(found.rows)
    assert hits >= 0.7 * 40


def test_labels_of_one_class_turned_into_the_other_are_poisoning() -> None:
    grid = clean(500)
    ones = [row for row in range(500) if grid[row][-1] == 1]
    for row in ones[:40]:
        grid[row][-1] = 0
    rules = failed(check(grid, JUDGED))
    assert any(rule.startswith("label-flips:2-1") for rule in rules)


def test_labels_that_nothing_tells_are_not_judged() -> None:
    grid = clean(300)
    chance = np.random.default_rng(4)
    for row in grid:
        row[-1] = int(chance.integers(0, 2))
    report = check(grid, JUDGED)
    assert failed(report) == {}
    assert [one.rule for one in report.findings] == ["limit:labels"]


def test_drift_of_numbers_categories_gaps_and_columns() -> None:
    parent, grid = clean(600), clean(600, seed=5)
    for at, row in enumerate(grid):
        row[place("dose")] += 0.6
        if at % 3 == 0:
            row[place("site")] = "north"
        if at % 10 == 0:
            row[place("age")] = None
    rules = RuleSet(duplicates=None)
    assert set(failed(check(grid, rules, parent=parent))) == {
        *("drift:dose", "drift:site", "missing-drift:age")
    }
    fewer = [row[:-1] for row in parent]
    tables = Tables(opener(fewer, COLUMNS[:-1]), parent=opener(parent))
    assert failed(check_table(tables, rules)) == {"column-drift": 1}


def test_rare_classes_and_a_single_class() -> None:
    grid = clean(600)
    rare = [row for row in grid if row[-1] == 0] + [row for row in grid if row[-1] == 1][:8]
    rules = RuleSet(label="y", labels=None, duplicates=None)
    assert failed(check(rare, rules)) == {"balance:2": 8}
    assert failed(check(rare[:100], rules)) == {"balance": 100}


def test_subgroups_that_are_rare_disfavoured_or_badly_recorded() -> None:
    grid = clean(900)
    rules = RULES
    for at, row in enumerate(grid):
        if row[place("sex")] == "f" and at % 3:
            row[-1] = 0
        if row[place("sex")] == "f" and at % 4 == 0:
            row[place("lab")] = None
    for row in grid[:5]:
        row[place("sex")] = "x"
    found = failed(check(grid, rules))
    assert set(found) == {"parity:sex", "missing-gap:lab/sex", "representation:sex"}
    assert found["representation:sex"] == 5


def test_a_subgroup_column_of_many_values_is_a_notice() -> None:
    assert RULES.subgroups is not None
    rules = replace(RULES, subgroups=replace(RULES.subgroups, columns=("id",)))
    report = check(clean(100), rules)
    assert [one.rule for one in report.findings] == ["limit:id"]


def test_readings_of_a_sensor() -> None:
    chance = np.random.default_rng(0)
    columns = (Column("time", "double"), Column("value", "double"))
    values = 5 + 0.2 * chance.normal(size=1500)
    grid: Grid = [[600.0 * at, float(one)] for at, one in enumerate(values)]
    rules = RuleSet(duplicates=None, sensor=SensorRule("time", "value", 2.0, 8.0))
    assert failed(check_table(Tables(opener(grid, columns)), rules)) == {}
    for row in grid[1200:1230]:
        row[1] = 15.0
    report = check_table(Tables(opener(grid, columns)), rules)
    found = next(one for one in report.failures if one.rule == "sensor:excursion")
    assert (found.count, found.rows[0]) == (30, 1201)


def test_what_cannot_be_checked_is_refused() -> None:
    with pytest.raises(UnknownColumn, match="no column 'outcome'"):
        check(clean(60), RuleSet(label="outcome"))
    with pytest.raises(UnknownColumn, match="compares"):
        check(clean(60), RuleSet(compare=(CompareRule("age", "<", "gone"),)))
    with pytest.raises(UnknownColumn, match="cannot be compared"):
        check(clean(60), RuleSet(compare=(CompareRule("age", "<", "site"),)))
    with pytest.raises(NothingToCheck, match="no rows"):
        check([], RuleSet())
