"""From flags per reading to findings over intervals. Pure."""

import numpy as np

from diptych.data.sensors.findings import Finding
from diptych.data.sensors.series import Flags, Series


def stretches(flags: Flags, *, join: int = 1) -> list[tuple[int, int]]:
    """Return (first, last) of the flagged stretches; those less than `join` apart are one.

    >>> stretches(np.array([1, 0, 1, 0, 0, 1], dtype=bool), join=2)
    [(0, 2), (5, 5)]
    """
    found: list[tuple[int, int]] = []
    for at in np.flatnonzero(flags).tolist():
        if found and at - found[-1][1] <= join:
            found[-1] = (found[-1][0], at)
        else:
            found.append((at, at))
    return found


def make(
    series: Series,
    rule: str,
    span: tuple[int, int],
    value: float,
    *,
    limit: float,
    severity: str,
    text: str,
) -> Finding:
    """Return a finding over readings `span[0]` to `span[1]`."""
    first, last = span
    times = series.times_s
    return Finding(
        rule=rule,
        first=first,
        last=last,
        from_s=float(times[first]),
        to_s=float(times[last]),
        value=float(value),
        limit=float(limit),
        severity=severity,
        text=text,
    )
