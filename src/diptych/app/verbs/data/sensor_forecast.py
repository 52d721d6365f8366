"""`data sensors forecast`: the next readings of a log or device, and what flags were worth."""

from dataclasses import dataclass, replace
from pathlib import Path

from diptych.app.verbs.data.sensor_check import SeriesChecked, check_device, check_log
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.core.progress import ProgressFactory, silent
from diptych.data.sensors.benefit import FOLDS
from diptych.data.sensors.check import Options
from diptych.data.sensors.outlook import Outlook, foresee
from diptych.data.sensors.plot import plot_page, plot_series
from diptych_verify.wording import counted

_LEAST_DRAWN = 240


@dataclass(frozen=True)
class Wanted:
    """What to forecast: readings ahead, the share that intervals are to hold, clean history."""

    ahead: int = 24
    level: float = 0.9
    history: int | None = None


@dataclass(frozen=True)
class SeriesForecast:
    """A forecast of a series that was checked before."""

    checked: SeriesChecked
    outlook: Outlook

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is to be said of it."""
        look, gain = self.outlook, self.outlook.benefit
        unit = f" {self.checked.series.unit}".rstrip()
        said = [
            f"{counted(len(look.steps), 'reading')} ahead by {look.method}; intervals of "
            f"{100 * look.level:g} % held {100 * look.coverage:.0f} % of later readings",
            f"mean error in {counted(gain.folds, 'block')}: {gain.error_without:.3g}{unit} learned "
            f"without flagged readings, {gain.error_with:.3g} with them, "
            f"{gain.error_no_change:.3g} if nothing changed",
            gain.sentence,
        ]
        if look.replaced:
            flagged = counted(look.replaced, "flagged reading")
            said.append(f"{flagged} among the last: the clean one before stands for each")
        return tuple(said)

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data sensors forecast --json` shows."""
        look = self.outlook
        return {
            "series": self.checked.series.name,
            "unit": self.checked.series.unit,
            "readings": len(self.checked.series),
            "flagged": look.flagged,
            "replaced": look.replaced,
            "method": look.method,
            "level": look.level,
            "coverage": round(look.coverage, 4),
            "benefit": look.benefit.to_json(),
            "forecast": [one.to_json() for one in look.steps],
        }

    def drawing(self, *, page: bool) -> bytes:
        """Return the end of the series and the forecast as SVG, or as an HTML page.

        Raises:
            MissingExtra: matplotlib is not installed.
        """
        series = self.checked.series
        start = max(0, len(series) - max(_LEAST_DRAWN, 10 * len(self.outlook.steps)))
        seen = [
            replace(one, first=max(0, one.first - start), last=one.last - start)
            for one in self.checked.findings
            if one.last >= start
        ]
        part = series.part(start, len(series))
        svg = plot_series(part, seen, forecast=self.outlook.steps)
        return plot_page(svg, title=series.name, sentences=self.sentences) if page else svg


def forecast_log(
    path: Path, wanted: Wanted | None = None, *, progress: ProgressFactory = silent
) -> SeriesForecast:
    """Forecast a CSV log of times and values.

    Raises:
        BadSeries: it cannot be read, or is too short.
    """
    wanted = wanted or Wanted()
    return _forecast(check_log(path, Options(history=wanted.history)), wanted, progress)


def forecast_device(
    workspace: Workspace, fleet: str, device: str, wanted: Wanted | None = None
) -> SeriesForecast:
    """Forecast the stored readings of a device.

    Raises:
        BadSeries: it sent nothing, or too little.
    """
    wanted = wanted or Wanted()
    checked = check_device(workspace, fleet, device, Options(history=wanted.history))
    return _forecast(checked, wanted, workspace.progress)


def _forecast(checked: SeriesChecked, wanted: Wanted, progress: ProgressFactory) -> SeriesForecast:
    with progress("forecasting", total=FOLDS + max(0, wanted.ahead), unit="fits") as task:
        outlook = foresee(
            checked.series,
            list(checked.findings),
            history=checked.history,
            ahead=wanted.ahead,
            level=wanted.level,
            advance=task.advance,
        )
    return SeriesForecast(checked, outlook)
