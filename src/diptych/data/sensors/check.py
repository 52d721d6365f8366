"""Check a series: learn, look, learn on; the one entry point to all detectors. Pure."""

from dataclasses import dataclass

import numpy as np

from diptych.data.sensors.excursion import excursion_findings
from diptych.data.sensors.findings import Finding, Limits
from diptych.data.sensors.profile import (
    DAY_S,
    MIN_HISTORY,
    SPIKE_SIDE,
    STEP_SIDE,
    Profile,
    Sensitivity,
    learn_profile,
)
from diptych.data.sensors.series import Flags, Series
from diptych.data.sensors.timing import timing_findings
from diptych.data.sensors.values import value_findings

HISTORY_S = 28 * DAY_S
HISTORY_READINGS = 2016
BLOCK_S = 7 * DAY_S
PROVEN = frozenset({"gap", "clock-back", "clock-jump", "duplicate-time", "silence", "conflict"})
"""Rules that counters and clocks prove; the others are estimates."""


@dataclass(frozen=True)
class Options:
    """How to check.

    Attributes:
        history: readings at the start that are taken as clean; by default what 28 days or 2,016
            readings hold, at most a third of the series.
        limits: what the goods demand.
        sensitivity: see `Sensitivity`.
    """

    history: int | None = None
    limits: Limits | None = None
    sensitivity: Sensitivity | None = None


def check_series(series: Series, options: Options | None = None) -> list[Finding]:
    """Return all findings after the history, in order of their first reading.

    The profile is learned anew every week, from the readings before without those flagged.

    Raises:
        BadSeries: the history is too short.
    """
    wanted = options or Options()
    start = history_length(series, wanted.history)
    found: list[Finding] = []
    flagged = np.zeros(len(series), dtype=bool)
    at = start
    while at < len(series):
        profile = learn_profile(_before(series, at, start, flagged), wanted.sensitivity)
        stop = min(len(series), at + max(MIN_HISTORY, int(BLOCK_S / profile.interval_s)))
        new = check_part(series, (at, stop), profile)
        for finding in new:
            flagged[finding.first : finding.last + 1] = True
        found += new
        at = stop
    if wanted.limits is not None:
        found += excursion_findings(series, wanted.limits)
    return sorted(found, key=lambda one: (one.first, one.rule))


def check_part(series: Series, span: tuple[int, int], profile: Profile) -> list[Finding]:
    """Return the findings among the readings `span[0]` up to, not including, `span[1]`."""
    start, stop = span
    back = max(0, start - STEP_SIDE)
    part = series.part(start, stop)
    with_last = series.part(max(0, start - 1), stop)
    shift = start - max(0, start - 1)
    found = [_moved(one, start - shift) for one in timing_findings(with_last, profile)]
    lead, follow = series.values[back:start], series.values[stop : stop + SPIKE_SIDE]
    values = value_findings(part, profile, lead, follow)
    return found + [_moved(one, start) for one in values]


def history_length(series: Series, wanted: int | None = None) -> int:
    """Return how many readings at the start are taken as clean."""
    if wanted is not None:
        return min(wanted, len(series))
    within = int(np.sum(series.times_s <= series.times_s[0] + HISTORY_S)) if len(series) else 0
    return max(MIN_HISTORY, min(within, HISTORY_READINGS, len(series) // 3))


def _before(series: Series, at: int, start: int, flagged: Flags) -> Series:
    """Return the clean readings before `at`; all of them where most are flagged."""
    first = max(0, at - max(start, MIN_HISTORY))
    keep = ~flagged[first:at]
    part = series.part(first, at)
    return part.kept(keep) if keep.mean() > 0.5 and keep.sum() >= MIN_HISTORY else part


def _moved(finding: Finding, by: int) -> Finding:
    from dataclasses import replace

    return replace(finding, first=finding.first + by, last=finding.last + by)
