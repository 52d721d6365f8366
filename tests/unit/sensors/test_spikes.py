"""Spikes: in noise that has bounds, at the border of a week, at the end of a series."""

import numpy as np
import pytest
from tests.unit.sensors.maker import changed, clean_series

from diptych.data.sensors.check import Options, check_series, history_length
from diptych.data.sensors.profile import ending_limit, learn_profile
from diptych.data.sensors.series import Floats, Series

WEEK = 1008
RARE = 1 / 8064


def noisy(seed: int, count: int = 2000) -> Series:
    """White noise that never leaves 35 to 45: a load or a latency."""
    values = np.random.default_rng(seed).uniform(35, 45, count).round(2)
    times_s = 1_700_000_000.0 + 300.0 * np.arange(count, dtype=np.float64)
    return Series("load", times_s, values, np.arange(1, count + 1, dtype=np.int64))


def spikes(series: Series, history: int) -> list[int]:
    found = check_series(series, Options(history=history))
    return [one.first for one in found if one.rule == "spike"]


@pytest.mark.parametrize("seed", range(5))
def test_noise_with_bounds_hides_no_spike_outside_them(seed: int) -> None:
    series = noisy(seed)
    assert spikes(series, 1000) == []
    values = series.values[1500:1501]
    assert spikes(changed(series, 1500, 40 + 18 * np.sign(values - 40)), 1000) == [1500]


@pytest.mark.parametrize("back", [1, 2])
def test_a_spike_beside_the_end_or_between_two_weeks_is_found(back: int) -> None:
    series = clean_series(800 + WEEK + 600)
    for at in (800, 800 + WEEK - 1, 800 + WEEK, len(series) - 1 - back):
        assert spikes(changed(series, at, np.array([9.0])), 800) == [at]


def test_a_jump_at_the_very_end_is_no_spike_yet() -> None:
    series = clean_series(1200)
    assert spikes(changed(series, len(series) - 1, np.array([9.0])), 800) == []


def test_the_tail_of_bounded_noise_ends() -> None:
    statistic = np.random.default_rng(5).uniform(0, 1, 4000)
    rare = 1e-7
    assert 1 < ending_limit(statistic, rare) < 1.25
    exponential = np.random.default_rng(5).exponential(0.3, 4000)
    assert ending_limit(exponential, rare) > 3 * ending_limit(statistic, rare)


def test_an_exponential_tail_is_taken_for_one() -> None:
    statistic: Floats = np.random.default_rng(4).exponential(1.0, 20_000)
    assert ending_limit(statistic, RARE) == pytest.approx(np.log(1 / RARE), rel=0.1)


def test_wild_values_in_the_history_do_not_raise_the_limit() -> None:
    series = clean_series()
    wild = changed(changed(series, 100, np.array([500.0])), 400, np.array([-500.0]))
    clean, raised = (learn_profile(one.part(0, 800)).spike_limit for one in (series, wild))
    assert raised < 1.5 * clean


def test_a_constant_history_has_no_tail() -> None:
    assert ending_limit(np.zeros(100), RARE) == 0
    assert history_length(noisy(1)) == 666
