"""`diptych data add-table`: seal a table privately, so that each row can go or be shown alone."""

from pathlib import Path

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import FILE, REFERENCE


@click.command("add-table")
@click.argument("path", type=FILE)
@click.option("--name", required=True, type=REFERENCE, help="Its name, which is not secret.")
@click.option(
    "--subject",
    type=REFERENCE,
    help="Column that says whose row it is; without it, each row alone.",
)
@click.option(
    "--from",
    "derived_from",
    multiple=True,
    type=REFERENCE,
    help="Record, sealed path or name that this comes from; may be repeated.",
)
@click.option("--licence", type=REFERENCE, help="Built-in licence (SPDX id) or licence record.")
@click.option(
    "--contributor",
    "--attributed",
    "attributed",
    multiple=True,
    type=REFERENCE,
    help="Contributor as NAME:role or NAME:role:share; may be repeated.",
)
@click.option("--delimiter", help="Of CSV; by default a comma, for .tsv a tab.")
@click.option("--encoding", help="Of CSV; by default utf-8.")
@framed
def add_table(
    *,
    path: Path,
    name: str,
    subject: str | None,
    derived_from: tuple[str, ...],
    licence: str | None,
    attributed: tuple[str, ...],
    delimiter: str | None,
    encoding: str | None,
) -> Output:
    """Seal a table privately, row by row, as the next version of a name.

    PATH is CDISC Dataset-JSON 1.1 (.json, .ndjson), .csv, .tsv or .parquet. One subject's rows, or
    fields of them, can then be disclosed, proven or erased alone.

    Example: diptych data add-table sdtm_vs.json --name vitals --subject USUBJID
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.data.add import Adding, add
    from diptych.app.verbs.data.table import ByRows
    from diptych.data.tables import TableOptions

    options = None
    if delimiter is not None or encoding is not None:
        usual = "\t" if path.suffix.lower() == ".tsv" else ","
        options = TableOptions(delimiter=delimiter or usual, encoding=encoding or "utf-8")
    added = add(
        open_workspace(),
        path,
        Adding(
            name=name,
            derived_from=derived_from,
            licence=licence,
            attributed=attributed,
            rows=ByRows(subject, options),
        ),
    )
    return Output(
        added.to_json(),
        f"added {added.reference}, row by row, as record {added.index}: {added.record}",
    )
