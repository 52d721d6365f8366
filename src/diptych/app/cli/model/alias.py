"""`diptych model alias`, `approve` and `revoke`: signed records about a version."""

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import REFERENCE
from diptych.app.cli.opening import open_workspace


@click.command()
@click.argument("what", metavar="REF", type=REFERENCE)
@click.argument("alias_name", metavar="ALIAS", type=REFERENCE)
@click.option("--end", is_flag=True, help="Let the alias point nowhere from now on.")
@framed
def alias(*, what: str, alias_name: str, end: bool) -> Output:
    """Let ALIAS point to the version REF from now on: a signed event in the log."""
    book = open_workspace()
    if end:
        noted = book.models.end_alias(what, alias_name)
        return Output(noted.to_json(), f"record {noted.index} ends {what}:{alias_name}")
    noted = book.models.alias(what, alias_name)
    verb = "moves" if noted.new else "already moved"
    name = noted.target.partition("@")[0]
    return Output(
        noted.to_json(), f"record {noted.index} {verb} {name}:{alias_name} to {noted.target}"
    )


@click.command()
@click.argument("what", metavar="REF", type=REFERENCE)
@click.option("--role", required=True, help="In which you speak, for example medical.")
@click.option("--reject", is_flag=True, help="Reject instead: loading then refuses it.")
@click.option("--reason", default="", help="In words; public.")
@framed
def approve(*, what: str, role: str, reject: bool, reason: str) -> Output:
    """Approve or reject the version REF; the newest verdict of a role counts."""
    verdict = "rejected" if reject else "approved"
    noted = open_workspace().models.approve(what, role=role, verdict=verdict, reason=reason)
    return Output(noted.to_json(), f"record {noted.index}: {noted.target} {noted.says}")


@click.command()
@click.argument("what", metavar="REF", type=REFERENCE)
@click.option("--reason", required=True, help="In words; public.")
@framed
def revoke(*, what: str, reason: str) -> Output:
    """Say that a version, licence or grant no longer counts: loading then refuses it.

    Example: diptych data revoke visits@1 --reason "wrong units"
    """
    noted = open_workspace().models.revoke(what, reason=reason)
    return Output(noted.to_json(), f"record {noted.index} revokes {noted.target}: {noted.says}")
