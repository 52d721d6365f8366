"""A replay from the cache equals a fresh index, whatever happened while the cache was filled."""

import random
from pathlib import Path
from typing import Any

import pytest
from tests.unit.index.chains import TOKEN, HandMadeChain, Log, transfer

from diptych.index import Indexer, IndexOptions, Manifest
from diptych.index.cache.source import CachedSource
from diptych.index.manifest.ready import ready_made
from diptych.index.source.source import Source
from diptych.index.store.duck import DuckStore

WINDOW = 4


def logs_of(rng: random.Random) -> list[Log]:
    """Return some transfers."""
    return [
        transfer(rng.randrange(4), rng.randrange(4), rng.randrange(1 << 90))
        for _ in range(rng.choice((0, 0, 1, 3)))
    ]


def manifest() -> Manifest:
    """Return balances of the token."""
    return ready_made("erc20", ["0x" + TOKEN.hex()], name="it")


def indexed(
    source: Source, store: DuckStore, cached: CachedSource | None, *, span: int = 1_000
) -> dict[str, list[dict[str, Any]]]:
    """Index up to the head and return every version of every row."""
    options = IndexOptions(window=WINDOW, max_span=span)
    Indexer(manifest(), source, store, options, cache=cached).catch_up()
    return {
        one.table: store.query(f'select * from "{one.table}" order by all').to_pylist()
        for one in manifest().entities.values()
    }


def store_at(place: Path | None = None) -> DuckStore:
    """Open a store."""
    return DuckStore(place, list(manifest().entities.values()))


@pytest.mark.parametrize("seed", range(3))
def test_replay_equals_a_fresh_index(tmp_path: Path, seed: int) -> None:
    """Through forks, restarts, forgotten commits and any lengths of spans."""
    rng, chain = random.Random(seed), HandMadeChain()
    chain.mine(*logs_of(rng))
    rows, cache = tmp_path / "rows.duckdb", tmp_path / "cache"
    for _ in range(12):
        for _ in range(rng.randrange(1, 5)):
            chain.mine(*logs_of(rng))
        if rng.random() < 0.5 and len(chain.blocks) > WINDOW:
            depth = rng.randrange(1, WINDOW)
            chain.fork(depth, [logs_of(rng) for _ in range(depth + 1)])
        cached = CachedSource(chain, cache, window=WINDOW)
        if rng.random() < 0.3:  # kept, but the process died before it was stored
            with store_at() as lost:
                indexed(cached, lost, cached)
            continue
        with store_at(rows) as store:
            live = indexed(cached, store, cached, span=rng.choice((1, 3, 1_000)))
    cached = CachedSource(chain, cache, window=WINDOW)
    with store_at(rows) as store:
        live = indexed(cached, store, cached)
    with store_at() as fresh:
        true = indexed(chain, fresh, None)
    assert live == true
    for span in (1, 2, 7, 1_000):
        offline = CachedSource(None, cache, offline=True, window=WINDOW)
        with store_at() as again:
            assert indexed(offline, again, None, span=span) == true
