"""`diptych data import-openlineage`: take in what other systems report of their runs."""

import os
from pathlib import Path

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import FILE
from diptych_verify.wording import counted


@click.command()
@click.argument("file", type=FILE)
@click.option(
    "--keep-messages", is_flag=True, help="Keep error messages, which may hold personal data."
)
@framed
def import_openlineage(*, file: Path, keep_messages: bool) -> Output:
    """Import OpenLineage RunEvents from a file.

    FILE holds one event, an array of events, or one event a line. A run that was imported before
    is left out.

    Example: diptych data import-openlineage events.ndjson
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.data.import_openlineage import import_openlineage as take_in

    done = take_in(open_workspace(), file, environ=os.environ, keep_messages=keep_messages)
    text = f"imported {counted(len(done.runs), 'run')}, {counted(done.datasets, 'data set')}"
    notes = []
    if done.known:
        notes.append(f"{counted(done.known, 'run')} known already")
    if done.unfinished:
        notes.append(f"{counted(done.unfinished, 'run')} without an end, left out")
    return Output(done.to_json(), text, notes=tuple(notes))
