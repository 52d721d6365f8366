"""`diptych config`: every setting, its value and where it came from."""

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.printing import table
from diptych.app.place import find_home


@click.command()
@framed
def config() -> Output:
    """Show settings and their origin."""
    from diptych.core.settings import load_settings

    home = find_home(frame().folder)
    _, rows = load_settings(home / "diptych.toml" if home else None)
    return Output(
        {row.name: {"value": row.value, "origin": row.origin} for row in rows},
        table(
            [(row.name, row.value, row.origin) for row in rows], header=("setting", "value", "from")
        ),
    )
