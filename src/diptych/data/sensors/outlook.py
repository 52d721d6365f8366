"""The next readings with intervals, and what leaving flagged readings out was worth. Pure.

Intervals are split conformal (Lei, G'Sell, Rinaldo, Tibshirani and Wasserman 2018): the quantile
of the errors that the same fit made on the last quarter of the series, which it had not seen. They
hold as long as the sensor goes on as it did there; `coverage` says what they held afterwards.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from diptych.core.errors import JsonValue
from diptych.data.sensors.benefit import Benefit, measure_benefit
from diptych.data.sensors.errors import BadSeries
from diptych.data.sensors.findings import Finding
from diptych.data.sensors.forecast import LAGS, fit_recent, lagged
from diptych.data.sensors.series import Flags, Floats, Series

MAX_AHEAD: Final = 336
_SEEN: Final = 0.75
"""Share of the series from which the fit is learned whose errors make the intervals."""


@dataclass(frozen=True)
class Step:
    """One forecast reading, in the sensor's unit: the value and its interval."""

    ahead: int
    time_s: float
    value: float
    low: float
    high: float

    def to_json(self) -> dict[str, JsonValue]:
        """Return the step as `--json` shows it."""
        from diptych.core.clock import iso_utc

        numbers = {"value": self.value, "low": self.low, "high": self.high}
        shown: dict[str, JsonValue] = {n: float(f"{v:.6g}") for n, v in numbers.items()}
        return {"ahead": self.ahead, "time": iso_utc(self.time_s), **shown}


@dataclass(frozen=True)
class Outlook:
    """A forecast.

    Attributes:
        steps: one for each reading ahead.
        level: share of the readings that the intervals are meant to hold.
        coverage: the share that intervals from the older half of the errors held of the newer half.
        method: `ridge`, or `no change` where that was as good.
        flagged: readings that were left out.
        replaced: how many of the last readings are flagged; the one before stands for them.
        benefit: what leaving them out was worth.
    """

    steps: tuple[Step, ...]
    level: float
    coverage: float
    method: str
    flagged: int
    replaced: int
    benefit: Benefit


def flags_of(findings: list[Finding], count: int) -> Flags:
    """Return which of `count` readings a finding covers."""
    flagged = np.zeros(count, dtype=bool)
    for one in findings:
        flagged[one.first : one.last + 1] = True
    return flagged


def foresee(
    series: Series,
    findings: list[Finding],
    *,
    history: int,
    ahead: int,
    level: float = 0.9,
    advance: Callable[[int], None] = lambda _: None,
) -> Outlook:
    """Forecast the next readings, learned without the flagged ones.

    Args:
        series: readings of one sensor.
        findings: what `check_series` says of it.
        history: readings at the start that were taken as clean.
        ahead: how many readings.
        level: share of the readings that the intervals are meant to hold, between 0 and 1.
        advance: told about each fold and step that is done.

    Raises:
        BadSeries: the series is too short for so many steps at this level.
    """
    if not 1 <= ahead <= MAX_AHEAD or not 0 < level < 1:
        raise BadSeries(f"got {ahead} readings ahead at level {level}, expected 1 to {MAX_AHEAD}")
    keep = ~flags_of(findings, len(series))
    benefit = measure_benefit(series, ~keep, history=history, ahead=ahead, advance=advance)
    ridge = benefit.error_without < benefit.error_no_change
    last = _filled(series.values[-LAGS:], keep[-LAGS:])
    interval_s = float(np.median(np.diff(series.times_s)))
    steps, held = [], []
    for count in range(1, ahead + 1):
        errors = _errors(series.values, keep, count, ridge=ridge)
        half = len(errors) // 2
        held.append(np.mean(errors[half:] <= _quantile(errors[:half], level)))
        reach = _quantile(errors, level)
        value = float(last[-1])
        if ridge:
            value = fit_recent(series.values, keep, ahead=count).next_value(last)
        time_s = float(series.times_s[-1]) + count * interval_s
        steps.append(Step(count, time_s, value, value - reach, value + reach))
        advance(1)
    return Outlook(
        steps=tuple(steps),
        level=level,
        coverage=float(np.mean(held)),
        method="ridge" if ridge else "no change",
        flagged=int(np.sum(~keep)),
        replaced=int(np.sum(~keep[-LAGS:])),
        benefit=benefit,
    )


def _errors(values: Floats, keep: Flags, ahead: int, *, ridge: bool) -> Floats:
    """Return |forecast - reading| for the clean readings that the fit has not seen, in order."""
    cut = int(len(values) * _SEEN)
    start = max(0, cut - LAGS - ahead + 1)
    windows, actual = lagged(values[start:], LAGS, ahead)
    seen, wanted = lagged(keep[start:].astype(np.float64), LAGS, ahead)
    forecasts = windows[:, -1]
    if ridge:
        forecasts = fit_recent(values[:cut], keep[:cut], ahead=ahead).predict(values[start:])
    return np.asarray(np.abs(actual - forecasts)[seen.all(axis=1) & (wanted > 0)])


def _quantile(errors: Floats, level: float) -> float:
    """Return the conformal quantile: the ceil((n + 1) level)-th smallest error."""
    rank = int(np.ceil((len(errors) + 1) * level))
    if rank > len(errors):
        raise BadSeries(
            f"got {len(errors)} clean readings to measure errors on, too few for this level",
            hint="forecast fewer readings, or at a lower --level",
        )
    return float(np.sort(errors)[rank - 1])


def _filled(values: Floats, keep: Flags) -> Floats:
    """Return the values with the last clean one before in place of each flagged one."""
    if not keep.any():
        raise BadSeries(
            f"all of the last {LAGS} readings are flagged: there is nothing to forecast from",
            hint="diptych data sensors check",
        )
    places = np.where(keep, np.arange(len(values)), -1)
    before = np.maximum.accumulate(places)
    return np.asarray(values[np.where(before < 0, int(np.argmax(keep)), before)])
