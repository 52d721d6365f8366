"""Rows as typed pandas frames, part by part, so that memory does not grow with the table."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice

import numpy as np
import pandas as pd

from diptych.data.quality.rules import RuleSet
from diptych.data.tables import Column, Row

PART_ROWS = 50_000
NUMBER = "number"
TEXT = "text"
_NUMBERS = frozenset({"integer", "decimal", "float", "double", "number"})
_TRUE = {"true": "true", "false": "false", "True": "true", "False": "false"}


@dataclass(frozen=True)
class Part:
    """Some rows of a table.

    Attributes:
        frame: numbers as float64 with NaN, all else as text or None; the index is the row number.
        raw: hash input: cells as they were read.
        misfits: row numbers by column whose cell is not of the declared type.
    """

    frame: pd.DataFrame
    raw: "dict[str, list[object]]" = field(repr=False)
    misfits: dict[str, list[int]] = field(repr=False)


def kinds_of(columns: Sequence[Column], rules: RuleSet) -> dict[str, str]:
    """Return for each column whether it holds numbers or texts, by rule or else by its type."""
    found = {}
    for column in columns:
        rule = rules.column(column.name)
        declared = rule.type if rule is not None and rule.type else column.type
        found[column.name] = NUMBER if declared in _NUMBERS else TEXT
    return found


def parts(
    columns: Sequence[Column], rows: Iterable[tuple[int, Row]], rules: RuleSet
) -> Iterator[Part]:
    """Yield the rows in parts.

    Args:
        columns: of the table.
        rows: row numbers and rows, read once.
        rules: declared types, and the texts that mean "no value".
    """
    convert = _converters(columns, rules)
    source = iter(rows)
    while block := list(islice(source, PART_ROWS)):
        index = [number for number, _ in block]
        raw = {
            column.name: list(cells)
            for column, cells in zip(
                columns, zip(*(row for _, row in block), strict=True), strict=True
            )
        }
        yield _part(raw, convert, index)


def _part(
    raw: dict[str, list[object]],
    convert: "dict[str, _Convert]",
    index: Sequence[int],
) -> Part:
    series, misfits = {}, {}
    for name, cells in raw.items():
        made, bad = convert[name](cells)
        series[name] = pd.Series(made, index=index)
        if bad.any():
            misfits[name] = [index[int(at)] for at in np.flatnonzero(bad)]
    return Part(pd.DataFrame(series), raw, misfits)


_Convert = Callable[[list[object]], "tuple[np.ndarray, np.ndarray]"]


def _converters(columns: Sequence[Column], rules: RuleSet) -> "dict[str, _Convert]":
    kinds = kinds_of(columns, rules)
    missing = frozenset(rules.dialect.missing) | {""}
    found: dict[str, _Convert] = {}
    for column in columns:
        rule = rules.column(column.name)
        declared = rule.type if rule is not None else ""
        if kinds[column.name] == NUMBER:
            found[column.name] = _numbers(missing, whole=declared == "integer")
        else:
            found[column.name] = _texts(missing, _CHECKS.get(declared))
    return found


def _numbers(missing: frozenset[str], *, whole: bool) -> _Convert:
    def convert(cells: list[object]) -> "tuple[np.ndarray, np.ndarray]":
        given = np.array(
            [None if _is_missing(one, missing) else one for one in cells], dtype=object
        )
        empty = np.array([one is None for one in given], dtype=bool)
        values = pd.to_numeric(pd.Series(given, dtype=object), errors="coerce").to_numpy(float)
        bad = ~empty & ~np.isfinite(values)
        if whole:
            with np.errstate(invalid="ignore"):
                bad |= ~empty & np.isfinite(values) & (values != np.round(values))
        return np.where(bad, np.nan, values), bad

    return convert


def _texts(missing: frozenset[str], check: "Callable[[str], str | None] | None") -> _Convert:
    def convert(cells: list[object]) -> "tuple[np.ndarray, np.ndarray]":
        known: dict[object, str | None] = {}
        made = np.empty(len(cells), dtype=object)
        bad = np.zeros(len(cells), dtype=bool)
        for at, cell in enumerate(cells):
            if _is_missing(cell, missing):
                continue
            key = (type(cell), cell)
            if key not in known:
                known[key] = _text(cell) if check is None else check(_text(cell))
            made[at] = known[key]
            bad[at] = known[key] is None
        return made, bad

    return convert


def _is_missing(cell: object, missing: frozenset[str]) -> bool:
    return cell is None or (isinstance(cell, str) and cell in missing)


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell if isinstance(cell, str) else repr(cell)


def _date(text: str) -> str | None:
    try:
        date.fromisoformat(text)
    except ValueError:
        return None
    return text if len(text) == 10 else None


def _datetime(text: str) -> str | None:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    return text


_CHECKS: "dict[str, Callable[[str], str | None]]" = {
    "boolean": _TRUE.get,
    "date": _date,
    "datetime": _datetime,
}
