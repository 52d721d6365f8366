"""Reading an endpoint and the cache: CPU time for each event, and rows that differ.

Usage: python benchmarks/bench_index_source.py [--quick] [--json FILE]

The input is a throwaway chain of token transfers, 100 to a transaction, one transaction in each
tenth block. Speeds are CPU microseconds of this process; the endpoint's own are not in them. Each
figure is the best of some passes after a first one that is not counted (imports, connections).
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from diptych.index.blocks import Chunk, LogSelector, Span, Wanted
from diptych.index.cache.source import CachedSource
from diptych.index.source.rpc.endpoint import Endpoint
from diptych.index.source.rpc.source import RpcSource
from diptych.ledger.rpc import RpcOptions
from harness import Row, arguments, report, row
from index_chain import TokenChain, token_chain

TRANSACTIONS, QUICK_TRANSACTIONS = 500, 40
_PASSES = 4
_WINDOW = 256
FETCH_BAR_US, CACHE_BAR_US, VERIFIED_BAR_US = 5.0, 1.0, 40.0


def spent_us(work: Callable[[], Chunk]) -> tuple[float, Chunk]:
    """Return the CPU microseconds for each log, best of some passes, and what came of it."""
    best, chunk = float("inf"), work()
    for _ in range(_PASSES):
        began = time.process_time()
        chunk = work()
        best = min(best, time.process_time() - began)
    return best / max(chunk.logs.num_rows, 1) * 1e6, chunk


def measured(chain: TokenChain, folder: Path) -> Iterator[Row]:
    """Measure one chain."""
    endpoint = Endpoint(chain.url, options=RpcOptions(timeout_s=60.0))
    source = RpcSource(endpoint)
    token = LogSelector(frozenset({bytes.fromhex(chain.token[2:])}), stream="token")
    wanted, every = Wanted(logs=(token,)), Span(0, chain.head)
    fetched_us, true = spent_us(lambda: source.fetch(every, wanted))
    yield row("an event from an endpoint", fetched_us, "CPU us", at_most=FETCH_BAR_US)
    missing = chain.events - true.logs.num_rows
    yield row("events that are missing", missing, "events", at_most=0)
    proven = replace(wanted, verified=True)
    proven_us, verified = spent_us(lambda: source.fetch(every, proven))
    yield row("an event, its block recomputed", proven_us, "CPU us", at_most=VERIFIED_BAR_US)
    near = Span(max(0, chain.head - _WINDOW + 1), chain.head)
    near_us, linked = spent_us(lambda: source.fetch(near, replace(wanted, links=True)))
    by_block = near_us * linked.logs.num_rows / near.blocks
    yield row("a block near the head, by its hash", by_block, "CPU us", at_most=1_000)
    CachedSource(source, folder).fetch(every, wanted)
    calls = endpoint.calls
    cached_us, kept = spent_us(
        lambda: CachedSource(None, folder, offline=True).fetch(every, wanted)
    )
    yield row("an event from the cache", cached_us, "CPU us", at_most=CACHE_BAR_US)
    yield row("calls for it", endpoint.calls - calls, "calls", at_most=0)
    differ = sum(not one.logs.equals(true.logs) for one in (verified, kept))
    yield row("chunks that differ", differ, "chunks", at_most=0)
    size = sum(one.stat().st_size for one in folder.rglob("*.parquet"))
    yield row("kept of an event", size / chain.events, "bytes", at_most=60)


def main() -> int:
    """Measure and judge."""
    asked = arguments(__doc__)
    transactions = QUICK_TRANSACTIONS if asked.quick else TRANSACTIONS
    with token_chain(transactions) as chain, tempfile.TemporaryDirectory() as folder:
        rows = list(measured(chain, Path(folder)))
    return report("index_source", rows, asked)


if __name__ == "__main__":
    sys.exit(main())
