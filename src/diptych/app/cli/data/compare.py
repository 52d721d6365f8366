"""`diptych data compare`: a table as it is now against its sealed version."""

from pathlib import Path

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import FILE, REFERENCE
from diptych_verify.wording import counted

_LISTED = 50


@click.command()
@click.argument("what", metavar="REF", type=REFERENCE)
@click.argument("path", required=False, type=FILE)
@framed
def compare(*, what: str, path: Path | None) -> Output:
    """Name the rows and columns that differ from a sealed table.

    REF is a table that was sealed with `diptych data add-table`; PATH is the table as it is now,
    by default where it was sealed. Exit code 1 says that they differ.

    Example: diptych data compare vitals sdtm_vs.json
    """
    from diptych.app.cli.opening import open_workspace

    found = open_workspace().data.compare(what, path)
    lines = found.lines(subjects=True)
    when = f", known by {found.anchored}" if found.anchored else ", not anchored"
    head = f"sealed as record {found.record.index}{when}"
    if not lines:
        text = f"{head}: {counted(found.rows, 'row')}, none differs"
    else:
        more = [f"and {len(lines) - _LISTED:,} more"] if len(lines) > _LISTED else []
        text = "\n".join([f"{head}: {counted(len(lines), 'difference')}", *lines[:_LISTED], *more])
    notes = ("parts of the sealed table were erased, and show as added",) if found.erased else ()
    return Output(found.to_json(), text, exit_code=1 if lines else 0, notes=notes)
