"""`diptych index record`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import ANY_PATH
from diptych.app.cli.index.origin import from_origin
from diptych_verify.wording import counted

if TYPE_CHECKING:
    from diptych.app.verbs.index.origin import Origin

_FORMS = ("parquet", "csv", "json")


@click.command()
@click.argument("target", type=ANY_PATH)
@click.option("--first", type=click.IntRange(min=0), metavar="BLOCK", help="First block.")
@click.option("--last", type=click.IntRange(min=0), metavar="BLOCK", help="Last block.")
@click.option(
    "--as",
    "form",
    type=click.Choice(_FORMS),
    default=_FORMS[0],
    show_default=True,
    help="csv and json have the columns of ethereum-etl.",
)
@click.option("--traces", is_flag=True, help="Call traces, too.")
@click.option("--logs-only", is_flag=True, help="No transactions, no receipts.")
@click.option("--verify", is_flag=True, help="Recompute every root, bloom and sender.")
@framed
@from_origin
def record(
    *,
    target: Path,
    origin: "Origin",
    first: int | None,
    last: int | None,
    form: str,
    traces: bool,
    logs_only: bool,
    verify: bool,
) -> Output:
    """Write blocks of a chain into files of the folder TARGET.

    A folder of Parquet serves as source of an index again, with --files.

    Example: diptych index record history --files eras --first 100 --last 199 --as csv
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.index.record import Recording
    from diptych.app.verbs.index.record import record as carry_out

    asked = Recording(first, last, form, traces, verify, logs_only)
    done = carry_out(open_workspace(), frame().folder / target, origin, asked)
    rows = ", ".join(counted(count, name.removesuffix("s")) for name, count in done.rows.items())
    text = f"{target}: blocks {done.first} to {done.last} of {done.source}: {rows}"
    return Output(done.to_json(), text)
