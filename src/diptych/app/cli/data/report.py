"""`diptych data report`: a logged quality report, read again."""

from pathlib import Path

import click

from diptych.app.cli.data.check import report_text, written
from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import FILE, REFERENCE


@click.command()
@click.argument("what", type=REFERENCE)
@click.option("--html", "page", type=FILE, help="Also write it as a page.")
@framed
def report(*, what: str, page: Path | None) -> Output:
    """Show the newest quality report about WHAT, or the one that WHAT names.

    A report about private data needs the key that was made with it.

    Example: diptych data report trial --html report.html
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.data.reports import read_report

    record, found = read_report(open_workspace(), what)
    where = f"record {record.index}, claimed time {record.statement.time}"
    notes = () if page is None else (written(found, page, (what, where)),)
    data = {"record": record.record, "index": record.index, **found.to_json()}
    return Output(data, f"{report_text(found)}\n{where}", notes=notes)
