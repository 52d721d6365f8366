"""The statistics that detectors compare with their limits; one value per reading. Pure.

All are built on medians, so that one wild value moves none but the spike statistic.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from diptych.data.sensors.series import Floats

_SECOND_DIFFERENCE_TO_SIGMA = 0.6745 * 6**0.5


def rolling_median(values: Floats, width: int) -> Floats:
    """Return medians of windows of `width` readings, shape (n - width + 1,)."""
    if len(values) < width:
        return np.empty(0)
    return np.asarray(np.median(sliding_window_view(values, width), axis=1))


def spike_statistic(values: Floats, side: int) -> Floats:
    """Return how far each value lies beyond both the readings before and those after it.

    The smaller of its distances to the medians of `side` readings on either side, 0 unless both
    have the same sign: a true jump of the level lies between its two sides (Hampel 1974 for the
    median; the two-sided form keeps real steps from passing for spikes).

    Args:
        values: shape (n,).
        side: readings on either side.

    Returns:
        shape (n,); near an end as many readings as there are count, at the ends it is 0.
    """
    if len(values) < 2 * side + 1:
        return np.zeros(len(values))
    before, after = np.full(len(values), np.nan), np.full(len(values), np.nan)
    medians = rolling_median(values, side)
    before[side:], after[:-side] = medians[:-1], medians[1:]
    for at in range(1, side):
        before[at], after[-1 - at] = np.median(values[:at]), np.median(values[-at:])
    before, after = values - before, values - after
    same = np.sign(before) == np.sign(after)
    return np.where(same, np.minimum(np.abs(before), np.abs(after)), 0.0)


def step_statistic(values: Floats, side: int) -> Floats:
    """Return |median of the `side` readings from here on - median of those before|, shape (n,)."""
    found = np.zeros(len(values))
    if len(values) < 2 * side:
        return found
    medians = rolling_median(values, side)
    found[side : len(values) - side + 1] = np.abs(medians[side:] - medians[: len(medians) - side])
    return found


def noise_statistic(values: Floats, width: int) -> Floats:
    """Return the scatter around each reading as a standard deviation, shape (n,).

    The median of |second differences| over `width` of them, scaled for white noise; straight
    trends do not count (Gasser, Sroka and Jennen-Steinmetz 1986 for the difference; the median for
    robustness).
    """
    found = np.zeros(len(values))
    second = np.abs(np.diff(values, 2)) / _SECOND_DIFFERENCE_TO_SIGMA
    medians = rolling_median(second, width)
    if len(medians):
        lead = (width + 2) // 2
        found[lead : lead + len(medians)] = medians
        found[:lead], found[lead + len(medians) :] = medians[0], medians[-1]
    return found


def level_statistic(values: Floats, width: int) -> Floats:
    """Return the median of the `width` readings that end here, shape (n,), padded at the start."""
    medians = rolling_median(values, width)
    if not len(medians):
        return np.full(len(values), float(np.median(values)))
    return np.concatenate([np.full(len(values) - len(medians), medians[0]), medians])


def run_lengths(values: Floats) -> tuple[Floats, Floats]:
    """Return (start, length) of the runs of equal values."""
    edges = np.flatnonzero(np.diff(values)) + 1
    starts = np.concatenate([[0], edges])
    return starts, np.diff(np.concatenate([starts, [len(values)]]))


def resolution_of(values: Floats) -> float:
    """Return the smallest usual step between different values, 0 if all are equal.

    The fifth percentile of the non-zero differences of the sorted values, so that noise of the
    float form does not count.
    """
    steps = np.diff(np.unique(np.round(values, 9)))
    return float(np.quantile(steps, 0.05)) if len(steps) else 0.0
