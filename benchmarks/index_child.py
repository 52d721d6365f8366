"""One run of our index in a process of its own; prints what it took as JSON.

Usage: index_child.py batch|rows|replay URL TOKEN FOLDER [--quick]
"""

import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from diptych.index import Indexer, IndexOptions, Manifest, kinds
from diptych.index.cache.source import CachedSource
from diptych.index.manifest.handlers import EventRow, Read
from diptych.index.manifest.ready.erc20 import Balance, Token, Transfer, erc20
from diptych.index.source.rpc.endpoint import Endpoint
from diptych.index.source.rpc.source import RpcSource
from diptych.index.store.duck import DuckStore
from diptych.ledger.rpc import RpcOptions

NOBODY = "0x" + "0" * 40


def by_rows(token: str) -> Manifest:
    """Return the manifest of `erc20` with one call of Python for each event."""
    manifest = Manifest("rows", entities=[Transfer, Balance, Token])
    contract = manifest.contract("Token", abi="erc20", address=token)

    @manifest.on(contract.events.Transfer)
    def moved(event: EventRow, read: Read) -> Iterator[object]:
        token = kinds.Address(event.address)
        sender, receiver, value = event.args["from"], event.args["to"], event.args["value"]
        yield Transfer(
            id=event.id,
            timestamp=event.timestamp,
            token=token,
            sender=sender,
            receiver=receiver,
            value=value,
            transaction=kinds.Hash(event.transaction),
        )
        minted = sender == NOBODY
        if not minted:
            yield Balance(token=token, account=sender, amount=kinds.Int256(-value))
        yield Balance(token=token, account=receiver, amount=value)
        yield Token(id=token, supply=kinds.Int256(value if minted else 0), transfer_count=1)

    return manifest


def main() -> None:
    """Run one way and say what it took."""
    how, url, token, folder = sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4])
    manifest = by_rows(token) if how == "rows" else erc20(token)
    endpoint = None if how == "replay" else Endpoint(url, options=RpcOptions(timeout_s=60.0))
    source = None if endpoint is None else RpcSource(endpoint)
    cached = CachedSource(source, folder / "cache", offline=how == "replay")
    rows = folder / f"{how}.duckdb"
    with DuckStore(rows, list(manifest.entities.values())) as store:
        began, used = time.perf_counter(), time.process_time()
        indexer = Indexer(manifest, cached, store, IndexOptions(), cache=cached)
        indexer.catch_up()
        wall_s, cpu_s = time.perf_counter() - began, time.process_time() - used
        (balance,) = store.query(
            "select sum(amount) as total, count(*) as holders from balance where _to is null"
        ).to_pylist()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {
                "events": indexer.counters.events,
                "wall_s": wall_s,
                "cpu_s": cpu_s,
                "peak_mib": peak,
                "calls": endpoint.calls if endpoint else 0,
                "total": str(balance["total"]),
                "holders": balance["holders"],
            }
        )
    )


if __name__ == "__main__":
    main()
