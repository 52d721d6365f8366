"""`diptych anchor`: write the log's root to the chain, and say who may."""

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import REFERENCE
from diptych_verify.wording import counted

_WRITE = "write"


class AnchorGroup(click.Group):
    """A group that anchors when no member is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the name of the main command where none is given."""
        if not args or args[0] not in {*self.commands, "--help", "-h"}:
            args.insert(0, _WRITE)
        return super().parse_args(ctx, args)


@click.group(cls=AnchorGroup, invoke_without_command=True)
def anchor() -> None:
    """Write the log's root to a chain.

    Without a member it anchors: `diptych anchor` is `diptych anchor write`.
    """


@anchor.command()
@framed
def write() -> Output:
    """Write the log's root to a chain.

    One transaction covers every record so far. The embedded chain starts on demand.
    """
    from diptych.app.cli.opening import open_workspace

    done = open_workspace().anchor()
    what = f"{counted(done.size, 'record')} in block {done.block} of chain {done.chain_id}"
    text = f"anchored {what}: {done.gas_used:,} gas, root {done.root}"
    if not done.new:
        text = f"nothing to anchor: {what} already, root {done.root}"
    return Output(done.to_json(), text)


@anchor.command()
@click.argument("address", required=False, default="", type=click.STRING)
@click.option("--forbid", is_flag=True, help="Take the right back.")
@framed
def publisher(*, address: str, forbid: bool) -> Output:
    """Show who may anchor this log, or let ADDRESS do it too.

    A publisher sets `chain.log_owner` to the owner's address, and anchors with its own account.
    """
    return _shown(forbid=address) if forbid else _shown(allow=address)


@anchor.command()
@click.argument("address", type=REFERENCE)
@framed
def offer(*, address: str) -> Output:
    """Offer this log to a new owner, who then runs `diptych anchor accept`."""
    return _shown(offer=address)


@anchor.command()
@framed
def accept() -> Output:
    """Take over a log that was offered to our account; its publishers lose their right.

    Set `chain.log_owner` to the address that anchored the log first.
    """
    return _shown(take=True)


def _shown(*, allow: str = "", forbid: str = "", offer: str = "", take: bool = False) -> Output:
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.anchor import anchor_rights

    found = anchor_rights(open_workspace(), allow=allow, forbid=forbid, offer=offer, take=take)
    others = ", ".join(found.publishers) or "nobody else"
    sent = f": {found.gas_used:,} gas" if found.gas_used else ""
    return Output(
        found.to_json(),
        f"log {found.log_id} on chain {found.chain_id}: owner {found.owner}, "
        f"publishers {others}{sent}",
    )
