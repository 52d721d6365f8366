"""`diptych export`: what others need: the log as static tiles, or the trust policy."""

from pathlib import Path

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import FILE, FOLDER
from diptych_verify.wording import counted


@click.group()
def export() -> None:
    """Export tiles or a trust policy."""


@export.command()
@click.argument("destination", type=FOLDER)
@framed
def tiles(destination: Path) -> Output:
    """Write the log into DESTINATION as static tlog-tiles, continuing an earlier export."""
    from diptych.app.cli.opening import open_workspace
    from diptych.provenance.log import export_tiles

    book = open_workspace()
    with book.read_log() as log:
        head = export_tiles(log, frame().folder / destination, progress=book.progress)
    return Output(
        {"folder": str(destination), "size": head.size, "root": head.root.hex()},
        f"exported {counted(head.size, 'record')} to {destination}",
    )


@export.command()
@click.argument("destination", type=FILE)
@click.option("--pin", is_flag=True, help="Also pin the newest checkpoint, to notice a rollback.")
@framed
def policy(destination: Path, pin: bool) -> Output:
    """Write the trust policy by which others can check this workspace's bundles."""
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.policy import policy_toml
    from diptych.core.files import write_output

    raw = policy_toml(open_workspace(), pin=pin)
    write_output(frame().folder / destination, raw)
    return Output(
        {"file": str(destination), "pinned": pin},
        f"wrote {destination}: hand it over once, by a channel that the other side trusts",
    )
