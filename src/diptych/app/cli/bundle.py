"""`diptych bundle`: write a proof that travels alone."""

from pathlib import Path

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import FILE, REFERENCE


@click.command()
@click.argument("what", type=REFERENCE)
@click.option(
    "-o",
    "--output",
    type=FILE,
    help="Where to write it; by default NAME.diptych.json in this folder.",
)
@click.option("--lineage", is_flag=True, help="Include all ancestor records.")
@click.option("--manifest", is_flag=True, help="Include the list of files, to name a changed one.")
@click.option("--disclose", multiple=True, help="File of a private seal to open; may be repeated.")
@click.option(
    "--since",
    multiple=True,
    type=click.IntRange(min=1),
    help="Log size that the receiver has seen; may be repeated.",
)
@framed
def bundle(
    *,
    what: str,
    output: Path | None,
    lineage: bool,
    manifest: bool,
    disclose: tuple[str, ...],
    since: tuple[int, ...],
) -> Output:
    """Write a proof that travels alone.

    WHAT is an index, a record id or a sealed path.
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.bundle import make_bundle
    from diptych.core.files import write_output

    book = open_workspace()
    raw = make_bundle(
        book, what, lineage=lineage, manifest=manifest, disclose=disclose, since=since
    )
    name = Path(what.rstrip("/")).name or "record"
    path = output or Path(f"{name.lstrip('#.') or 'record'}.diptych.json")
    write_output(frame().folder / path, raw)
    return Output({"file": str(path), "bytes": len(raw)}, f"wrote {path} ({len(raw):,} B)")
