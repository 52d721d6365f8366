"""What one reading of a table collects for all rules."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from diptych.core.progress import ProgressFactory, silent
from diptych.data.quality.errors import NothingToCheck, UnknownColumn
from diptych.data.quality.frames import Part, kinds_of, parts
from diptych.data.quality.hashing import HashedRows, RowHasher
from diptych.data.quality.readings import Readings
from diptych.data.quality.rules import RuleSet
from diptych.data.quality.sample import GroupCounts, Sample, names_of
from diptych.data.quality.schema import SchemaCheck
from diptych.data.tables import Column, Row


@dataclass(frozen=True)
class Rows:
    """An opened table: its columns, and row numbers with rows, read once."""

    columns: tuple[Column, ...]
    rows: Iterator[tuple[int, Row]] = field(repr=False)


MAX_CLASSES = 1_000
"""A label of more values is no class; counting them ends there."""
Opener = Callable[[], AbstractContextManager[Rows]]
"""Opens a table for one reading."""


class Collected:
    """The table that is checked.

    Attributes:
        schema: rules for cells.
        sample: even sample of rows.
        classes: rows by label.
        groups: counts by subgroup, for each column of them.
        hasher: rows as hashes, None if nobody asks for duplicates.
        unique: cells as hashes, of each column in which no value may occur twice.
        readings: of a sensor, None if the table is no series.
        rows: number of rows.
    """

    def __init__(self, columns: Sequence[Column], rules: RuleSet) -> None:
        names = [one.name for one in columns]
        self.names = tuple(names)
        self.rows = 0
        self.schema = SchemaCheck(names, kinds_of(columns, rules), rules)
        self.sample = Sample()
        self.classes: Counter[str] = Counter()
        self._label = rules.label
        subgroups = rules.subgroups.columns if rules.subgroups else ()
        sensor = (rules.sensor.time, rules.sensor.value) if rules.sensor else ()
        require_columns(names, [*([rules.label] if rules.label else []), *subgroups, *sensor])
        self.groups = [GroupCounts(one, rules.label) for one in subgroups]
        duplicates = rules.duplicates
        self.hasher = None if duplicates is None else hasher_of(names, duplicates.ignore)
        self.unique = {
            one.name: RowHasher([one.name])
            for one in rules.columns
            if one.unique and one.name in names
        }
        self.readings = None if rules.sensor is None else Readings(rules.sensor)

    def add(self, part: Part) -> None:
        """Take one part."""
        self.rows += len(part.frame)
        self.schema.add(part)
        self.sample.add(part.frame)
        if self._label and len(self.classes) <= MAX_CLASSES:
            self.classes.update(names_of(part.frame[self._label]).value_counts().to_dict())
        for one in self.groups:
            one.add(part.frame)
        for name, cells in self.unique.items():
            cells.add(part.frame[part.frame[name].notna()])
        if self.hasher is not None:
            self.hasher.add(part.frame)
        if self.readings is not None:
            self.readings.add(part.frame)


@dataclass(frozen=True)
class Side:
    """Training or test data: hashed rows, and hashes of the groups that they belong to."""

    hashed: HashedRows
    groups: npt.NDArray[np.uint64]


def collect(opener: Opener, rules: RuleSet, *, progress: ProgressFactory = silent) -> Collected:
    """Read the table that is checked.

    Raises:
        UnknownColumn: a rule names a column that is not there.
        NothingToCheck: the table is empty.
        BadTable: it breaks its format.
    """
    with opener() as table, progress("check", unit="row") as task:
        found = Collected(table.columns, rules)
        for part in parts(table.columns, table.rows, rules):
            found.add(part)
            task.advance(len(part.frame))
    if not found.rows:
        raise NothingToCheck("the table has no rows")
    return found


def sample_of(opener: Opener, rules: RuleSet) -> pd.DataFrame:
    """Return an even sample of a table, for example of the parent version."""
    sample = Sample()
    with opener() as table:
        for part in parts(table.columns, table.rows, rules):
            sample.add(part.frame)
    return sample.frame()


def column_names(opener: Opener) -> tuple[str, ...]:
    """Return the names of the columns of a table."""
    with opener() as table:
        return tuple(one.name for one in table.columns)


def side_of(opener: Opener, rules: RuleSet, columns: Sequence[str], secret: str) -> Side:
    """Hash the rows of training or test data; both under one secret."""
    hasher, groups = RowHasher(columns, secret), RowHasher([rules.group], secret)
    known = np.zeros(0, dtype=np.uint64)
    with opener() as table:
        names = [one.name for one in table.columns]
        require_columns(names, [rules.group] if rules.group else [])
        for part in parts(table.columns, table.rows, rules):
            hasher.add(part.frame)
            if rules.group:
                groups.add(part.frame[part.frame[rules.group].notna()])
                known = np.union1d(known, groups.take().exact)
    return Side(hasher.done(), known)


def hasher_of(names: Sequence[str], ignore: Sequence[str]) -> RowHasher:
    """Return a hasher of all columns but some."""
    return RowHasher([name for name in names if name not in ignore])


def require_columns(names: Sequence[str], wanted: Sequence[str]) -> None:
    """Refuse a column that is not there.

    Raises:
        UnknownColumn: naming it and some that are.
    """
    for name in wanted:
        if name not in names:
            known = ", ".join(names[:20])
            raise UnknownColumn(f"the table has no column {name!a:.80}", hint=f"it has {known}")
