"""Real logs for the sensor benchmark: where they lie, which stretches are clean, how to cut them.

Every log found is used, whatever its name, so that logs nobody has seen can be put beside these.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

from diptych.data.sensors.series import Series, read_csv

TRUST = Path(__file__).resolve().parents[2] / "shared" / "data" / "trust"
STEADY_DEG = 0.5
STEADY_S = 300.0
MIN_WINDOW = 60


@dataclass(frozen=True)
class Log:
    """One sensor's log; `windows_s` are the labelled failures, `group` the source it stands in."""

    group: str
    series: Series
    windows_s: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Window:
    """A clean stretch: history to learn from, then readings to check."""

    group: str
    sensor: str
    series: Series
    history: int

    @property
    def weeks(self) -> float:
        """Length of the checked part."""
        times_s = self.series.times_s
        return float(times_s[-1] - times_s[self.history]) / 604_800


def load_logs(folder: Path = TRUST) -> list[Log]:
    """Read the NAB series with their labels and the kitchen tags."""
    labels: dict[str, list[list[str]]] = {}
    for path in sorted((folder / "sensors").glob("*windows*.json")):
        labels.update(json.loads(path.read_text()))
    logs = []
    for path in sorted((folder / "sensors").glob("*.csv")):
        spans = next((v for k, v in labels.items() if k.endswith(path.name)), [])
        windows_s = tuple((_seconds(a), _seconds(b)) for a, b in spans)
        logs.append(Log(path.stem, read_csv(path.read_text(), name=path.stem), windows_s))
    for path in sorted((folder / "coldchain").glob("*.csv")):
        series = read_csv(path.read_text(), name=path.stem)
        day = datetime.fromtimestamp(series.times_s[0], UTC).date()
        logs.append(Log(f"kitchen {day}", series, ()))
    return logs


def clean_stretches(log: Log) -> list[Series]:
    """Cut a log where a failure is labelled and where its times leap.

    A log of the kitchen is also cut where somebody moves the goods (more than 0.5 degrees in
    5 minutes): that is use, not a fault.
    """
    series = log.series
    steps_s = np.diff(series.times_s)
    usual_s = float(np.median(steps_s))
    bad = np.zeros(len(series), dtype=bool)
    for start_s, end_s in log.windows_s:
        bad |= (series.times_s >= start_s) & (series.times_s <= end_s)
    cut = (steps_s <= 0) | (steps_s > 5 * usual_s)
    if log.group.startswith("kitchen"):
        bad |= _handled(series)
    edges = [0, *(np.flatnonzero(cut) + 1).tolist(), len(series)]
    found = []
    for first, last in pairwise(edges):
        inside = np.flatnonzero(~bad[first:last]) + first
        for part in np.split(inside, np.flatnonzero(np.diff(inside) > 1) + 1):
            if len(part) >= MIN_WINDOW:
                found.append(_counted(series.part(int(part[0]), int(part[-1]) + 1)))
    return found


def windows_of(log: Log, *, history: int, checked: int) -> list[Window]:
    """Cut clean stretches into windows that overlap in their history only."""
    found = []
    for stretch in clean_stretches(log):
        past = min(history, len(stretch) // 2)
        size = min(checked, len(stretch) - past)
        for start in range(0, len(stretch) - past - size + 1, size):
            part = stretch.part(start, start + past + size)
            found.append(Window(log.group, log.series.name, part, past))
    return found


def _handled(series: Series) -> "np.typing.NDArray[np.bool_]":
    times_s, values = series.times_s, series.values
    found = np.zeros(len(series), dtype=bool)
    for at in range(len(series)):
        near = np.abs(times_s - times_s[at]) <= STEADY_S / 2
        found[at] = np.ptp(values[near]) > STEADY_DEG
    return found


def _counted(series: Series) -> Series:
    """Number the readings, as a device that signs them would have."""
    counters = np.arange(1, len(series) + 1, dtype=np.int64)
    return Series(series.name, series.times_s, series.values, counters, series.unit)


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
