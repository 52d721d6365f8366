"""`diptych index export`."""

from pathlib import Path

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import FOLDER, REFERENCE


@click.command()
@click.argument("name", type=REFERENCE)
@click.option("--to", "target", type=FOLDER, required=True, help="Folder to make.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["parquet", "csv", "json"]),
    default="parquet",
    show_default=True,
    help="Of the files; json is one object a line.",
)
@click.option(
    "--block", type=click.IntRange(min=0), help="As the rows stood at this block, not the newest."
)
@framed
def export(*, name: str, target: Path, form: str, block: int | None) -> Output:
    """Write the tables of the index NAME into files.

    Example: diptych index export tokens --to tokens-100 --block 100
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.index.exporting import export_index

    place = frame().folder / target
    done = export_index(open_workspace(), name, place, form=form, block=block)
    lines = [f"wrote {target}: {name} at block {done.block}"]
    lines += [f"  {count:>12,}  {table}.{form}" for table, count in done.rows.items()]
    return Output(done.to_json(), "\n".join(lines))
