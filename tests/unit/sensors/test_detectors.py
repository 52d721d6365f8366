"""Detectors: each fault is found where it is, and a clean series stays quiet."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.sensors.maker import changed, clean_series

from diptych.data.sensors.check import Options, check_series
from diptych.data.sensors.errors import BadSeries
from diptych.data.sensors.excursion import excursion_findings, mean_kinetic_temperature
from diptych.data.sensors.findings import RULES, Finding, Limits
from diptych.data.sensors.profile import learn_profile
from diptych.data.sensors.repeats import longest_repeat, repeated_from
from diptych.data.sensors.series import Series, read_csv
from diptych.data.sensors.statistics import spike_statistic, step_statistic

START = 900
OPTIONS = Options(history=800)


def found(series: Series) -> list[Finding]:
    return check_series(series, OPTIONS)


def rules_at(series: Series, first: int, last: int) -> set[str]:
    return {one.rule for one in found(series) if one.first <= last + 24 and one.last >= first - 1}


@pytest.mark.parametrize("seed", range(4))
def test_a_clean_series_stays_quiet(seed: int) -> None:
    assert found(clean_series(seed=seed)) == []


def values(first: int, last: int) -> np.ndarray:
    return clean_series().values[first:last].copy()


RANDOM = np.random.default_rng(3)
FAULTS = {
    "stuck": np.full(40, 5.02),
    "spike": np.array([9.0]),
    "noise": values(START, START + 60) + RANDOM.normal(0, 0.6, 60),
    "drift": values(START, START + 250) + np.linspace(0, 4, 250),
    "shift": values(START, START + 100) + 3.0,
    "dropout": np.full(6, -127.0),
    "unit": values(START, START + 100) * 1.8 + 32,
    "replay": values(400, 440),
    "swap": 9 + (values(START, START + 100) - 5) * 2 + RANDOM.normal(0, 0.5, 100),
}


@pytest.mark.parametrize("rule", FAULTS)
def test_a_fault_in_the_values_is_named(rule: str) -> None:
    fault = FAULTS[rule]
    series = changed(clean_series(), START, fault)
    assert rule in rules_at(series, START, START + len(fault))


@pytest.mark.parametrize("rule", FAULTS)
def test_findings_are_typed_and_say_where(rule: str) -> None:
    for one in found(changed(clean_series(), START, FAULTS[rule])):
        assert one.rule in RULES
        assert 0 <= one.first <= one.last < 1500
        shown = one.to_json()
        assert shown["rule"] == one.rule
        assert str(shown["from"]) <= str(shown["to"])


class TestClocksAndCounters:
    def timed(self, times_s: np.ndarray, counters: np.ndarray | None = None) -> set[str]:
        series = clean_series()
        kept = series.counters if counters is None else counters
        return {one.rule for one in found(Series("room", times_s, series.values, kept))}

    def test_missing_counters_are_a_gap_and_explain_the_silence(self) -> None:
        series = clean_series()
        keep = np.ones(len(series), dtype=bool)
        keep[START : START + 30] = False
        (gap,) = found(series.kept(keep))
        assert (gap.rule, gap.value) == ("gap", 30)
        assert "counters 901 to 930" in gap.text

    def test_time_going_back(self) -> None:
        times_s = clean_series().times_s.copy()
        times_s[START:] -= 7200
        assert "clock-back" in self.timed(times_s)

    def test_time_leaping_while_counters_go_on(self) -> None:
        times_s = clean_series().times_s.copy()
        times_s[START:] += 86_400
        assert self.timed(times_s) == {"clock-jump"}

    def test_the_same_without_counters_is_silence(self) -> None:
        series = clean_series(counted=False)
        times_s = series.times_s.copy()
        times_s[START:] += 86_400
        assert [f.rule for f in found(Series("room", times_s, series.values))] == ["silence"]

    def test_several_readings_at_one_time(self) -> None:
        times_s = clean_series().times_s.copy()
        times_s[START : START + 3] = times_s[START]
        assert "duplicate-time" in self.timed(times_s)


class TestExcursions:
    series = Series(
        "box", np.arange(10, dtype=np.float64) * 600.0, np.array([5, 5, 9, 9, 9, 5, 1, 5, 5, 9.0])
    )

    def test_only_those_that_last_are_findings(self) -> None:
        long = list(excursion_findings(self.series, Limits(2, 8, for_s=1500)))
        assert [(one.first, one.last) for one in long] == [(2, 4)]
        assert "above 8 for 30.0 min, worst 9" in long[0].text
        short = list(excursion_findings(self.series, Limits(2, 8)))
        assert [(one.first, one.last) for one in short] == [(2, 4), (6, 6), (9, 9)]
        assert list(excursion_findings(self.series, Limits(0, 10))) == []

    def test_mean_kinetic_temperature_weighs_warmth_more(self) -> None:
        # By hand, with H/R = 10,000 K: 10000 / (10000/293.15 - ln((1 + e**1.12523) / 2)) - 273.15.
        assert mean_kinetic_temperature(np.array([20.0, 30.0])) == pytest.approx(26.26, abs=0.005)
        weighted = mean_kinetic_temperature(np.array([20.0, 30.0]), np.array([1.0, 0.0]))
        assert weighted == pytest.approx(20.0)


def test_a_level_step_is_no_spike() -> None:
    steps = np.concatenate([np.zeros(20), np.full(20, 5.0)])
    assert spike_statistic(steps, 3).max() == 0
    assert step_statistic(steps, 6).max() == 5
    steps[10] = 5
    assert spike_statistic(steps, 3)[10] == 5


@given(st.lists(st.integers(0, 5), min_size=0, max_size=60))
def test_statistics_have_one_value_for_each_reading(numbers: list[int]) -> None:
    array = np.array(numbers, dtype=np.float64)
    for statistic in (spike_statistic(array, 3), step_statistic(array, 6)):
        assert statistic.shape == array.shape
        assert (statistic >= 0).all()


def test_repetitions_are_found_to_the_reading() -> None:
    past = np.random.default_rng(1).normal(size=300)
    assert longest_repeat(past) == 0
    again = np.concatenate([past, np.random.default_rng(2).normal(size=20), past[100:130]])
    assert longest_repeat(again) == 30
    assert repeated_from(again[300:], past, 12) == [(20, 49)]
    assert repeated_from(again[300:320], past, 12) == []


def test_a_constant_or_short_history() -> None:
    flat = Series("flat", np.arange(100, dtype=np.float64) * 60.0, np.full(100, 4.0))
    assert learn_profile(flat).stuck_limit >= 100
    with pytest.raises(BadSeries, match="expected at least 30"):
        learn_profile(flat.part(0, 29))


class TestReadingLogs:
    def test_columns_are_found(self) -> None:
        text = "nr,time,counter,temp\n1,2024-01-01T00:00:00+01:00,7,4.5\n2,1704067260,8,4.6\n"
        series = read_csv(text, name="box")
        assert series.times_s.tolist() == [1704063600.0, 1704067260.0]
        assert series.values.tolist() == [4.5, 4.6]
        assert series.counters is not None
        assert series.counters.tolist() == [7, 8]

    @pytest.mark.parametrize(
        "text",
        [
            *("", "time\n1\n", "time,v\n", "time,v\n1,x\n", "time,v\n1,nan\n", "time,v\n1\n"),
            *("time,counter\n1,1\n", "time,v\n1,2\r3,4\n", f"time,v,counter\n1,2,{1 << 63}\n"),
        ],
    )
    def test_what_is_no_log_is_refused(self, text: str) -> None:
        with pytest.raises(BadSeries):
            read_csv(text, name="box")
