"""`diptych contracts`: list, verify and deploy the shipped contracts."""

import click

from diptych.app.cli.frame import Output, framed
from diptych.app.cli.printing import table

_WEI_PER_ETHER = 10**18


@click.group()
def contracts() -> None:
    """List, verify and deploy the contracts."""


@contracts.command("list")
@framed
def list_() -> Output:
    """List the shipped contracts and their address, the same on every chain."""
    from diptych.contracts.artefact import contract_names, load_artefact
    from diptych.contracts.deployment import contract_address

    found = [(name, contract_address(name), load_artefact(name)) for name in contract_names()]
    return Output(
        {
            "contracts": [
                {"name": name, "address": address, "runtime_bytes": len(artefact.runtime)}
                for name, address, artefact in found
            ]
        },
        table(
            [(name, address, f"{len(artefact.runtime):,} B") for name, address, artefact in found],
            header=("contract", "address", "code"),
        ),
    )


@contracts.command()
@framed
def verify() -> Output:
    """Recompile the shipped sources and compare every byte; needs node, fetches solc once."""
    from diptych.contracts.compiler import find_compiler
    from diptych.contracts.verify import verify_contracts

    found = verify_contracts(find_compiler())
    return Output(
        {"contracts": [{"name": one.name, "compiler": one.compiler} for one in found]},
        "\n".join(f"{one.name}: recompiled with {one.compiler}, identical" for one in found),
    )


@contracts.command()
@click.argument("names", nargs=-1)
@click.option("--plan", is_flag=True, help="Print addresses, gas and cost; send nothing.")
@click.option(
    "--install-factory", is_flag=True, help="Install the CREATE2 factory where it is missing."
)
@framed
def deploy(names: tuple[str, ...], plan: bool, install_factory: bool) -> Output:
    """Deploy what is missing on the current chain, by default every contract; safe to repeat."""
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.contracts import deploy_all, plan_all

    book = open_workspace()
    if plan:
        planned = plan_all(book, names)
        rows = [
            (s.action, s.name, s.address, f"{s.gas:,}", _ether(s.cost_wei)) for s in planned.steps
        ]
        return Output(
            {
                "chain_id": planned.chain_id,
                "sender": planned.sender,
                "balance_wei": str(planned.balance_wei),
                "price_wei": str(planned.price_wei),
                "steps": [{**vars(s), "cost_wei": str(s.cost_wei)} for s in planned.steps],
            },
            table(rows, header=("action", "contract", "address", "gas", "ETH")),
        )
    done = deploy_all(book, names, with_factory=install_factory)
    return Output(
        {
            "contracts": [
                {"name": d.name, "address": d.address, "gas_used": d.gas_used} for d in done
            ]
        },
        "\n".join(
            f"{d.name} at {d.address} on chain {d.chain_id}: "
            + (f"{d.gas_used:,} gas" if d.transaction_hash else "was there already")
            for d in done
        ),
    )


def _ether(wei: int) -> str:
    return f"{wei / _WEI_PER_ETHER:.9f}"
