"""A served index in a process of its own; prints its URL, ends at SIGTERM.

Usage: index_serve_child.py follow URL TOKEN FOLDER | rows COUNT
"""

import hashlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from diptych.app.cli.index.serving import until_signalled
from diptych.app.http.index.limits import ServerOptions
from diptych.app.verbs.index.serving import Serving, beside, follow_served
from diptych.index import Indexer, IndexOptions, Manifest, entity, kinds
from diptych.index.blocks import BlockRef
from diptych.index.engine.home import IndexHome
from diptych.index.manifest.handlers import EventRow, Read
from diptych.index.source.rpc.endpoint import Endpoint
from diptych.index.source.rpc.source import RpcSource, RpcSourceOptions
from diptych.index.store.duck import DuckStore
from diptych.index.store.store import Commit, Cursor
from diptych.ledger.rpc import RpcOptions

_VERSIONS = 10


@entity
class Account:
    """An account and how often it moved tokens."""

    id: kinds.Address
    moves: kinds.Count


@entity(immutable=True)
class Transfer:
    """One transfer."""

    id: str
    transaction: kinds.Hash
    sender: Annotated[kinds.Address, kinds.Refers("Account")]
    receiver: Annotated[kinds.Address, kinds.Refers("Account")]
    value: kinds.Uint256


@entity
class Balance:
    """What an account holds."""

    account: kinds.Address
    amount: kinds.Total


def transfers(token: str) -> Manifest:
    """Return the manifest of one token."""
    manifest = Manifest("bench", entities=[Account, Transfer])
    contract = manifest.contract("Token", abi="erc20", address=token)

    @manifest.on(contract.events.Transfer)
    def moved(event: EventRow, read: Read) -> Iterator[object]:
        sender, receiver = event.args["from"], event.args["to"]
        yield Transfer(
            id=event.id,
            transaction=kinds.Hash(event.transaction),
            sender=sender,
            receiver=receiver,
            value=event.args["value"],
        )
        yield Account(id=sender, moves=1)
        yield Account(id=receiver, moves=1)

    return manifest


def fill(store: DuckStore, rows: int) -> None:
    """Store versions: each account changes ten times, in blocks spread over the chain."""
    import pyarrow as pa

    accounts = rows // _VERSIONS
    names = [
        "0x" + hashlib.sha256(place.to_bytes(4, "big")).hexdigest()[:40]
        for place in range(accounts)
    ]
    for version in range(_VERSIONS):
        began = [version * accounts + place for place in range(accounts)]
        ended = None if version == _VERSIONS - 1 else [one + accounts for one in began]
        table = pa.table(
            {
                "account": names,
                "amount": [str(10**24 + one) for one in began],
                "_from": began,
                "_to": pa.nulls(accounts, pa.int64()) if ended is None else ended,
                "_block_hash": ["0x" + "11" * 32] * accounts,
            }
        )
        head = BlockRef(began[-1], version.to_bytes(32, "big"), bytes(32), 0)
        store.commit(
            Commit(Cursor(head, "made", bytes(32)), links=[head], versions={"Balance": table})
        )


def follow(url: str, token: str, folder: Path, serving: Serving) -> None:
    """Index a chain and serve it; new heads are heard by WebSocket."""
    manifest = transfers(token)
    home = IndexHome(folder)
    heard = RpcSourceOptions(wakeups=url.replace("http", "ws", 1))
    source = RpcSource(Endpoint(url, options=RpcOptions(timeout_s=60.0)), heard)
    rows = folder / "rows.duckdb"
    with until_signalled() as stop, DuckStore(rows, list(manifest.entities.values())) as store:
        indexer = Indexer(manifest, source, store, IndexOptions())
        follow_served(
            indexer, home, store, serving=serving, stop=stop, caught_up=lambda: print("up")
        )


def rows_as_they_stand(count: int, folder: Path, serving: Serving) -> None:
    """Serve made versions."""
    manifest = Manifest("rows", entities=[Balance])
    entities = list(manifest.entities.values())
    with until_signalled() as stop, DuckStore(folder / "rows.duckdb", entities) as store:
        fill(store, count)
        with beside(IndexHome(folder), store, serving):
            print("up", flush=True)
            while not stop():
                time.sleep(0.1)


def main() -> None:
    """Serve one way."""
    serving = Serving(ServerOptions(port=0), lambda url: print(url, flush=True))
    if sys.argv[1] == "follow":
        follow(sys.argv[2], sys.argv[3], Path(sys.argv[4]), serving)
    else:
        rows_as_they_stand(int(sys.argv[2]), Path(sys.argv[3]), serving)


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    main()
