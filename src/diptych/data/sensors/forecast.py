"""A forecast of the next readings from the last ones, learned with or without flagged readings.

Ridge regression on lags (Hoerl and Kennard 1970), scaled by median and MAD. Deliberately simple:
what is shown with it is whether flagged readings should be kept out of the training, beside the
forecast that everything stays as it is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from diptych.data.sensors.errors import BadSeries
from diptych.data.sensors.series import Flags, Floats

LAGS = 24
RIDGE = 1.0
MAX_FITTED = 20_000
"""Newest readings that `fit_recent` learns from."""


@dataclass(frozen=True)
class Forecaster:
    """A fitted forecast.

    Attributes:
        weights: one for each lag, the oldest first.
        center: subtracted from the values.
        constant: added to the forecast, less the center.
        ahead: how many readings ahead it looks.
        rows: how many rows it was learned from.
    """

    weights: Floats
    center: float
    constant: float
    ahead: int
    rows: int

    def predict(self, values: Floats) -> Floats:
        """Return the forecasts of `values[lags + ahead - 1:]` from the readings before each.

        Args:
            values: shape (n,).

        Returns:
            shape (n - lags - ahead + 1,).
        """
        windows, _ = lagged(values - self.center, len(self.weights), self.ahead)
        return np.asarray(windows @ self.weights + self.constant + self.center)

    def next_value(self, last: Floats) -> float:
        """Return the value `ahead` readings after the last ones, shape (lags,)."""
        return float((last - self.center) @ self.weights + self.constant + self.center)


def lagged(values: Floats, lags: int, ahead: int) -> tuple[Floats, Floats]:
    """Return (windows, targets): shape (m, lags) and (m,) with m = n - lags - ahead + 1."""
    if len(values) < lags + ahead:
        return np.empty((0, lags)), np.empty(0)
    windows = sliding_window_view(values, lags)[: len(values) - lags - ahead + 1]
    return windows, values[lags + ahead - 1 :]


def fit_forecaster(
    values: Floats, keep: Flags | None = None, *, lags: int = LAGS, ahead: int = 1
) -> Forecaster:
    """Fit on all rows whose lags and target are kept.

    Args:
        values: shape (n,).
        keep: which readings may be used, shape (n,); by default all.
        lags: how many readings a forecast sees.
        ahead: how many readings ahead it looks.

    Raises:
        BadSeries: fewer than twice as many rows as lags are left.
    """
    kept = np.ones(len(values), dtype=bool) if keep is None else keep
    center = float(np.median(values[kept])) if kept.any() else 0.0
    windows, targets = lagged(values - center, lags, ahead)
    usable, wanted = lagged(kept.astype(np.float64), lags, ahead)
    rows = (usable.all(axis=1)) & (wanted > 0)
    if rows.sum() < 2 * lags:
        raise BadSeries(f"got {int(rows.sum())} usable rows, expected at least {2 * lags}")
    x, y = windows[rows], targets[rows]
    mean_x, mean_y = x.mean(axis=0), float(y.mean())
    centered = x - mean_x
    scale = float(np.mean(centered**2)) or 1.0
    gram = centered.T @ centered + RIDGE * scale * np.eye(lags)
    weights = np.linalg.solve(gram, centered.T @ (y - mean_y))
    return Forecaster(weights, center, mean_y - float(mean_x @ weights), ahead, int(rows.sum()))


def fit_recent(values: Floats, keep: Flags | None, *, ahead: int) -> Forecaster:
    """Fit on the newest `MAX_FITTED` readings; see `fit_forecaster`."""
    kept = None if keep is None else keep[-MAX_FITTED:]
    return fit_forecaster(values[-MAX_FITTED:], kept, ahead=ahead)


def mean_absolute_error(actual: Floats, forecast: Floats) -> float:
    """Return the mean absolute error of forecasts, in the unit of the values."""
    return float(np.mean(np.abs(actual - forecast)))
