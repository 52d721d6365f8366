"""What a table must satisfy: rules for columns and rows, and which detectors look at it."""

from dataclasses import dataclass, field
from typing import Final

FORMAT: Final = "diptych-rules/1"
TYPES: Final = ("integer", "number", "text", "boolean", "date", "datetime")
METHODS: Final = ("ensemble", "cleanlab")
OPERATORS: Final = ("<", "<=", "==", "!=", ">=", ">")
Scalar = str | int | float | bool


@dataclass(frozen=True)
class ColumnRule:
    """What the cells of one column must satisfy.

    Attributes:
        name: of the column.
        type: one of `TYPES`; empty for any.
        required: whether the table must have the column.
        missing: whether a cell may be empty.
        unique: whether no value may occur twice.
        minimum: smallest allowed value of a number, integer, date or datetime (ISO 8601 text).
        maximum: greatest allowed value.
        values: the only allowed values; empty for any.
        pattern: what a whole text must match; see `patterns`.
        length: most characters of a text.
        max_missing: greatest allowed share of empty cells, 0 to 1.
        public: whether a report may show values of this column.
    """

    name: str
    type: str = ""
    required: bool = True
    missing: bool = True
    unique: bool = False
    minimum: float | str | None = None
    maximum: float | str | None = None
    values: tuple[Scalar, ...] = ()
    pattern: str = ""
    length: int | None = None
    max_missing: float | None = None
    public: bool = False


@dataclass(frozen=True)
class CompareRule:
    """Two columns of one row, compared: `left operator right`; an empty cell passes."""

    left: str
    operator: str
    right: str


@dataclass(frozen=True)
class DuplicateRule:
    """Rows that occur twice.

    Attributes:
        near: share of equal cells, after normalisation, from which two rows are the same in all
            but name; None looks only for equal rows.
        ignore: columns that do not count, for example a row number.
        max_share: greatest allowed share of rows that repeat an earlier one.
    """

    near: float | None = 0.9
    ignore: tuple[str, ...] = ()
    max_share: float = 0.0


@dataclass(frozen=True)
class LeakageRule:
    """Rows, or groups such as patients, that stand both in training and in test data."""

    near: float | None = 0.9
    ignore: tuple[str, ...] = ()
    max_share: float = 0.0


@dataclass(frozen=True)
class LabelRule:
    """Labels that contradict the rest of their row.

    Attributes:
        max_share: greatest estimated share of wrong labels that passes.
        ignore: columns that a classifier must not see, for example a row number.
        rows: most rows that are looked at, chosen evenly.
        seed: of the classifiers.
        method: `ensemble`, or `cleanlab` as it comes (extra `quality`).
    """

    max_share: float = 0.04
    ignore: tuple[str, ...] = ()
    rows: int = 20_000
    seed: int = 0
    method: str = "ensemble"


@dataclass(frozen=True)
class DriftRule:
    """Columns whose values are distributed otherwise than in a parent version.

    Attributes:
        alpha: probability of any false alarm over all columns (Holm 1979).
        psi: population stability index from which a difference matters.
        ignore: columns that may change, for example a date.
    """

    alpha: float = 0.01
    psi: float = 0.1
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True)
class BalanceRule:
    """Smallest allowed share of a class, relative to an even share."""

    min_ratio: float = 0.1


@dataclass(frozen=True)
class SubgroupRule:
    """What subgroups may differ in.

    Attributes:
        columns: which say to what subgroup a row belongs.
        positive: label that is the favourable one; None takes the rarest.
        max_parity_gap: greatest difference of its share between subgroups.
        min_share: smallest share of rows that a subgroup may have.
        max_missing_gap: greatest difference in the share of empty cells of a column.
        alpha: probability of any false alarm over all comparisons (Holm 1979).
    """

    columns: tuple[str, ...] = ()
    positive: Scalar | None = None
    max_parity_gap: float = 0.1
    min_share: float = 0.02
    max_missing_gap: float = 0.05
    alpha: float = 0.01


@dataclass(frozen=True)
class SensorRule:
    """A table that is one series of readings: what `data sensors check` looks for.

    Attributes:
        time: column of times (ISO 8601, or seconds since the epoch).
        value: column of values.
        low: smallest allowed value.
        high: greatest allowed value.
        minutes: how long outside is a finding.
    """

    time: str
    value: str
    low: float | None = None
    high: float | None = None
    minutes: float = 0.0


@dataclass(frozen=True)
class Dialect:
    """How CSV is read: one-character delimiter and quote, encoding, texts that mean "no value"."""

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    missing: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class RuleSet:
    """All rules for a table.

    Attributes:
        columns: rules by column.
        compare: rules within a row.
        strict: whether columns without a rule are forbidden.
        min_rows: fewest rows.
        max_rows: most rows, None for any number.
        label: column that a model is to learn; empty for none.
        group: column of what must stay on one side of a split, for example the patient.
        dialect: of CSV files.
        duplicates: None does not look.
        leakage: None does not look; needs training and test data.
        labels: None does not look; needs a label.
        drift: None does not look; needs a parent.
        balance: None does not look; needs a label.
        subgroups: None does not look; needs columns.
        sensor: None if the table is no series.
    """

    columns: tuple[ColumnRule, ...] = ()
    compare: tuple[CompareRule, ...] = ()
    strict: bool = False
    min_rows: int = 1
    max_rows: int | None = None
    label: str = ""
    group: str = ""
    dialect: Dialect = field(default_factory=Dialect)
    duplicates: DuplicateRule | None = field(default_factory=DuplicateRule)
    leakage: LeakageRule | None = field(default_factory=LeakageRule)
    labels: LabelRule | None = field(default_factory=LabelRule)
    drift: DriftRule | None = field(default_factory=DriftRule)
    balance: BalanceRule | None = field(default_factory=BalanceRule)
    subgroups: SubgroupRule | None = field(default_factory=SubgroupRule)
    sensor: SensorRule | None = None

    def column(self, name: str) -> ColumnRule | None:
        """Return the rule of a column, None if it has none."""
        return next((one for one in self.columns if one.name == name), None)

    def is_public(self, name: str) -> bool:
        """Tell whether a report may show values of a column."""
        rule = self.column(name)
        return rule is not None and rule.public
