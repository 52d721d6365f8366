"""`diptych data catalogue`: a static site that checks itself in the browser."""

from pathlib import Path

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import FOLDER, REFERENCE
from diptych.app.cli.opening import open_workspace
from diptych_verify.wording import counted


@click.command()
@click.argument("only", metavar="[REF]...", nargs=-1, type=REFERENCE)
@click.option("--to", "target", required=True, type=FOLDER, help="Folder to make or to update.")
@click.option("--title", default="Data catalogue", show_default=True, help="Title of the page.")
@framed
def catalogue(*, only: tuple[str, ...], target: Path, title: str) -> Output:
    """Write data sets, terms, grants, accesses and erasures as a static public site.

    Without REF every data set and model is shown. The page checks each entry in the browser and
    loads nothing from elsewhere; the whole log is exported beside it.

    Example: diptych data catalogue --to site --title "Data of the trial"
    """
    done = open_workspace().data.catalogue(target, only=only, title=title)
    return Output(
        done.to_json(),
        f"wrote {target}/index.html: {counted(done.assets, 'version')}, "
        f"{done.entries:,} entries, as of log size {done.size}",
    )
