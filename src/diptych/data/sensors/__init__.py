"""Sensors: signed readings from device to log, and what is wrong with a series."""

from typing import TYPE_CHECKING

from diptych.core.lazy import lazy_names

if TYPE_CHECKING:
    from diptych.data.sensors.check import check_series
    from diptych.data.sensors.findings import Finding, Limits
    from diptych.data.sensors.frame import sign_burst
    from diptych.data.sensors.profile import learn_profile
    from diptych.data.sensors.series import Series
    from diptych.data.sensors.store import ReadingStore
    from diptych_verify.readings import Reading

__all__ = [
    "Finding",
    "Limits",
    "Reading",
    "ReadingStore",
    "Series",
    "check_series",
    "learn_profile",
    "sign_burst",
]

__getattr__ = lazy_names(
    __name__,
    {
        "Finding": "diptych.data.sensors.findings",
        "Limits": "diptych.data.sensors.findings",
        "Reading": "diptych_verify.readings",
        "ReadingStore": "diptych.data.sensors.store",
        "Series": "diptych.data.sensors.series",
        "check_series": "diptych.data.sensors.check",
        "learn_profile": "diptych.data.sensors.profile",
        "sign_burst": "diptych.data.sensors.frame",
    },
)
