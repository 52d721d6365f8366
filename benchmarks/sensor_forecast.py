"""Does a forecast gain from leaving flagged readings out of its training?"""

import numpy as np

from diptych.data.sensors.check import check_part
from diptych.data.sensors.forecast import (
    LAGS,
    fit_forecaster,
    lagged,
    mean_absolute_error,
)
from diptych.data.sensors.profile import learn_profile
from diptych.data.sensors.series import Floats, Series
from harness import Row, row
from sensor_faults import inject
from sensor_logs import Log, windows_of

KINDS = ("stuck", "dropout", "spike", "noise", "drift", "shift", "unit", "swap")
HISTORY, TRAINED, TESTED = 336, 336, 168


def forecast_rows(logs: list[Log], *, quick: bool) -> list[Row]:
    """Train with one fault in the training part, test on the clean part after it, paired."""
    errors = []
    for log in logs:
        cut = windows_of(log, history=HISTORY, checked=TRAINED + TESTED)
        long = [w for w in cut if len(w.series) == HISTORY + TRAINED + TESTED]
        for number, window in enumerate(long[:2] if quick else long):
            for place, kind in enumerate(KINDS):
                random = np.random.default_rng([number, place, len(log.series)])
                errors.append(_errors(window.series, kind, random))
    table = np.array(errors)
    clean, kept, left_out, naive = table.T
    gain = 1 - left_out / kept
    low, high = _interval(gain)
    more: dict[str, object] = {
        "pairs": len(table),
        "error_with_flagged": round(float(np.median(kept)), 4),
        "error_without_flagged": round(float(np.median(left_out)), 4),
        "error_trained_clean": round(float(np.median(clean)), 4),
        "error_no_change": round(float(np.median(naive)), 4),
        "median_gain": round(float(np.median(gain)), 4),
        "interval_95": [round(low, 4), round(high, 4)],
        "better_or_equal": round(float(np.mean(left_out <= kept * 1.0001)), 3),
    }
    return [
        row("forecast error saved by leaving flagged readings out", _mean(gain), "of it", more=more)
    ]


def _errors(series: Series, kind: str, random: np.random.Generator) -> tuple[float, ...]:
    """Return errors: trained clean, with the fault, without flagged readings, and no change."""
    end = HISTORY + TRAINED
    faulty = inject(kind, series.part(0, end), HISTORY, random)
    profile = learn_profile(series.part(0, HISTORY))
    keep = np.ones(end, dtype=bool)
    for one in check_part(faulty.series, (HISTORY, end), profile):
        keep[one.first : one.last + 1] = False
    test = series.values[end - LAGS :]
    windows, actual = lagged(test, LAGS, 1)

    def error(values: Floats, kept: "np.typing.NDArray[np.bool_] | None" = None) -> float:
        return mean_absolute_error(actual, fit_forecaster(values, kept).predict(test))

    return (
        error(series.values[:end]),
        error(faulty.series.values),
        error(faulty.series.values, keep),
        mean_absolute_error(actual, windows[:, -1]),
    )


def _mean(values: Floats) -> float:
    return float(np.mean(values))


def _interval(values: Floats) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the mean (Efron 1979), 2,000 draws."""
    random = np.random.default_rng(7)
    means = random.choice(values, (2000, len(values))).mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
