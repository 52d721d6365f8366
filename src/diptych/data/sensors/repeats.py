"""Stretches of values that were sent before. Pure."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from diptych.data.sensors.series import Floats

_MIN_DISTINCT = 4


def longest_repeat(values: Floats) -> int:
    """Return the length of the longest stretch of changing values that comes twice.

    Doubling, then halving the distance: stretches of every length up to the longest repeat too.
    """
    if not _repeats(values, _MIN_DISTINCT):
        return 0
    low, high = _MIN_DISTINCT, 2 * _MIN_DISTINCT
    while high < len(values) and _repeats(values, high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _repeats(values, middle) else (low, middle)
    return low


def repeated_from(values: Floats, past: Floats, length: int) -> list[tuple[int, int]]:
    """Return (first, last) of the stretches of at least `length` readings that were sent before.

    Args:
        values: to be looked through.
        past: readings before them.
        length: least number of readings; shorter repetitions are chance.
    """
    joined = np.concatenate([past, values])
    if len(joined) < length + 1:
        return []
    seen: dict[bytes, int] = {}
    flags = np.zeros(len(values) + 1, dtype=bool)
    for start, window in enumerate(_keys(joined, length)):
        if window is None:
            continue
        before = seen.setdefault(window, start)
        if start >= len(past) and before <= start - length:
            flags[start - len(past) : start - len(past) + length] = True
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags])))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _repeats(values: Floats, length: int) -> bool:
    seen: dict[bytes, int] = {}
    for start, window in enumerate(_keys(values, length)):
        if window is not None and seen.setdefault(window, start) <= start - length:
            return True
    return False


def _keys(values: Floats, length: int) -> list[bytes | None]:
    """Return each window as bytes, None where too few values differ to tell anything."""
    if len(values) < length:
        return []
    windows = np.ascontiguousarray(sliding_window_view(values, length))
    changes = np.concatenate([[0], np.cumsum(np.diff(values) != 0)])
    enough = changes[length - 1 :] - changes[: len(values) - length + 1] >= min(
        _MIN_DISTINCT, length - 1
    )
    return [row.tobytes() if ok else None for row, ok in zip(windows, enough, strict=True)]
