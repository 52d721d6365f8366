"""`diptych data lineage`: where data comes from, or what came of it."""

from pathlib import Path
from typing import Any

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.lineage_options import lineage_options, lineage_output


@click.command()
@lineage_options
@framed
def lineage(*, what: str, form: str, output: Path | None, **asked: Any) -> Output:
    """Show where WHAT comes from, or what came of it.

    WHAT is an index, a record id, a sealed path or a name. Every node is verified from the log:
    verified, self-asserted, revoked, erased, missing or refused.

    Example: diptych data lineage visits --format html -o visits.html
    """
    return lineage_output(what=what, form=form, output=output, **asked)
