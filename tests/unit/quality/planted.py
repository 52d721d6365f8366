"""A clean table of patients, and ways to spoil it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from diptych.data.quality import QualityReport, RuleSet, Tables, check_table
from diptych.data.quality.passes import Opener, Rows
from diptych.data.quality.rules import ColumnRule, CompareRule, LabelRule, SubgroupRule
from diptych.data.tables import Column

NAMES = ("id", "age", "site", "sex", "start", "end", "dose", "lab", "y")
NUMBERS = {"age": "integer", "dose": "double", "lab": "double", "y": "integer"}
COLUMNS = tuple(Column(name, NUMBERS.get(name, "string")) for name in NAMES)
RULES = RuleSet(
    columns=(
        ColumnRule("id", "text", missing=False, unique=True, pattern="p[0-9]{5}"),
        ColumnRule("age", "integer", minimum=0, maximum=120),
        ColumnRule("site", "text", values=("north", "south", "east"), length=5),
        ColumnRule("start", "date", minimum="2020-01-01"),
        ColumnRule("end", "date"),
        ColumnRule("lab", "number", max_missing=0.2),
    ),
    compare=(CompareRule("start", "<=", "end"),),
    label="y",
    group="site",
    labels=None,
    subgroups=SubgroupRule(columns=("sex",)),
)
JUDGED = replace(RULES, labels=LabelRule(ignore=("id",)))
Grid = list[list[Any]]


def clean(count: int = 600, *, seed: int = 1) -> Grid:
    """Return rows without any defect; the label follows from dose and lab."""
    chance = np.random.default_rng(seed)
    grid: Grid = []
    for row in range(count):
        dose, lab = chance.normal(size=2)
        start = int(chance.integers(1, 20))
        grid.append(
            [
                f"p{seed:02d}{row:03d}"[:6],
                int(chance.integers(18, 90)),
                str(chance.choice(["north", "south", "east"])),
                str(chance.choice(["f", "m"])),
                f"2021-03-{start:02d}",
                f"2021-04-{start:02d}",
                round(float(dose), 5),
                round(float(lab), 5),
                int(dose + lab > 0),
            ]
        )
    return grid


def opener(grid: Grid, columns: tuple[Column, ...] = COLUMNS) -> Opener:
    """Return what opens the rows as a table."""

    @contextmanager
    def opened() -> Iterator[Rows]:
        yield Rows(columns, enumerate((tuple(row) for row in grid), start=1))

    return opened


def check(grid: Grid, rules: RuleSet = RULES, **others: Grid) -> QualityReport:
    """Check rows; `parent`, `train` and `test` are further grids."""
    return check_table(
        Tables(opener(grid), **{name: opener(one) for name, one in others.items()}), rules
    )


def failed(report: QualityReport) -> dict[str, int]:
    """Return the rules that are not met, with counts."""
    return {one.rule: one.count for one in report.failures}


def place(name: str) -> int:
    """Return the place of a column."""
    return NAMES.index(name)
