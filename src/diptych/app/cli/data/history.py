"""`diptych data history`: the versions of a name."""

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import REFERENCE
from diptych.app.cli.printing import table

_HEADER = ("version", "record", "claimed time", "signed by", "state", "what changed")


@click.command()
@click.argument("name", type=REFERENCE)
@click.option(
    "-n",
    "--limit",
    type=click.IntRange(1, 100_000),
    default=20,
    show_default=True,
    help="How many versions to list.",
)
@framed
def history(name: str, limit: int) -> Output:
    """List the versions of NAME, newest first: who, when as claimed, what changed.

    Example: diptych data history visits
    """
    from diptych.app.cli.opening import open_workspace

    versions = open_workspace().data.history(name, limit=limit)
    rows = [
        (
            f"@{one.version}",
            str(one.record.index),
            one.record.statement.time,
            ", ".join(keyid[:24] for keyid in one.record.signers),
            one.judged.state.value,
            one.change,
        )
        for one in versions
    ]
    return Output({"versions": [one.to_json() for one in versions]}, table(rows, header=_HEADER))
