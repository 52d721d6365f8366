"""`diptych status`: what changed since sealing."""

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.printing import table
from diptych_verify.wording import counted


@click.command()
@framed
def status() -> Output:
    """Show what changed since sealing; exits with 1 if anything did.

    Quick and for people at work: files that look untouched are not read again. `verify` reads.
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.status import workspace_status

    found = workspace_status(open_workspace())
    rows = [(str(path.index), path.name, path.text()) for path in found.paths]
    waiting = found.size - found.anchored
    notes = []
    if waiting:
        notes.append(f"not anchored yet: {waiting} of {counted(found.size, 'record')}")
    if found.unseen:
        notes.append(f"only verify looks at private seals and streams: {found.unseen} here")
    changed = any(path.state != "unchanged" for path in found.paths)
    return Output(
        found.to_json(),
        table(rows, header=("index", "path", "state")) if rows else "no path is sealed yet",
        exit_code=1 if changed else 0,
        notes=tuple(notes),
    )
