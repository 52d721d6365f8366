"""`diptych data disclose`: show rows or fields of one subject of a table, with proof."""

from pathlib import Path

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import FILE, REFERENCE
from diptych_verify.wording import counted


@click.command()
@click.argument("what", metavar="REF", type=REFERENCE)
@click.option(
    "--subject", required=True, type=REFERENCE, help="Whose rows; '-' reads it from standard input."
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    type=REFERENCE,
    help="Field to show; by default all; may be repeated.",
)
@click.option(
    "--leaf",
    "leaves",
    multiple=True,
    type=click.IntRange(min=0),
    help="Leaf of a row to show; by default all rows of the subject; may be repeated.",
)
@click.option("--licensee", default="", help="Who gets it, for the usage log; default: us.")
@click.option("-o", "--output", required=True, type=FILE, help="Where to write the bundle.")
@framed
def disclose(
    *,
    what: str,
    subject: str,
    columns: tuple[str, ...],
    leaves: tuple[int, ...],
    licensee: str,
    output: Path,
) -> Output:
    """Show rows or fields of one subject of REF, with proof.

    REF is a table that was sealed with `diptych data add-table`. The bundle shows what is asked
    for and nothing of any other row; `diptych verify` checks it offline.

    Example: diptych data disclose vitals --subject P-2 --column AGE -o p2.diptych.json
    """
    from diptych.app.cli.data.subject_input import one_subject
    from diptych.app.cli.opening import open_workspace
    from diptych.core.files import write_output

    done = open_workspace().data.disclose(
        what, one_subject(subject), columns=columns, leaves=leaves, licensee=licensee
    )
    write_output(frame().folder / output, done.bundle)
    return Output(
        {**done.to_json(), "file": str(output)},
        f"wrote {output}: {counted(done.fields, 'field')} of {counted(done.rows, 'row')} of record "
        f"{done.index}",
    )
