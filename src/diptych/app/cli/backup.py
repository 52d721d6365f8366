"""`diptych backup` and `diptych restore`: the workspace in one file and back."""

from pathlib import Path

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import FILE
from diptych_verify.wording import counted


@click.command()
@click.argument("destination", type=FILE)
@framed
def backup(destination: Path) -> Output:
    """Copy the workspace to one file.

    The copy is consistent even while others work. It holds the encrypted keys: guard it.
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.backup import backup as back_up

    done = back_up(open_workspace(), destination)
    return Output(
        {"file": str(done.path), "origin": done.origin, "size": done.size},
        f"wrote {done.path}: {done.origin}, {counted(done.size, 'record')}",
    )


@click.command()
@click.argument("source", type=FILE)
@framed
def restore(source: Path) -> Output:
    """Bring a backup back, checked.

    The log is recomputed in full before it is put in place; an existing workspace is never touched.
    """
    from diptych.app.cli.opening import new_workspace
    from diptych.app.verbs.backup import restore as bring_back

    done = bring_back(new_workspace(), source)
    return Output(
        {"folder": str(done.path), "origin": done.origin, "size": done.size},
        f"restored {done.origin} with {counted(done.size, 'record')}",
        notes=("diptych verify --online asks the chain whether anything is newer",),
    )
