"""`diptych data add`: seal the next version of a name."""

from pathlib import Path

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import ANY_PATH, REFERENCE
from diptych_verify.wording import counted


@click.command()
@click.argument("path", type=ANY_PATH)
@click.option("--name", type=REFERENCE, help="Its name; by default the file's without ending.")
@click.option(
    "--from",
    "derived_from",
    multiple=True,
    type=REFERENCE,
    help="Record, sealed path or name that this comes from; may be repeated.",
)
@click.option("--private", is_flag=True, help="Publish only salted commitments.")
@click.option("--store", is_flag=True, help="Also keep the content as objects.")
@click.option("--licence", type=REFERENCE, help="Built-in licence (SPDX id) or licence record.")
@click.option(
    "--contributor",
    "--attributed",
    "attributed",
    multiple=True,
    type=REFERENCE,
    help="Contributor as NAME:role or NAME:role:share; may be repeated.",
)
@framed
def add(
    *,
    path: Path,
    name: str | None,
    derived_from: tuple[str, ...],
    private: bool,
    store: bool,
    licence: str | None,
    attributed: tuple[str, ...],
) -> Output:
    """Seal PATH as the next version of a name.

    NAME is from then on the newest version, NAME@2 the second one, for every command that takes a
    reference.

    Example: diptych data add visits.csv --store --from raw
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.data.first_look import first_look_note, personal_columns

    book = open_workspace()
    added = book.data.add(
        path,
        name=name,
        private=private,
        store=store,
        derived_from=derived_from,
        licence=licence,
        attributed=attributed,
    )
    about = "" if added.files is None else f" ({counted(added.files, 'file')})"
    verb = "added" if added.new else "unchanged:"
    personal = () if private else personal_columns(book, path)
    return Output(
        {**added.to_json(), "personal_columns": [*personal]},
        f"{verb} {added.reference}{about} as record {added.index}: {added.record}",
        notes=first_look_note(personal),
    )
