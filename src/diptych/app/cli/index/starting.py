"""`diptych index init`."""

from typing import TYPE_CHECKING

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import REFERENCE
from diptych.app.cli.index.origin import from_origin
from diptych.core.errors import JsonValue
from diptych_verify.wording import counted

if TYPE_CHECKING:
    from diptych.app.verbs.index.origin import Origin


@click.command()
@click.argument("what", metavar="[ADDRESS|ABI_FILE]", type=REFERENCE, required=False)
@click.option("--use", type=REFERENCE, help="Ready-made manifest: erc20, erc721, uniswap-v2, ...")
@click.option("--abi", type=REFERENCE, help="ABI of the address: a file or a known name.")
@click.option("--name", type=REFERENCE, help="Name of the manifest and of its file.")
@click.option("--yaml", "in_yaml", is_flag=True, help="Write YAML instead of Python.")
@from_origin
@framed
def init(
    *,
    what: str | None,
    use: str | None,
    abi: str | None,
    name: str | None,
    in_yaml: bool,
    origin: "Origin",
) -> Output:
    """Write a manifest for a contract, by its ABI or its code.

    Standards are recognised; for others each event gets a table.

    Example: diptych index init 0x5fbdb2315678afecb367f032d93f642f64180aa3 --rpc http://127.0.0.1:8545
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.index.starting import Wish, start_manifest

    wish = Wish(what or "", abi=abi, use=use, name=name, in_yaml=in_yaml)
    done = start_manifest(open_workspace(), frame().folder, wish, origin)
    tables = f"tables for {counted(len(done.events), 'event')}"
    how = f"uses {done.use}" if done.use else tables
    data: dict[str, JsonValue] = {"path": str(done.path), "use": done.use}
    return Output(
        {**data, "events": list(done.events), "more": done.more},
        f"wrote {done.path.name}: {how}\nnext: diptych index run {done.path.name}",
    )
