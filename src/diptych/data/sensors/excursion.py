"""Excursions over limits, with their duration, and mean kinetic temperature. Pure."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from diptych.data.sensors.findings import Finding, Limits
from diptych.data.sensors.intervals import make, stretches
from diptych.data.sensors.series import Floats, Series

ACTIVATION_J_PER_MOL: Final = 83_144.72
"""Activation energy that USP <1079.2> and ICH Q1A(R2) take where none is known."""
GAS_CONSTANT: Final = 8.314472
_KELVIN: Final = 273.15


def excursion_findings(series: Series, limits: Limits) -> Iterator[Finding]:
    """Yield every stretch outside the limits that lasts at least `limits.for_s`.

    The time counts from the first reading outside to the first one back inside.
    """
    values, times_s = series.values, series.times_s
    for first, last in stretches((values < limits.low) | (values > limits.high)):
        end = min(last + 1, len(values) - 1)
        lasted_s = float(times_s[end] - times_s[first])
        if lasted_s < limits.for_s:
            continue
        part = values[first : last + 1]
        high = float(part.max()) > limits.high
        worst = float(part.max() if high else part.min())
        limit = limits.high if high else limits.low
        side = "above" if high else "below"
        text = f"{side} {limit:g} for {lasted_s / 60:,.1f} min, worst {worst:g}"
        yield make(
            series, "excursion", (first, last), worst, limit=limit, severity="critical", text=text
        )


def mean_kinetic_temperature(celsius: Floats, weights_s: Floats | None = None) -> float:
    """Return the mean kinetic temperature in degC.

    `T = (H/R) / -ln(sum(w exp(-H / (R T_i))) / sum(w))` (Haynes 1971; USP <1079.2>).

    Args:
        celsius: temperatures, shape (n,).
        weights_s: for how long each held, shape (n,); by default all alike.

    >>> round(mean_kinetic_temperature(np.array([5.0, 5.0, 5.0])), 6)
    5.0
    """
    weights = np.ones(len(celsius)) if weights_s is None else weights_s
    rate = ACTIVATION_J_PER_MOL / GAS_CONSTANT
    mean = float(np.average(np.exp(-rate / (celsius + _KELVIN)), weights=weights))
    return rate / -float(np.log(mean)) - _KELVIN
