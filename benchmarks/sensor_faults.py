"""Seeded faults put into real logs.

Kinds after Sharma, Golubchik and Govindan 2010 (short, noise, constant) and Ni et al. 2009
(calibration, gain, drift, stuck-at, clipped), plus what counters and clocks show. Sizes are drawn
in units of the sensor's own robust standard deviation (at least 20 steps of its resolution).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from diptych.data.sensors.series import Floats, Series
from diptych.data.sensors.statistics import noise_statistic, resolution_of

Random = np.random.Generator


@dataclass(frozen=True)
class Faulty:
    """A series with one fault in readings `first` to `last`."""

    kind: str
    series: Series
    first: int
    last: int


@dataclass(frozen=True)
class Scale:
    """A sensor's robust standard deviation and usual scatter."""

    sigma: float
    noise: float
    low: float
    high: float


def scale_of(history: Floats) -> Scale:
    """Measure the history."""
    floor = 20 * resolution_of(history)
    sigma = 1.4826 * float(np.median(np.abs(history - np.median(history))))
    noise = max(float(np.median(noise_statistic(history, 16))), resolution_of(history))
    return Scale(max(sigma, floor), noise, float(history.min()), float(history.max()))


def inject(kind: str, series: Series, history: int, random: Random) -> Faulty:
    """Put one fault of `kind` somewhere after the history."""
    return FAULTS[kind](series, history, random)


def _span(
    series: Series, history: int, random: Random, lengths: tuple[int, int]
) -> tuple[int, int]:
    """Draw (first, last) after the history, with a few clean readings before."""
    room = len(series) - history
    length = min(int(random.integers(lengths[0], lengths[1] + 1)), room * 2 // 3)
    first = history + int(random.integers(min(6, room - length), room - length + 1))
    return first, min(first + length - 1, len(series) - 1)


def _sign(random: Random) -> float:
    return float(random.choice([-1.0, 1.0]))


def _with(series: Series, **changed: object) -> Series:
    fields = {"times_s": series.times_s, "values": series.values, "counters": series.counters}
    merged: dict[str, object] = {**fields, **changed}
    return Series(series.name, **merged, unit=series.unit)  # type: ignore[arg-type]


def _gap(series: Series, history: int, random: Random) -> Faulty:
    first, last = _span(series, history, random, (3, 20))
    last = min(last, len(series) - 2)
    keep = np.ones(len(series), dtype=bool)
    keep[first : last + 1] = False
    return Faulty("gap", series.kept(keep), first - 1, first)


def _clock(kind: str, direction: float) -> Callable[[Series, int, Random], Faulty]:
    def put(series: Series, history: int, random: Random) -> Faulty:
        first, _ = _span(series, history, random, (4, 4))
        by = direction * float(random.integers(10, 60)) * float(np.median(np.diff(series.times_s)))
        times_s = series.times_s.copy()
        times_s[first:] += by
        return Faulty(kind, _with(series, times_s=times_s), first - 1, first)

    return put


def _same_time(series: Series, history: int, random: Random) -> Faulty:
    first, last = _span(series, history, random, (2, 5))
    times_s = series.times_s.copy()
    times_s[first : last + 1] = times_s[first]
    return Faulty("duplicate-time", _with(series, times_s=times_s), first, last)


def _values(
    kind: str, lengths: tuple[int, int], change: Callable[[Floats, Scale, Random], Floats]
) -> Callable[[Series, int, Random], Faulty]:
    def put(series: Series, history: int, random: Random) -> Faulty:
        first, last = _span(series, history, random, lengths)
        values = series.values.copy()
        scale = scale_of(values[:history])
        values[first : last + 1] = change(values[first : last + 1], scale, random)
        return Faulty(kind, _with(series, values=values), first, last)

    return put


def _replay(series: Series, history: int, random: Random) -> Faulty:
    first, last = _span(series, history, random, (24, 60))
    length = last - first + 1
    start = int(random.integers(0, max(1, first - 2 * length)))
    values = series.values.copy()
    values[first : last + 1] = values[start : start + length]
    return Faulty("replay", _with(series, values=values), first, last)


def _stuck(values: Floats, scale: Scale, random: Random) -> Floats:
    return np.full(len(values), values[0])


def _dropout(values: Floats, scale: Scale, random: Random) -> Floats:
    far = [v for v in (0.0, -127.0, 85.0, -999.0, 9999.0) if abs(v - values[0]) > 10 * scale.sigma]
    return np.full(len(values), float(random.choice(far)))


def _spike(values: Floats, scale: Scale, random: Random) -> Floats:
    return values + _sign(random) * random.uniform(5, 10) * scale.sigma


def _noise(values: Floats, scale: Scale, random: Random) -> Floats:
    return values + random.normal(0, random.uniform(3, 6) * scale.noise, len(values))


def _drift(values: Floats, scale: Scale, random: Random) -> Floats:
    end = _sign(random) * random.uniform(4, 8) * scale.sigma
    return values + np.linspace(0, end, len(values))


def _shift(values: Floats, scale: Scale, random: Random) -> Floats:
    return values + _sign(random) * random.uniform(4, 8) * scale.sigma


def _unit(values: Floats, scale: Scale, random: Random) -> Floats:
    fahrenheit, celsius = values * 1.8 + 32, (values - 32) / 1.8
    return [fahrenheit, celsius, values * 10, values / 10][int(random.integers(4))]


def _swap(values: Floats, scale: Scale, random: Random) -> Floats:
    middle = np.median(values)
    other = middle + (values - middle) * random.uniform(1.5, 3)
    noise = random.normal(0, scale.noise * random.uniform(1, 3), len(values))
    return other + noise + _sign(random) * random.uniform(3, 6) * scale.sigma


FAULTS: dict[str, Callable[[Series, int, Random], Faulty]] = {
    "gap": _gap,
    "clock-back": _clock("clock-back", -1),
    "clock-jump": _clock("clock-jump", 1),
    "duplicate-time": _same_time,
    "replay": _replay,
    "stuck": _values("stuck", (20, 60), _stuck),
    "dropout": _values("dropout", (3, 12), _dropout),
    "spike": _values("spike", (1, 1), _spike),
    "noise": _values("noise", (24, 60), _noise),
    "drift": _values("drift", (60, 200), _drift),
    "shift": _values("shift", (30, 200), _shift),
    "unit": _values("unit", (30, 200), _unit),
    "swap": _values("swap", (30, 200), _swap),
}
ACCEPTED = {
    **{kind: {kind} for kind in FAULTS},
    "stuck": {"stuck", "dropout"},
    "dropout": {"dropout", "stuck", "shift", "unit"},
    "drift": {"drift", "shift"},
    "shift": {"shift", "drift", "swap", "unit"},
    "unit": {"unit", "shift", "swap", "dropout"},
    "swap": {"swap", "shift", "drift", "noise", "unit"},
}
"""Rules that count as having found a fault: its own, or one that says the same of the level."""
