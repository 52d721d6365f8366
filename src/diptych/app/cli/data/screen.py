"""`diptych data screen`: which columns look like personal data?"""

from pathlib import Path

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import FILE
from diptych.app.cli.opening import open_workspace
from diptych.app.cli.printing import table


@click.command()
@click.argument("path", type=FILE)
@framed
def screen(*, path: Path) -> Output:
    """Say which columns of a CSV file look like personal data; exit code 1 if any does.

    A warning before a public seal, by a model that is published in this workspace's registry.
    Nothing about the file is written anywhere.

    Example: diptych data screen patients.csv
    """
    from diptych.app.verbs.data.screen import screen as screen_table

    found = screen_table(open_workspace(), path)
    rows = [
        (
            one.column,
            "personal" if one.personal else "-",
            one.kind,
            f"{one.probability:.2f}",
            one.by,
        )
        for one in found.findings
    ]
    text = table(rows, ("column", "verdict", "looks like", "probability", "by"))
    notes: tuple[str, ...] = ()
    if found.personal:
        notes = ("seal it with --private, or leave these columns out",)
    return Output(
        found.to_json(), f"{text}\n{found.model}", exit_code=1 if found.personal else 0, notes=notes
    )
