"""`diptych log`: list records, or show one."""

import json

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import REFERENCE
from diptych.app.cli.printing import table
from diptych.core.errors import JsonValue


@click.command()
@click.argument("what", required=False, type=REFERENCE)
@click.option(
    "-n",
    "--limit",
    type=click.IntRange(1, 1_000_000),
    default=20,
    show_default=True,
    help="How many records to list.",
)
@framed
def log(what: str | None, limit: int) -> Output:
    """List records, newest first, or show the one that WHAT names.

    WHAT is an index, a record id or a sealed path.
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.keys import said_names
    from diptych.app.verbs.records import find_record, with_local_names

    book = open_workspace()
    if what is not None:
        with book.read_log() as opened:
            record = with_local_names(opened, [find_record(book, opened, what)])[0]
            names = said_names(book, opened)
        shown = record.to_json()
        said: JsonValue = {one: names[one] for one in record.signers if one in names}
        shown |= {"says_it_is": said} if said else {}
        return Output(shown, json.dumps(shown, indent=2, ensure_ascii=False))
    records = book.records(limit=limit)
    rows = [
        (str(r.index), r.statement.kind, r.record[:16], r.statement.time, r.shown_name[:60])
        for r in records
    ]
    return Output(
        {"records": [r.to_json() for r in records]},
        table(rows, header=("index", "kind", "record", "claimed time", "name")),
    )
