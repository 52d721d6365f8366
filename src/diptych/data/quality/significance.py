"""Tests of hypotheses, and what to do when there are many of them."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

MIN_ROWS: Final = 20
_SMOOTHING = 0.5
Counts = npt.NDArray[np.float64]


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted so that any false alarm is as rare as one test says.

    Source: Holm, S. (1979). A simple sequentially rejective multiple test procedure.
    Scandinavian Journal of Statistics 6, 65-70.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=lambda at: p_values[at])
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, at in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[at]))
        adjusted[at] = highest
    return adjusted


def stability_index(before: Counts, after: Counts) -> float:
    """Return the population stability index of two histograms over the same bins.

    PSI = sum (q - p) ln(q / p), a symmetric Kullback-Leibler divergence (Jeffreys 1946), as used in
    credit scoring: Siddiqi, N. (2006). Credit Risk Scorecards, where 0.1 is a small and 0.25 a
    large change. Half a count is added to each bin so that empty bins stay finite.

    Args:
        before: counts, shape (bins,).
        after: counts, shape (bins,).

    >>> round(stability_index(np.array([50.0, 50.0]), np.array([50.0, 50.0])), 6)
    0.0
    """
    p = (before + _SMOOTHING) / (before.sum() + _SMOOTHING * len(before))
    q = (after + _SMOOTHING) / (after.sum() + _SMOOTHING * len(after))
    return float(np.sum((q - p) * np.log(q / p)))


def same_counts(table: Counts) -> float:
    """Return the p-value that rows of a contingency table come from one distribution.

    Pearson's chi-squared test (1900) without correction; columns with an expected count below 5 in
    any row are joined (Cochran 1954), because the approximation fails for them.

    Args:
        table: counts, shape (samples, categories).
    """
    from scipy.stats import chi2_contingency

    rows = table[table.sum(axis=1) > 0]
    columns = rows[:, rows.sum(axis=0) > 0]
    if min(columns.shape) < 2:
        return 1.0
    smallest = columns.sum(axis=1).min() / columns.sum()
    rare = columns.sum(axis=0) * smallest < 5
    if rare.any():
        columns = np.column_stack([columns[:, ~rare], columns[:, rare].sum(axis=1)])
    if columns.shape[1] < 2 or (columns.sum(axis=0) == 0).any():
        return 1.0
    return float(chi2_contingency(columns, correction=False).pvalue)


def same_values(before: Counts, after: Counts) -> float:
    """Return the p-value that two samples of numbers come from one distribution.

    Two-sample Kolmogorov-Smirnov test, asymptotic (Smirnov 1948).

    Args:
        before: values, shape (n,).
        after: values, shape (m,).
    """
    from scipy.stats import ks_2samp

    return float(ks_2samp(before, after, method="asymp").pvalue)
