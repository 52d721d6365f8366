"""`diptych model register`, `transfer` and `royalty`: ownership on chain."""

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.given import REFERENCE
from diptych.app.cli.opening import open_workspace
from diptych_verify.wording import counted

_KIND = click.option(
    "--kind",
    type=click.Choice(["dataset", "model", "work", "agent"]),
    help="By default what the record says.",
)


@click.command()
@click.argument("references", metavar="REF...", nargs=-1, required=True, type=REFERENCE)
@_KIND
@framed
def register(*, references: tuple[str, ...], kind: str | None) -> Output:
    """Register data or models on chain, with all their versions up to REF.

    One token per asset (ERC-721); a version is an event with the record's id and the digest of
    its licence. The embedded chain starts on demand.
    """
    from diptych.app.verbs.model import register as verbs

    done = verbs.register(open_workspace(), references, kind=kind)
    lines = [
        f"{one.kind} '{one.name}' is asset {one.asset} of {one.owner} on chain {one.chain_id}, "
        f"{counted(one.versions, 'version')}: {_sent(one.gas_used)}"
        for one in done
    ]
    return Output({"assets": [one.to_json() for one in done]}, "\n".join(lines))


@click.command()
@click.argument("reference", metavar="REF", type=REFERENCE)
@click.argument("address", type=REFERENCE)
@_KIND
@framed
def transfer(*, reference: str, address: str, kind: str | None) -> Output:
    """Give the token of REF to another address: a change of owner."""
    from diptych.app.verbs.model import register as verbs

    done = verbs.transfer(open_workspace(), reference, address, kind=kind)
    return Output(
        done.to_json(), f"{done.kind} '{done.name}' belongs to {done.owner}: {_sent(done.gas_used)}"
    )


@click.command()
@click.argument("reference", metavar="REF", type=REFERENCE)
@click.option("--receiver", help="Address that is paid.")
@click.option("--percent", type=float, help="Of a sale price, 0 to 25; once set it never rises.")
@_KIND
@framed
def royalty(
    *, reference: str, receiver: str | None, percent: float | None, kind: str | None
) -> Output:
    """Show or set the royalty of REF (ERC-2981).

    The default is 2.5 % to the first owner. One address is paid; contributors' shares stand in
    the model's record.
    """
    from diptych.app.verbs.model import register as verbs

    done = verbs.royalty(open_workspace(), reference, receiver=receiver, percent=percent, kind=kind)
    share = f"{done.basis_points / 100:g} % of a sale of '{done.name}' go to {done.receiver}"
    return Output(done.to_json(), f"{share}: {_sent(done.gas_used)}")


def _sent(gas_used: int) -> str:
    return f"{gas_used:,} gas" if gas_used else "nothing to send"
