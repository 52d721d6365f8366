"""What is normal for a sensor, learned from its own clean history without labels. Pure.

Each statistic gets a limit that the sensor itself should pass less than once in `TARGET_WEEKS`
weeks: the tail above a high quantile is continued (peaks over threshold, Pickands 1975; Siffer et
al. 2017 for streams), exponentially or, for spikes, with an end where the history shows one. Scales
are medians of absolute deviations (Hampel 1974).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from diptych.data.sensors.errors import BadSeries
from diptych.data.sensors.repeats import longest_repeat
from diptych.data.sensors.series import Floats, Series
from diptych.data.sensors.statistics import (
    level_statistic,
    noise_statistic,
    resolution_of,
    run_lengths,
    spike_statistic,
    step_statistic,
)

MIN_HISTORY: Final = 30
WEEK_S: Final = 604_800.0
DAY_S: Final = 86_400.0
TARGET_WEEKS: Final = 4.0
SPIKE_SIDE: Final = 3
STEP_SIDE: Final = 6
NOISE_WIDTH: Final = 24
LEVEL_WIDTH: Final = 12
_MAD_TO_SIGMA: Final = 1.4826
_LEAST_SHAPE: Final = -0.3


@dataclass(frozen=True)
class Sensitivity:
    """How far beyond its history a sensor may go; larger means fewer findings.

    Attributes:
        tail: factor on the continued tail of spike, step and noise.
        level: margin of the level on either side, in robust standard deviations of the level.
    """

    tail: float = 1.3
    level: float = 2.0


@dataclass(frozen=True)
class Profile:
    """What is normal; all values in the sensor's unit.

    Attributes:
        interval_s: median time between readings.
        silence_s: longest normal time between readings.
        resolution: smallest step between values.
        season: what each hour of the day adds, shape (24,); all 0 where that explains nothing.
        low: smallest value of the history.
        high: largest one.
        noise: usual scatter.
        spike_limit: of `spike_statistic`.
        step_limit: of `step_statistic`.
        noise_limit: of `noise_statistic`.
        level_low: lower limit of the smoothed level, season taken off.
        level_high: upper one.
        stuck_limit: longest normal run of equal values.
        repeat_limit: longest normal repetition of a stretch, in readings.
        past: the values of the history.
    """

    interval_s: float
    silence_s: float
    resolution: float
    season: Floats
    low: float
    high: float
    noise: float
    spike_limit: float
    step_limit: float
    noise_limit: float
    level_low: float
    level_high: float
    stuck_limit: int
    repeat_limit: int
    past: Floats

    def without_season(self, series: Series) -> Floats:
        """Return the values less what the hour of the day adds."""
        return series.values - self.season[hours_of(series.times_s)]


def learn_profile(history: Series, sensitivity: Sensitivity | None = None) -> Profile:
    """Learn what is normal.

    Args:
        history: clean readings, at least 30; a few faults do little harm.
        sensitivity: how far beyond it the sensor may go.

    Raises:
        BadSeries: the history is too short.
    """
    if len(history) < MIN_HISTORY:
        raise BadSeries(
            f"'{history.name}': got a history of {len(history)} readings, "
            f"expected at least {MIN_HISTORY}"
        )
    wanted = sensitivity or Sensitivity()
    values = history.values
    steps_s = np.diff(history.times_s)
    steps_s = steps_s[steps_s > 0] if np.any(steps_s > 0) else np.ones(1)
    interval_s = float(np.median(steps_s))
    resolution = resolution_of(values)
    season = _season(history, interval_s)
    level = level_statistic(values - season[hours_of(history.times_s)], LEVEL_WIDTH)
    margin = wanted.level * max(_sigma(level), resolution)
    margin += float(np.ptp(level)) * _unseen(float(np.ptp(history.times_s)))
    rare = interval_s / (WEEK_S * TARGET_WEEKS)
    floor = 3 * resolution

    def limit(statistic: Floats) -> float:
        return max(floor, wanted.tail * tail_limit(statistic, rare))

    return Profile(
        interval_s=interval_s,
        silence_s=_silence(steps_s, interval_s),
        resolution=resolution,
        season=season,
        low=float(values.min()),
        high=float(values.max()),
        noise=float(np.median(noise_statistic(values, NOISE_WIDTH))),
        spike_limit=max(floor, wanted.tail * _spike_limit(values, rare)),
        step_limit=limit(step_statistic(values, STEP_SIDE)),
        noise_limit=limit(noise_statistic(values, NOISE_WIDTH)),
        level_low=float(level.min()) - margin,
        level_high=float(level.max()) + margin,
        stuck_limit=_stuck(values, rare),
        repeat_limit=_repeat(values),
        past=values,
    )


def hours_of(times_s: Floats) -> "np.typing.NDArray[np.int64]":
    """Return the hour of the day (UTC) of each time."""
    return (np.floor(times_s / 3600.0) % 24).astype(np.int64)


def tail_limit(statistic: Floats, rare: float) -> float:
    """Return what the statistic passes with probability `rare` per reading, its tail exponential.

    A median stands for the mean excess, so that a few wild values in the history do not raise it.

    Args:
        statistic: of the history, shape (n,).
        rare: less than 1 / n, as a rule.
    """
    start, excesses = _tail(statistic, max(10, len(statistic) // 50))
    excess = float(np.median(excesses)) / np.log(2)
    return float(start + excess * np.log(_longer(statistic, excesses, rare)))


def ending_limit(statistic: Floats, rare: float) -> float:
    """Return the same from a tail that may end: much noise has bounds that it never passes.

    A generalised Pareto tail, its shape and scale from probability-weighted moments (Hosking and
    Wallis 1987), the shape held between 0, which is exponential, and -0.3.

    Args:
        statistic: of the history, shape (n,).
        rare: less than 1 / n, as a rule.
    """
    start, excesses = _tail(statistic, max(20, len(statistic) // 10))
    mean = float(np.mean(excesses))
    if mean <= 0:
        return start
    ranks = (np.arange(1, len(excesses) + 1) - 0.35) / len(excesses)
    spread = mean - 2 * float(np.mean((1 - ranks) * excesses))
    shape = float(np.clip(2 - mean / spread, _LEAST_SHAPE, 0.0)) if spread > 0 else 0.0
    factor = _longer(statistic, excesses, rare)
    grown = (factor**shape - 1) / shape if shape < 0 else np.log(factor)
    return float(start + mean * (1 - shape) * grown)


def _spike_limit(values: Floats, rare: float) -> float:
    """Return the lower of both limits, as a few wild values raise only one of them."""
    statistic = spike_statistic(values, SPIKE_SIDE)
    return min(tail_limit(statistic, rare), ending_limit(statistic, rare))


def _tail(statistic: Floats, wanted: int) -> tuple[float, Floats]:
    """Return (where the tail starts, the ascending excesses over it)."""
    beyond = min(len(statistic) - 1, wanted)
    ordered = np.sort(statistic)
    start = float(ordered[len(ordered) - beyond - 1])
    return start, ordered[len(ordered) - beyond :] - start


def _longer(statistic: Floats, excesses: Floats, rare: float) -> float:
    """Return how many times as long as the history one must wait for one reading so rare."""
    return max(len(excesses) / len(statistic) / rare, 1.0)


def _season(history: Series, interval_s: float) -> Floats:
    """Return the robust daily profile if it explains the history better than none."""
    none = np.zeros(24)
    hours = hours_of(history.times_s)
    if interval_s > 2 * 3600 or np.ptp(history.times_s) < 5 * DAY_S or len(set(hours)) < 20:
        return none
    values = history.values
    center = np.median(values)
    season = np.array(
        [np.median(values[hours == h]) - center if np.any(hours == h) else 0 for h in range(24)]
    )
    return season if _sigma(values - season[hours]) < 0.9 * _sigma(values) else none


def _unseen(span_s: float) -> float:
    """Return by how many of its ranges a level may leave a history that saw less than a day."""
    return float(np.clip(DAY_S / max(span_s, 1.0) - 1, 0.0, 3.0))


def _silence(steps_s: Floats, interval_s: float) -> float:
    return max(5 * interval_s, 2 * float(np.quantile(steps_s, 0.99)))


def _stuck(values: Floats, rare: float) -> int:
    """Return the longest normal run: twice the longest seen, and what chance would make."""
    _, lengths = run_lengths(values)
    equal = float(np.mean(np.diff(values) == 0))
    chance = np.log(rare) / np.log(equal) if 0 < equal < 1 else 0.0
    return int(max(4, 2 * np.max(lengths), chance))


def _repeat(values: Floats) -> int:
    return max(8, 2 * longest_repeat(values) + 2)


def _sigma(values: Floats) -> float:
    return float(_MAD_TO_SIGMA * np.median(np.abs(values - np.median(values))))
