"""`diptych init`: make this folder a workspace."""

import click

from diptych.app.cli.frame import Output, framed


@click.command()
@click.option(
    "--key",
    "algorithm",
    type=click.Choice(["ed25519", "secp256k1"]),
    default="ed25519",
    show_default=True,
    help="Algorithm of the key that signs statements.",
)
@framed
def init(algorithm: str) -> Output:
    """Make this folder a workspace.

    Writes a new log and one encrypted key per purpose into `.diptych`.
    """
    from diptych.app.cli.opening import new_workspace
    from diptych.app.verbs.create import create

    created = create(new_workspace(), algorithm=algorithm)
    return Output(
        {"origin": created.origin, "log_key": created.log_key, "keyid": created.keyid},
        f"workspace ready: {created.origin}, signing as {created.keyid}",
    )
