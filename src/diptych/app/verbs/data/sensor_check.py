"""`data sensors check`: what is wrong with a log or with the readings of a device."""

from dataclasses import dataclass
from pathlib import Path

from diptych.app.verbs.data.fleets import open_readings
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.data.sensors.check import Options, check_series, history_length
from diptych.data.sensors.errors import BadSeries
from diptych.data.sensors.excursion import mean_kinetic_temperature
from diptych.data.sensors.findings import Finding
from diptych.data.sensors.query import conflicts, readings
from diptych.data.sensors.series import Series, read_csv, series_of

_MAX_CSV_BYTES = 1 << 30
_TEMPERATURES = {"degC": (1.0, 0.0), "degF": (1 / 1.8, -32 / 1.8), "K": (1.0, -273.15)}


@dataclass(frozen=True)
class SeriesChecked:
    """What was found in a series; `history` readings at the start were learned from."""

    series: Series
    history: int
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data sensors check --json` shows."""
        counts: dict[str, JsonValue] = {}
        for one in self.findings:
            counts[one.rule] = int(str(counts.get(one.rule, 0))) + 1
        shown: dict[str, JsonValue] = {
            "series": self.series.name,
            "readings": len(self.series),
            "history": self.history,
            "by_rule": counts,
            "findings": [one.to_json() for one in self.findings],
        }
        if self.series.unit in _TEMPERATURES:
            factor, summand = _TEMPERATURES[self.series.unit]
            mean = mean_kinetic_temperature(self.series.values * factor + summand)
            shown["mean_kinetic_temperature_degC"] = round(mean, 3)
        return shown


def check_log(path: Path, options: Options | None = None) -> SeriesChecked:
    """Check a CSV log of times and values.

    Raises:
        BadSeries: it cannot be read, or is too short.
    """
    try:
        if path.stat().st_size > _MAX_CSV_BYTES:
            raise BadSeries(f"{path.name} is larger than {_MAX_CSV_BYTES:,} bytes")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadSeries(f"{path.name} is not UTF-8") from None
    return _checked(read_csv(text, name=path.stem), options)


def check_device(
    workspace: Workspace, fleet: str, device: str, options: Options | None = None
) -> SeriesChecked:
    """Check the stored readings of a device, conflicting ones included.

    Raises:
        BadSeries: it sent nothing, or too little.
    """
    with open_readings(workspace) as store:
        series = series_of(f"{fleet}/{device}", readings(store.connection, fleet, device))
        known = conflicts(store.connection, fleet)
    twice = [counter for name, counter in known if name == device]
    return _checked(series, options, twice)


def _checked(
    series: Series, options: Options | None, twice: list[int] | None = None
) -> SeriesChecked:
    wanted = options or Options()
    found = check_series(series, wanted)
    found += [_conflict(series, counter) for counter in twice or []]
    history = history_length(series, wanted.history)
    return SeriesChecked(series, history, tuple(found))


def _conflict(series: Series, counter: int) -> Finding:
    assert series.counters is not None
    at = int((series.counters >= counter).argmax())
    time_s = float(series.times_s[at])
    text = f"counter {counter} came twice, with different readings signed by one key"
    return Finding("conflict", at, at, time_s, time_s, counter, 0, "critical", text)
