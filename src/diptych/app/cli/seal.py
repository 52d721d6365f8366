"""`diptych seal`: hash, sign and log a file or folder."""

from pathlib import Path

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import ANY_PATH


@click.command()
@click.argument("path", type=ANY_PATH)
@click.option("--private", is_flag=True, help="Publish only salted commitments.")
@click.option("--store", is_flag=True, help="Also keep the content as objects.")
@click.option(
    "--from",
    "derived_from",
    multiple=True,
    help="Record or sealed path that this comes from; may be repeated.",
)
@framed
def seal(path: Path, private: bool, store: bool, derived_from: tuple[str, ...]) -> Output:
    """Seal a file or folder into the log."""
    from diptych.app.cli.opening import open_workspace

    book = open_workspace()
    sealed = book.seal(path, private=private, store=store, derived_from=derived_from)
    what = "privately" if sealed.files is None else f"{sealed.files} files, {sealed.size_bytes:,} B"
    verb = "sealed" if sealed.new else "unchanged since it was sealed:"
    notes = (f"{sealed.ignored} paths left out by the ignore file",) if sealed.ignored else ()
    return Output(
        sealed.to_json(),
        f"{verb} {sealed.name} ({what}) as record {sealed.index}: {sealed.record}",
        notes=notes,
    )
