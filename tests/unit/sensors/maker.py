"""Devices, fleets and series for the tests of sensors."""

from collections.abc import Sequence

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from diptych.data.sensors.fleet import Change, Fleet
from diptych.data.sensors.frame import sign_burst
from diptych.data.sensors.series import Floats, Series
from diptych_verify.readings import Reading

T0_MS = 1_700_000_000_000


def device(number: int) -> Ed25519PrivateKey:
    """The same key for the same number."""
    return Ed25519PrivateKey.from_private_bytes(number.to_bytes(32, "big"))


def keyid(number: int) -> str:
    return f"ed25519:{device(number).public_key().public_bytes_raw().hex()}"


def fleet_of(*numbers: int) -> Fleet:
    made = Fleet("cold")
    made.apply(Change("enrol", f"tag-{number}", keyid(number)) for number in numbers)
    return made


def reading(counter: int, mantissa: int = 312) -> Reading:
    return Reading(counter, T0_MS + 1000 * counter, mantissa)


def frame(number: int, counters: Sequence[int], mantissa: int = 312) -> bytes:
    return sign_burst(device(number), [reading(counter, mantissa) for counter in counters])


def clean_series(count: int = 1500, *, seed: int = 1, counted: bool = True) -> Series:
    """A cold room: 5 degC, a daily wave of half a degree, correlated noise, steps of 0.01."""
    random = np.random.default_rng(seed)
    times_s = 1_700_000_000.0 + 600.0 * np.arange(count, dtype=np.float64)
    slow = np.zeros(count)
    for at in range(1, count):
        slow[at] = 0.9 * slow[at - 1] + random.normal(0, 0.05)
    values = 5 + 0.5 * np.sin(times_s / 86_400 * 2 * np.pi) + slow
    values = np.round(values + random.normal(0, 0.05, count), 2)
    counters = np.arange(1, count + 1, dtype=np.int64) if counted else None
    return Series("room", times_s, values, counters, "degC")


def changed(series: Series, first: int, values: Floats) -> Series:
    """The same series with other values from `first` on."""
    new = series.values.copy()
    new[first : first + len(values)] = values
    return Series(series.name, series.times_s, new, series.counters, series.unit)
