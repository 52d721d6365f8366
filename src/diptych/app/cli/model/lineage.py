"""`diptych model lineage`: what a model was made of, or what was made of it."""

from pathlib import Path
from typing import Any

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.lineage_options import lineage_options, lineage_output


@click.command()
@lineage_options
@framed
def lineage(*, what: str, form: str, output: Path | None, **asked: Any) -> Output:
    """Show what a model was made of, or what was made of it.

    WHAT is NAME, NAME@3, NAME:alias, an index or a record id. Every node is verified from the log:
    verified, self-asserted, revoked, erased, missing or refused.
    """
    return lineage_output(what=what, form=form, output=output, **asked)
