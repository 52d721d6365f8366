"""`diptych anchor`: write the log's root to the chain of the current profile."""

import click

from diptych.app.cli.frame import Output, framed
from diptych_verify.wording import counted


@click.command()
@framed
def anchor() -> Output:
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
