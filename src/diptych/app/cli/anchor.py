"""`diptych anchor`: write the log's root to the chain of the current profile."""

import click

from diptych.app.cli.frame import Output, framed


@click.command()
@framed
def anchor() -> Output:
    """Write the log's root to a chain.

    One transaction covers every record so far. The embedded chain starts on demand.
    """
    from diptych.app.cli.opening import open_workspace

    done = open_workspace().anchor()
    return Output(
        done.to_json(),
        f"anchored {done.size} records in block {done.block} of chain {done.chain_id}: "
        f"{done.gas_used:,} gas, root {done.root}",
    )
