"""`diptych data export` and `diptych data import`: data described in other people's format."""

from pathlib import Path

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import ANY_PATH, FILE, REFERENCE
from diptych_verify.wording import counted

_FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["croissant"]),
    default="croissant",
    show_default=True,
    help="Its format.",
)


@click.command()
@click.argument("what", metavar="REF", type=REFERENCE)
@_FORMAT
@click.option("--output", "-o", type=FILE, help="File to write; by default NAME.croissant.json.")
@click.option("--path", type=ANY_PATH, help="Where the data lie now, for the columns of tables.")
@click.option("--cite-as", default="", help="How to cite it; by default name, version and record.")
@click.option("--rai", type=FILE, help="Responsible-AI fields to state (TOML).")
@framed
def export(
    *,
    what: str,
    form: str,
    output: Path | None,
    path: Path | None,
    cite_as: str,
    rai: Path | None,
) -> Output:
    """Describe a version of public data in Croissant: files, digests, columns, licence, origin.

    Responsible-AI fields hold what --rai states, and what quality reports, licence and lineage say.

    Example: diptych data export tab -o tab.json --cite-as "Lovelace 2026"
    """
    from diptych.app.cli.opening import open_workspace

    name = what.replace("/", "-").replace(":", "-")
    target = output or Path(f"{name}.croissant.json")
    done = open_workspace().data.export_croissant(
        what, target, path=path, cite_as=cite_as, responsible=rai
    )
    counts = f"{counted(done.files, 'file')}, {counted(done.tables, 'table')}"
    return Output({**done.to_json(), "format": form}, f"described {what} ({counts}) in {target}")


@click.command("import")
@click.argument("file", type=FILE)
@_FORMAT
@click.option("--name", type=REFERENCE, help="Name here; by default the one in the description.")
@click.option("--store", is_flag=True, help="Also keep the content as objects.")
@framed
def import_(*, file: Path, form: str, name: str | None, store: bool) -> Output:
    """Seal what a Croissant description describes, after checking every local file.

    Local files must lie where FILE says, below its folder. Remote ones are named, never fetched.

    Example: diptych data import titanic/metadata.json --name titanic
    """
    from diptych.app.cli.opening import open_workspace

    done = open_workspace().data.import_croissant(file, name=name, store=store)
    verb = "imported" if done.new else "already imported:"
    text = (
        f"{verb} {done.name}@{done.version} ({counted(done.files, 'file')}) as record {done.index}"
    )
    notes = [*done.notes[:20], *(f"{one}: lies elsewhere, not fetched" for one in done.remote[:20])]
    return Output({**done.to_json(), "format": form}, text, notes=tuple(notes))
