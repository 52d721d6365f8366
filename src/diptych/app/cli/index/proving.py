"""`diptych index seal`, `proof`, `verify`."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from diptych.app.cli.frame import Output, frame, framed
from diptych.app.cli.given import FILE, REFERENCE
from diptych.app.cli.index.origin import from_origin
from diptych.core.errors import JsonValue
from diptych_verify.wording import counted

if TYPE_CHECKING:
    from diptych.app.verbs.index.origin import Origin
    from diptych.index.proof.row import ProvenRow

_ROW = re.compile(r"(\d{1,15})-(\d{1,9})")
_HASH = re.compile(r"0x[0-9a-fA-F]{64}")


@click.command()
@click.argument("name", type=REFERENCE)
@click.option("--block", type=click.IntRange(min=0), help="State at this block, not the newest.")
@framed
def seal(*, name: str, block: int | None) -> Output:
    """Log a signed statement of what the index NAME says at a block.

    Example: diptych index seal tokens
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.index.proving import seal_state

    done = seal_state(open_workspace(), name, block)
    text = f"sealed {name} at block {done.state.block} as record {done.record}: {done.state.digest}"
    return Output({"record": done.record, "state": done.state.to_json()}, text)


@click.command()
@click.argument("name", type=REFERENCE)
@click.argument("row", type=REFERENCE)
@click.option("--output", "-o", type=FILE, help="File to write.  [default: ROW.proof.json]")
@from_origin
@framed
def proof(*, name: str, row: str, output: Path | None, origin: "Origin") -> Output:
    """Write rows of NAME with the proof of the event that caused them.

    ROW is `<block>-<log index>`, as in the column id.

    Example: diptych index proof tokens 12-0 --rpc http://127.0.0.1:8545
    """
    from diptych.app.cli.opening import open_workspace
    from diptych.app.verbs.index.proving import NoSuchRow, prove_row

    found = _ROW.fullmatch(row)
    if found is None:
        raise NoSuchRow(f"got row '{row[:60]}', expected <block>-<log index>")
    to = frame().folder / (output or f"{row}.proof.json")
    place = (int(found[1]), int(found[2]))
    proven = prove_row(open_workspace(), name, place, origin, to=to)
    return _shown(proven, f"wrote {to.name}: ")


@click.command()
@click.argument("what", metavar="NAME|FILE", type=REFERENCE)
@click.option("--block-hash", metavar="0x...", help="Of the file's block, from who is trusted.")
@framed
def verify(*, what: str, block_hash: str | None) -> Output:
    """Recompute the newest sealed state of an index, or check a FILE of `index proof`.

    Example: diptych index verify tokens
    """
    from diptych.app.verbs.index.proving import verify_row_file, verify_state

    path = frame().folder / what
    if path.is_file() or block_hash is not None:
        if block_hash is not None and not _HASH.fullmatch(block_hash):
            raise click.BadParameter("expected 0x and 64 digits", param_hint="--block-hash")
        trusted = bytes.fromhex(block_hash[2:]) if block_hash else None
        note = "" if trusted else "nobody vouched for the block hash: compare it, or --block-hash"
        return _shown(verify_row_file(path, trusted), "", note)
    from diptych.app.cli.opening import open_workspace

    done = verify_state(open_workspace(), what)
    text = (
        f"{what} at block {done.state.block} is what record {done.record} sealed:"
        f" {counted(len(done.state.tables), 'table')}, 0x{done.state.block_hash}"
    )
    return Output({"record": done.record, "state": done.state.to_json()}, text)


def _shown(proven: "ProvenRow", head: str, note: str = "") -> Output:
    block_hash, address = "0x" + proven.block_hash.hex(), "0x" + proven.event.address.hex()
    lines = [
        f"{head}{counted(len(proven.rows), 'row')} of an event of {address}",
        f"block {proven.block_number} of chain {proven.chain_id}, {block_hash}",
    ]
    rows: list[JsonValue] = [
        {"table": table, "values": dict(values)} for table, values in proven.rows
    ]
    return Output(
        {
            "chain_id": proven.chain_id,
            "block": proven.block_number,
            "block_hash": block_hash,
            "address": address,
            "topics": ["0x" + one.hex() for one in proven.event.topics],
            "data": "0x" + proven.event.data.hex(),
            "rows": rows,
        },
        "\n".join(lines),
        notes=(note,) if note else (),
    )
