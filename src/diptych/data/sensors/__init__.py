"""Sensors: signed readings from device to log, and what is wrong with a series."""

from diptych.core.lazy import lazy_names

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
