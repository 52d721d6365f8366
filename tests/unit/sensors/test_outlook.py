"""Forecasts: intervals hold, flagged readings stay out, and what that was worth is measured."""

import numpy as np
import pytest
from tests.unit.sensors.maker import changed, clean_series

from diptych.data.sensors.check import check_series, history_length
from diptych.data.sensors.errors import BadSeries
from diptych.data.sensors.outlook import Outlook, foresee
from diptych.data.sensors.plot import plot_page, plot_series
from diptych.data.sensors.series import Series

LONG = clean_series(2100)
SEEN = LONG.part(0, 2000)
FAULTY = changed(SEEN, 800, np.full(40, -127.0))


def forecast(series: Series, *, ahead: int = 12, level: float = 0.9) -> Outlook:
    history = history_length(series)
    return foresee(series, check_series(series), history=history, ahead=ahead, level=level)


def test_intervals_hold_what_they_say() -> None:
    outlook = forecast(SEEN)
    assert outlook.method == "ridge"
    assert 0.84 < outlook.coverage < 0.97
    truth = LONG.values[2000:2012]
    held = [one.low <= value <= one.high for one, value in zip(outlook.steps, truth, strict=True)]
    assert sum(held) >= 9
    assert [one.ahead for one in outlook.steps] == list(range(1, 13))
    assert outlook.steps[2].time_s == LONG.times_s[2002]
    narrow = forecast(SEEN, level=0.5).steps
    assert all(
        n.low > w.low and n.high < w.high for w, n in zip(outlook.steps, narrow, strict=True)
    )


def test_flagged_readings_left_out_save_much() -> None:
    gain = forecast(FAULTY).benefit
    assert gain.left_out >= 40
    assert gain.saved > 0.5
    assert gain.low > 0.3
    assert gain.error_without < gain.error_no_change < gain.error_with
    assert "saved" in gain.sentence


def test_nothing_flagged_saves_nothing() -> None:
    gain = forecast(SEEN).benefit
    assert (gain.left_out, gain.saved, gain.low, gain.high) == (0, 0, 0, 0)
    assert gain.error_with == gain.error_without
    assert "nothing to gain" in gain.sentence


def test_what_is_flagged_later_helps_no_earlier_forecast() -> None:
    late = changed(SEEN, 1990, np.full(10, -127.0))
    assert forecast(late).benefit.left_out == 0


def test_flagged_readings_at_the_end_are_not_forecast_from() -> None:
    late = changed(SEEN, 1994, np.full(6, -127.0))
    outlook = forecast(late)
    assert outlook.replaced >= 6
    assert all(3 < one.value < 7 for one in outlook.steps)
    with pytest.raises(BadSeries, match="all of the last"):
        forecast(changed(SEEN, 1960, np.full(40, -127.0)))


def test_a_random_walk_is_forecast_as_it_stands() -> None:
    walk = np.cumsum(np.random.default_rng(5).normal(size=900))
    series = Series("walk", np.arange(900, dtype=np.float64) * 600, walk)
    outlook = foresee(series, [], history=300, ahead=4)
    assert outlook.method == "no change"
    assert {one.value for one in outlook.steps} == {walk[-1]}


def test_a_constant_series() -> None:
    series = Series("flat", np.arange(900, dtype=np.float64) * 600, np.full(900, 4.0))
    outlook = foresee(series, [], history=300, ahead=3)
    assert [(one.low, one.value, one.high) for one in outlook.steps] == [(4.0, 4.0, 4.0)] * 3


@pytest.mark.parametrize(("count", "ahead"), [(60, 4), (100, 60), (1500, 0), (1500, 400)])
def test_too_short_or_too_far(count: int, ahead: int) -> None:
    with pytest.raises(BadSeries):
        foresee(clean_series(count), [], history=30, ahead=ahead)


def test_a_level_that_the_errors_cannot_tell() -> None:
    series = clean_series(240)
    foresee(series, [], history=60, ahead=2, level=0.9)
    with pytest.raises(BadSeries, match="too few for this level"):
        foresee(series, [], history=60, ahead=2, level=0.99)


def test_the_picture_shows_the_forecast_and_the_page_loads_nothing() -> None:
    steps = forecast(SEEN).steps
    svg = plot_series(SEEN, [], forecast=steps)
    assert svg == plot_series(SEEN, [], forecast=steps)
    assert b"forecast" in svg
    assert b"forecast" not in plot_series(SEEN, [])
    page = plot_page(svg, title="<script>", sentences=["a & b"]).decode()
    assert "<script>" not in page
    assert "default-src 'none'" in page
    assert "http://" not in page.replace('lang="en"', "")
    named = Series("$x^{$", SEEN.times_s, SEEN.values)
    assert b"$x^{$" in plot_series(named, [])
