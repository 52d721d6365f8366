"""What leaving flagged readings out of the training is worth, measured on the series itself. Pure.

The origin rolls on (Tashman 2000): the second half of the series is cut into blocks of time; for
each, a forecast is learned from the readings before it, once from all and once from those that were
not flagged at that time, and both are judged on the same readings of the block.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from diptych.core.errors import JsonValue
from diptych.data.sensors.check import Options, check_series
from diptych.data.sensors.errors import BadSeries
from diptych.data.sensors.forecast import LAGS, fit_recent, lagged
from diptych.data.sensors.series import Flags, Floats, Series

FOLDS: Final = 8
_AHEADS: Final = 4
_DRAWS: Final = 2000


@dataclass(frozen=True)
class Benefit:
    """Errors are mean absolute errors in the sensor's unit.

    Attributes:
        folds: blocks of time that were judged.
        readings: forecasts that were judged.
        left_out: readings that were flagged before the last block.
        error_with: learned from all readings.
        error_without: learned without the flagged ones.
        error_no_change: of the forecast that nothing changes.
        saved: share of the error that leaving them out saved; negative if it cost some.
        low: lower end of the 95 % interval of `saved`, over the blocks.
        high: its upper end.
    """

    folds: int
    readings: int
    left_out: int
    error_with: float
    error_without: float
    error_no_change: float
    saved: float
    low: float
    high: float

    @property
    def sentence(self) -> str:
        """What it says, in one sentence."""
        if not self.left_out:
            return "no reading was flagged before the last block: there was nothing to gain"
        interval = f"95 % interval {100 * self.low:.0f} to {100 * self.high:.0f} %"
        if self.low > 0:
            return f"leaving flagged readings out saved {100 * self.saved:.0f} % ({interval})"
        if self.high < 0:
            return f"leaving flagged readings out cost {-100 * self.saved:.0f} % ({interval})"
        return f"leaving flagged readings out made no difference beyond chance ({interval})"

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data sensors forecast --json` shows."""
        return {
            "folds": self.folds,
            "readings": self.readings,
            "left_out": self.left_out,
            "error_with_flagged": float(f"{self.error_with:.6g}"),
            "error_without_flagged": float(f"{self.error_without:.6g}"),
            "error_no_change": float(f"{self.error_no_change:.6g}"),
            "saved": round(self.saved, 4),
            "interval_95": [round(self.low, 4), round(self.high, 4)],
        }


def measure_benefit(
    series: Series,
    flagged: Flags,
    *,
    history: int,
    ahead: int,
    advance: Callable[[int], None] = lambda _: None,
) -> Benefit:
    """Compare forecasts learned with and without flagged readings, paired by time.

    Args:
        series: readings of one sensor.
        flagged: by the whole series, shape (n,): blocks are judged on the other readings.
        history: readings at the start that were taken as clean.
        ahead: longest forecast; up to four lengths from 1 to this are judged together.
        advance: told about each block.

    Raises:
        BadSeries: no block has enough readings before it.
    """
    edges = np.linspace(len(series) // 2, len(series), FOLDS + 1).astype(int).tolist()
    aheads = np.unique(np.linspace(1, ahead, _AHEADS).astype(int)).tolist()
    rows, left_out = [], 0
    for start, stop in pairwise(edges):
        known = _flagged_then(series.part(0, start), history)
        errors = sum(
            (_block(series.values, flagged, known, (start, stop, one)) for one in aheads),
            start=np.zeros(4),
        )
        if errors[3]:
            rows.append(errors)
            left_out = int(known.sum())
        advance(1)
    if not rows:
        raise BadSeries(
            f"'{series.name}': got {len(series):,} readings, too few to judge a forecast on",
            hint=f"expected several times {2 * LAGS + ahead}, most of them clean",
        )
    return _benefit(np.array(rows), left_out)


def _flagged_then(past: Series, history: int) -> Flags:
    """Return what was flagged when nothing after `past` was known."""
    flagged = np.zeros(len(past), dtype=bool)
    for one in check_series(past, Options(history=history)):
        flagged[one.first : one.last + 1] = True
    return flagged


def _block(values: Floats, flagged: Flags, known: Flags, span: tuple[int, int, int]) -> Floats:
    """Return sums of errors (with, without, no change) and their count, 0 where too few."""
    start, stop, ahead = span
    first = max(0, start - LAGS - ahead + 1)
    windows, actual = lagged(values[first:stop], LAGS, ahead)
    seen, wanted = lagged((~flagged[first:stop]).astype(np.float64), LAGS, ahead)
    clean = seen.all(axis=1) & (wanted > 0)
    try:
        with_all = fit_recent(values[:start], None, ahead=ahead)
        without = fit_recent(values[:start], ~known, ahead=ahead)
    except BadSeries:
        return np.zeros(4)
    forecasts = (one.predict(values[first:stop]) for one in (with_all, without))
    errors = [np.abs(actual - one)[clean].sum() for one in (*forecasts, windows[:, -1])]
    return np.array([*errors, float(clean.sum())])


def _benefit(rows: Floats, left_out: int) -> Benefit:
    """Sum up; the interval is a bootstrap over blocks (Efron 1979) with a fixed seed."""
    with_all, without, no_change, count = rows.sum(axis=0)
    drawn = rows[np.random.default_rng(7).integers(len(rows), size=(_DRAWS, len(rows)))].sum(axis=1)
    saved = 1 - drawn[:, 1] / np.maximum(drawn[:, 0], 1e-300)
    low, high = np.quantile(saved, [0.025, 0.975])
    return Benefit(
        folds=len(rows),
        readings=int(count),
        left_out=left_out,
        error_with=float(with_all / count),
        error_without=float(without / count),
        error_no_change=float(no_change / count),
        saved=float(1 - without / with_all) if with_all else 0.0,
        low=float(low) if with_all else 0.0,
        high=float(high) if with_all else 0.0,
    )
