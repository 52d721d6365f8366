"""Columns whose values are distributed otherwise than in a parent version.

A column is reported only if the difference is both significant over all tests together (Holm 1979)
and large enough to matter (population stability index): in a large table everything is significant,
in a small one everything looks large.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from diptych.data.quality.findings import NOTICE, Finding, finding
from diptych.data.quality.rules import DriftRule
from diptych.data.quality.sample import names_of
from diptych.data.quality.significance import (
    MIN_ROWS,
    Counts,
    holm,
    same_counts,
    same_values,
    stability_index,
)

_BINS = 10
_MAX_CATEGORIES = 50
_FEW_VALUES = 20
_MISSING_GAP = 0.02


@dataclass(frozen=True)
class ColumnDrift:
    """How one column changed; `p` is of the test alone, `before` and `after` are shares by bin."""

    name: str
    kind: str
    p: float
    index: float
    before: tuple[float, ...] = ()
    after: tuple[float, ...] = ()


def drift_findings(
    parent: pd.DataFrame, now: pd.DataFrame, rule: DriftRule
) -> tuple[list[Finding], list[ColumnDrift]]:
    """Compare two samples.

    Args:
        parent: sample of the parent version, numbers as float64.
        now: sample of this version.
        rule: what counts.

    Returns:
        Findings, and what was measured of each column.
    """
    found = _column_changes(list(map(str, parent.columns)), list(map(str, now.columns)))
    names = [one for one in parent.columns if one in set(now.columns) - set(rule.ignore)]
    measured = [one for name in names for one in _measure(name, parent[name], now[name])]
    for one, p in zip(measured, holm([one.p for one in measured]), strict=True):
        least = _MISSING_GAP if one.kind == "missing" else rule.psi
        if p >= rule.alpha or one.index < least:
            continue
        if one.kind == "missing":
            before, after = one.before[0], one.after[0]
            text = f"{before:.1%} of {one.name} were empty in the parent, now {after:.1%}"
            numbers = {"p": p, "gap": one.index}
            found.append(finding(f"missing-drift:{one.name}", (), text, count=1, numbers=numbers))
        else:
            text = f"values of {one.name} are distributed otherwise than in the parent"
            numbers = {"p": p, "psi": one.index}
            found.append(finding(f"drift:{one.name}", (), text, count=1, numbers=numbers))
    return found, measured


def _column_changes(before: Sequence[str], after: Sequence[str]) -> list[Finding]:
    gone = [name for name in before if name not in after]
    new = [name for name in after if name not in before]
    found = []
    if gone:
        text = f"the parent had the columns {', '.join(gone[:10])}"
        found.append(finding("column-drift", (), text, count=len(gone)))
    if new:
        text = f"the parent did not have the columns {', '.join(new[:10])}"
        found.append(finding("column-drift", (), text, severity=NOTICE, count=len(new)))
    return found


def _measure(name: str, before: pd.Series, after: pd.Series) -> list[ColumnDrift]:
    found = []
    empty = np.array([[one.isna().sum(), one.notna().sum()] for one in (before, after)], float)
    if min(len(before), len(after)) >= MIN_ROWS:
        shares = empty[:, 0] / empty.sum(axis=1)
        gap = float(abs(shares[1] - shares[0]))
        p = same_counts(empty)
        found.append(ColumnDrift(name, "missing", p, gap, (shares[0],), (shares[1],)))
    before, after = before.dropna(), after.dropna()
    if min(len(before), len(after)) < MIN_ROWS:
        return found
    if before.dtype == after.dtype == np.float64 and before.nunique() > _FEW_VALUES:
        found.append(_numbers(name, before.to_numpy(), after.to_numpy()))
    else:
        found += _categories(name, names_of(before), names_of(after))
    return found


def _numbers(name: str, before: Counts, after: Counts) -> ColumnDrift:
    edges = np.unique(np.quantile(before, np.linspace(0, 1, _BINS + 1)[1:-1]))
    first, second = (_histogram(values, edges) for values in (before, after))
    index = stability_index(first, second)
    shares = [tuple((one / one.sum()).tolist()) for one in (first, second)]
    return ColumnDrift(name, "number", same_values(before, after), index, *shares)


def _histogram(values: Counts, edges: Counts) -> Counts:
    places = np.searchsorted(edges, values, side="right")
    return np.bincount(places, minlength=len(edges) + 1).astype(float)


def _categories(name: str, before: pd.Series, after: pd.Series) -> list[ColumnDrift]:
    """Compare counts of values; a column in which most values differ has none to compare."""
    first, second = before.value_counts(), after.value_counts()
    if len(first) > max(_FEW_VALUES, len(before) // 2):
        return []
    both = first.add(second, fill_value=0).sort_values(ascending=False, kind="stable")
    kept = list(both.index[: _MAX_CATEGORIES - 1])
    rows = []
    for counts, total in ((first, len(before)), (second, len(after))):
        known = [float(counts.get(one, 0)) for one in kept]
        rows.append([*known, total - sum(known)])
    table = np.array(rows)
    table = table[:, table.sum(axis=0) > 0]
    shares = [tuple((row / row.sum()).tolist()) for row in table]
    index = stability_index(table[0], table[1])
    return [ColumnDrift(name, "category", same_counts(table), index, *shares)]
