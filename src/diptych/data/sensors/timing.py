"""Findings that counters and clocks prove by themselves: nothing is estimated here. Pure."""

from collections.abc import Iterator

import numpy as np

from diptych.core.clock import iso_utc
from diptych.data.sensors.findings import Finding
from diptych.data.sensors.intervals import make
from diptych.data.sensors.profile import Profile
from diptych.data.sensors.series import Series

_LEAP_S = 60.0


def timing_findings(series: Series, profile: Profile) -> Iterator[Finding]:
    """Yield gaps, silences, duplicate times and clocks that leap or go back."""
    yield from _gaps(series)
    steps_s = np.diff(series.times_s)
    missing = (
        np.zeros(len(steps_s), dtype=np.int64)
        if series.counters is None
        else np.diff(series.counters) - 1
    )
    for at in np.flatnonzero(steps_s < 0).tolist():
        text = f"the clock went back by {-steps_s[at]:,.0f} s at {iso_utc(series.times_s[at])}"
        yield make(
            series,
            "clock-back",
            (at, at + 1),
            -steps_s[at],
            limit=0,
            severity="critical",
            text=text,
        )
    yield from _same_times(series, steps_s)
    for at in np.flatnonzero(steps_s > profile.silence_s).tolist():
        expected_s = profile.silence_s + missing[at] * profile.interval_s * 1.5
        if steps_s[at] <= expected_s:
            continue  # The missing counters account for the time.
        text = f"{steps_s[at]:,.0f} s between two readings, usual are {profile.interval_s:,.0f} s"
        rule = "silence" if series.counters is None or not _leapt(series, at) else "clock-jump"
        yield make(
            series,
            rule,
            (at, at + 1),
            steps_s[at],
            limit=profile.silence_s,
            severity="warning",
            text=text,
        )


def _gaps(series: Series) -> Iterator[Finding]:
    if series.counters is None:
        return
    missing = np.diff(series.counters) - 1
    for at in np.flatnonzero(missing > 0).tolist():
        first, last = series.counters[at] + 1, series.counters[at + 1] - 1
        text = f"{missing[at]:,} readings are missing, counters {first} to {last}"
        yield make(series, "gap", (at, at + 1), missing[at], limit=0, severity="warning", text=text)


def _same_times(series: Series, steps_s: "np.typing.NDArray[np.float64]") -> Iterator[Finding]:
    same = np.concatenate([[False], steps_s == 0, [False]])
    edges = np.flatnonzero(np.diff(same))
    for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        text = f"{b - a + 1} readings carry the time {iso_utc(series.times_s[a])}"
        yield make(
            series, "duplicate-time", (a, b), b - a + 1, limit=1, severity="notice", text=text
        )


def _leapt(series: Series, at: int) -> bool:
    """Say whether counters go on while the time leaps: the clock moved, not the readings."""
    assert series.counters is not None
    return bool(series.counters[at + 1] == series.counters[at] + 1)
