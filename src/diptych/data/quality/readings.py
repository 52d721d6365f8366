"""A table that is one series of readings: the detectors of `data.sensors` on two of its columns."""

from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from diptych.data.quality.errors import NothingToCheck
from diptych.data.quality.findings import FAIL, MAX_ROWS, NOTICE, Finding
from diptych.data.quality.rules import SensorRule
from diptych.data.sensors.check import Options, check_series
from diptych.data.sensors.findings import Limits
from diptych.data.sensors.series import Series


class Readings:
    """Collects times and values of a table."""

    def __init__(self, rule: SensorRule) -> None:
        self._rule = rule
        self._times: list[npt.NDArray[np.float64]] = []
        self._values: list[npt.NDArray[np.float64]] = []
        self._rows: list[npt.NDArray[np.int64]] = []

    def add(self, frame: pd.DataFrame) -> None:
        """Take the rows of one part; rows without time or value are no readings."""
        frame = frame[[self._rule.time, self._rule.value]].dropna()
        values = frame[self._rule.value]
        if values.dtype != np.float64:
            raise NothingToCheck(f"the column {self._rule.value!a:.80} holds no numbers")
        self._times.append(_seconds(frame[self._rule.time]))
        self._values.append(values.to_numpy())
        self._rows.append(frame.index.to_numpy(np.int64))

    def findings(self) -> list[Finding]:
        """Return what is implausible.

        Raises:
            BadSeries: there are too few readings.
        """
        rows = np.concatenate(self._rows)
        series = Series(self._rule.value, np.concatenate(self._times), np.concatenate(self._values))
        limits = None
        if self._rule.low is not None and self._rule.high is not None:
            limits = Limits(self._rule.low, self._rule.high, 60 * self._rule.minutes)
        found = []
        for one in check_series(series, Options(limits=limits)):
            covered = rows[one.first : one.last + 1]
            numbers = {"value": one.value, "limit": one.limit}
            severity = NOTICE if one.severity == "notice" else FAIL
            listed = tuple(covered[:MAX_ROWS].tolist())
            rule = f"sensor:{one.rule}"
            found.append(Finding(rule, severity, len(covered), listed, one.text, numbers))
        return found


def _seconds(times: pd.Series) -> npt.NDArray[np.float64]:
    if times.dtype == np.float64:
        return np.asarray(times, dtype=np.float64)
    return np.array([_second(str(one)) for one in times], dtype=np.float64)


def _second(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NothingToCheck("a time is neither ISO 8601 nor seconds since the epoch") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
