"""`diptych data sensors forecast`: the next readings, learned without the flagged ones."""

from pathlib import Path

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import FILE, REFERENCE
from diptych.app.cli.printing import table
from diptych.core.errors import UsageError

_SHOWN = 12


class NoPicture(UsageError):
    """A picture is asked for under a name that is neither `.svg` nor `.html`."""

    code = "Sensors.NoPicture"


@click.command()
@click.argument("what", type=REFERENCE)
@click.option(
    "--ahead",
    type=click.IntRange(1, 336),
    default=24,
    show_default=True,
    help="Readings to forecast.",
)
@click.option(
    "--level",
    type=click.FloatRange(50, 99),
    default=90,
    show_default=True,
    help="How many in a hundred the intervals hold.",
)
@click.option("--history", type=click.IntRange(30), help="Clean readings at the start.")
@click.option("--plot", "plot_file", type=FILE, help="Draw it: FILE.svg or FILE.html.")
@framed
def forecast(
    *, what: str, ahead: int, level: float, history: int | None, plot_file: Path | None
) -> Output:
    """Forecast the next readings, and measure what leaving flagged ones out is worth.

    WHAT is a CSV log, or FLEET/DEVICE. Flagged is what `diptych data sensors check` finds.

    Example: diptych data sensors forecast cold/room-1
    """
    from diptych.app.cli.opening import open_workspace, shown_progress
    from diptych.app.verbs.data.sensor_forecast import Wanted, forecast_device, forecast_log

    if plot_file is not None and plot_file.suffix not in (".svg", ".html"):
        raise NoPicture(f"got --plot {plot_file.name}, expected a name in .svg or .html")
    wanted = Wanted(ahead, level / 100, history)
    path = frame().folder / what
    if path.is_file():
        done = forecast_log(path, wanted, progress=shown_progress())
    else:
        fleet, _, device = what.partition("/")
        done = forecast_device(open_workspace(), fleet, device, wanted)
    notes = []
    if plot_file is not None:
        from diptych.core.files import write_output

        drawn = done.drawing(page=plot_file.suffix == ".html")
        write_output(frame().folder / plot_file, drawn)
        notes.append(f"drew {plot_file.name}")
    data = done.to_json()
    steps = done.outlook.steps
    rows = [
        (str(one.to_json()["time"]), f"{one.value:.4g}", f"{one.low:.4g} to {one.high:.4g}")
        for one in steps[:_SHOWN]
    ]
    if len(steps) > _SHOWN:
        notes.append(f"{len(steps) - _SHOWN:,} more readings; --json lists all")
    listed = table(rows, header=("time", "value", "interval"))
    return Output(data, "\n".join([listed, *done.sentences]), notes=tuple(notes))
