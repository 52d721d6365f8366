"""A forecast gains from leaving flagged readings out; the plot shows them."""

import numpy as np
import pytest
from tests.unit.sensors.maker import changed, clean_series

from diptych.data.sensors.check import Options, check_series
from diptych.data.sensors.errors import BadSeries
from diptych.data.sensors.findings import Limits
from diptych.data.sensors.forecast import (
    LAGS,
    fit_forecaster,
    lagged,
    mean_absolute_error,
)
from diptych.data.sensors.plot import plot_series
from diptych.data.sensors.series import Floats

FAULTY = changed(clean_series(), 900, np.full(40, -127.0))


def _error(values: Floats, keep: np.ndarray | None = None) -> float:
    test = clean_series().values[1200 - LAGS :]
    _, actual = lagged(test, LAGS, 1)
    return mean_absolute_error(actual, fit_forecaster(values, keep).predict(test))


def test_flagged_readings_are_better_left_out() -> None:
    keep = np.ones(1200, dtype=bool)
    for one in check_series(FAULTY.part(0, 1200), Options(history=800)):
        keep[one.first : one.last + 1] = False
    clean, with_fault = _error(clean_series().values[:1200]), _error(FAULTY.values[:1200])
    without = _error(FAULTY.values[:1200], keep)
    assert without < 0.8 * with_fault
    assert without == pytest.approx(clean, rel=0.05)


def test_the_forecast_beats_no_change() -> None:
    test = clean_series().values[1200 - LAGS :]
    windows, actual = lagged(test, LAGS, 1)
    assert _error(clean_series().values[:1200]) < mean_absolute_error(actual, windows[:, -1])


def test_too_little_to_learn_from() -> None:
    with pytest.raises(BadSeries):
        fit_forecaster(np.arange(40.0))
    with pytest.raises(BadSeries):
        fit_forecaster(np.arange(400.0), np.zeros(400, dtype=bool))


def test_the_plot_shows_limits_and_findings_and_loads_nothing() -> None:
    found = check_series(FAULTY, Options(history=800))
    svg = plot_series(FAULTY, found, limits=Limits(2, 8))
    assert svg == plot_series(FAULTY, found, limits=Limits(2, 8))
    text = svg.decode()
    assert "dropout" in text
    assert "room" in text
    assert "dropout" not in plot_series(FAULTY, []).decode()
    assert 'href="http' not in text
