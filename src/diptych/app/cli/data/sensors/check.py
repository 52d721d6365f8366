"""`diptych data sensors check`: findings in a log or in the readings of a device."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import FILE, REFERENCE
from diptych.app.cli.printing import table
from diptych.core.errors import UsageError
from diptych_verify.wording import counted

if TYPE_CHECKING:
    from diptych.app.verbs.data.sensor_check import SeriesChecked
    from diptych.data.sensors.findings import Limits

_SHOWN = 40


class BadLimits(UsageError):
    """Limits are given by half, or the lower one is above the upper one."""

    code = "Sensors.BadLimits"


@click.command()
@click.argument("what", type=REFERENCE)
@click.option(
    "--history",
    type=click.IntRange(30),
    help="Clean readings at the start; by default up to a third.",
)
@click.option("--low", type=float, help="Smallest allowed value.")
@click.option("--high", type=float, help="Largest allowed value.")
@click.option(
    "--minutes",
    type=click.FloatRange(0),
    default=0,
    show_default=True,
    help="How long outside is a finding.",
)
@click.option("--plot", "plot_file", type=FILE, help="Draw it: FILE.svg or FILE.html.")
@framed
def check(
    *,
    what: str,
    history: int | None,
    low: float | None,
    high: float | None,
    minutes: float,
    plot_file: Path | None,
) -> Output:
    """Find what is wrong with a series; exit code 1 if something is.

    WHAT is a CSV log, or FLEET/DEVICE. What is normal is learned from the start of the series and
    anew every week; --low and --high are what the goods demand.

    Example: diptych data sensors check cold/room-1 --low 2 --high 8 --minutes 30
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.data.sensor_check import check_device, check_log
    from diptych.data.sensors.check import Options
    from diptych.data.sensors.errors import BadSeries

    limits = _limits(low, high, minutes)
    options = Options(history=history, limits=limits)
    path = frame().folder / what
    if path.is_file():
        done = check_log(path, options)
    else:
        fleet, slash, device = what.partition("/")
        if not slash:
            raise BadSeries(f"there is no file {what}", hint="give a CSV log, or FLEET/DEVICE")
        done = check_device(open_workspace(), fleet, device, options)
    notes = () if plot_file is None else (_drawn(done, frame().folder / plot_file, limits),)
    rows = [
        (one.severity, one.rule, str(shown["from"]), str(shown["to"]), one.text)
        for one in done.findings[:_SHOWN]
        for shown in (one.to_json(),)
    ]
    head = f"{counted(len(done.findings), 'finding')} in {counted(len(done.series), 'reading')}"
    listed = table(rows, header=("severity", "rule", "from", "to", "what")) if rows else ""
    more = len(done.findings) - len(rows)
    return Output(
        done.to_json(),
        f"{head}; normal was learned from the first {done.history:,}\n{listed}".rstrip(),
        exit_code=1 if done.findings else 0,
        notes=(*notes, *((f"{more:,} more; --json lists all",) if more else ())),
    )


def _limits(low: float | None, high: float | None, minutes: float) -> "Limits | None":
    from diptych.data.sensors.findings import Limits

    if low is None and high is None:
        return None
    if low is None or high is None or low > high:
        raise BadLimits(f"got --low {low} --high {high}, expected both, in order")
    return Limits(low, high, 60 * minutes)


def _drawn(done: "SeriesChecked", path: Path, limits: "Limits | None") -> str:
    from diptych.core.files import write_output
    from diptych.data.sensors.plot import plot_page, plot_series

    drawn = plot_series(done.series, done.findings, limits=limits)
    if path.suffix == ".html":
        said = f"{counted(len(done.findings), 'finding')} in {counted(len(done.series), 'reading')}"
        drawn = plot_page(drawn, title=done.series.name, sentences=[said])
    write_output(path, drawn)
    return f"drew {path.name}"
