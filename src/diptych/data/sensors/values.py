"""Findings about the values: stuck, spikes, scatter, level. Pure."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from diptych.data.sensors.findings import Finding
from diptych.data.sensors.intervals import make, stretches
from diptych.data.sensors.profile import (
    LEVEL_WIDTH,
    NOISE_WIDTH,
    SPIKE_SIDE,
    STEP_SIDE,
    Profile,
)
from diptych.data.sensors.repeats import repeated_from
from diptych.data.sensors.series import Flags, Floats, Series
from diptych.data.sensors.statistics import (
    level_statistic,
    noise_statistic,
    run_lengths,
    spike_statistic,
    step_statistic,
)

CONVERSIONS: Final[dict[str, tuple[float, float]]] = {
    "degF instead of degC": (1 / 1.8, -32 / 1.8),
    "degC instead of degF": (1.8, 32.0),
    "K instead of degC": (1.0, -273.15),
    "degC instead of K": (1.0, 273.15),
    **{f"{factor} times the value": (1 / factor, 0.0) for factor in (10, 100, 1000)},
    **{f"1/{factor} of the value": (float(factor), 0.0) for factor in (10, 100, 1000)},
}
"""(factor, summand) that bring values back that were sent in another unit or scale."""


def value_findings(
    series: Series, profile: Profile, lead: Floats, follow: Floats
) -> Iterator[Finding]:
    """Yield what is wrong with the values.

    Args:
        series: readings to check.
        profile: what is normal.
        lead: values just before the series (for windows that reach back).
        follow: values just after it (for windows that reach on).
    """
    yield from _stuck(series, profile)
    yield from _spikes(series, profile, np.concatenate([lead, series.values, follow]), len(lead))
    yield from _noise(series, profile)
    yield from _levels(series, profile, lead)
    for first, last in repeated_from(series.values, profile.past, profile.repeat_limit):
        count = last - first + 1
        text = f"{count} values in a row were sent before"
        yield make(
            series,
            "replay",
            (first, last),
            count,
            limit=profile.repeat_limit,
            severity="critical",
            text=text,
        )


def _stuck(series: Series, profile: Profile) -> Iterator[Finding]:
    starts, lengths = run_lengths(series.values)
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        value = series.values[start]
        jumped = start == 0 or abs(value - series.values[start - 1]) > profile.step_limit
        span = (start, start + length - 1)
        if length >= 3 and jumped and _far(value, profile):
            text = f"{length} readings in a row say {value:g}, which stands for no measurement"
            yield make(series, "dropout", span, length, limit=3, severity="critical", text=text)
        elif length > profile.stuck_limit:
            text = f"{length} readings in a row say {value:g}"
            yield make(
                series,
                "stuck",
                span,
                length,
                limit=profile.stuck_limit,
                severity="critical",
                text=text,
            )


def _far(value: float, profile: Profile) -> bool:
    reach = profile.high - profile.low + profile.step_limit
    return bool(value < profile.low - reach or value > profile.high + reach)


def _spikes(series: Series, profile: Profile, around: Floats, lead: int) -> Iterator[Finding]:
    statistic = spike_statistic(around, SPIKE_SIDE)[lead : lead + len(series)]
    for first, last in stretches(statistic > profile.spike_limit, join=2 * SPIKE_SIDE):
        worst = float(statistic[first : last + 1].max())
        text = f"a value lies {worst:.3g} beyond its neighbours"
        yield make(
            series,
            "spike",
            (first, last),
            worst,
            limit=profile.spike_limit,
            severity="warning",
            text=text,
        )


def _noise(series: Series, profile: Profile) -> Iterator[Finding]:
    statistic = noise_statistic(series.values, NOISE_WIDTH)
    for first, last in stretches(statistic > profile.noise_limit, join=2 * NOISE_WIDTH):
        worst = float(statistic[first : last + 1].max())
        text = f"the values scatter by {worst:.3g}, usual are {profile.noise:.3g}"
        yield make(
            series,
            "noise",
            (first, last),
            worst,
            limit=profile.noise_limit,
            severity="warning",
            text=text,
        )


def _levels(series: Series, profile: Profile, lead: Floats) -> Iterator[Finding]:
    level = level_statistic(profile.without_season(series), LEVEL_WIDTH)
    step = step_statistic(np.concatenate([lead, series.values]), STEP_SIDE)[len(lead) :]
    stepped = (step > profile.step_limit) & ~_after_a_pause(series, profile)
    outside = (level < profile.level_low) | (level > profile.level_high)
    for first, last in stretches(outside | stepped, join=2 * LEVEL_WIDTH):
        at = slice(first, last + 1)
        jump = bool(stepped[max(0, first - LEVEL_WIDTH) : first + LEVEL_WIDTH].any())
        rule, why = _name(series.values[at], profile, jump=jump)
        worst = float(level[at][np.argmax(np.abs(level[at] - np.median(profile.past)))])
        limit = profile.level_high if worst > profile.level_low else profile.level_low
        text = f"the level is {worst:.4g}, {why}"
        yield make(series, rule, (first, last), worst, limit=limit, severity="warning", text=text)


def _after_a_pause(series: Series, profile: Profile) -> Flags:
    """Flag the readings around a pause or gap: what changed meanwhile is no step."""
    paused = np.zeros(len(series), dtype=bool)
    paused[1:] = np.abs(np.diff(series.times_s)) > profile.silence_s
    if series.counters is not None:
        paused[1:] |= np.diff(series.counters) > 1
    near = np.convolve(paused, np.ones(2 * STEP_SIDE - 1), mode="same") > 0
    return np.asarray(near[: len(series)])


def _name(values: Floats, profile: Profile, *, jump: bool) -> tuple[str, str]:
    """Return (rule, what it means) for a level that left its range."""
    median = float(np.median(values))
    if jump and not profile.low <= median <= profile.high:
        for name, (factor, summand) in CONVERSIONS.items():
            if profile.low <= median * factor + summand <= profile.high:
                return "unit", f"which would be usual if it were {name}"
    usual = f"usual are {profile.level_low:.4g} to {profile.level_high:.4g}"
    noise = float(np.median(noise_statistic(values, NOISE_WIDTH))) if len(values) > 24 else 0.0
    if jump and noise and not profile.noise / 2.5 <= noise <= max(profile.noise * 2.5, 1e-12):
        return "swap", f"and the scatter {noise:.3g} instead of {profile.noise:.3g}: {usual}"
    return ("shift", f"at once; {usual}") if jump else ("drift", usual)
