"""Contracts that factories make: the same rows whichever blocks were fetched together."""

from pathlib import Path
from typing import Any

import pytest
from tests.unit.index.chains import HandMadeChain, account
from tests.unit.index.emitting import emit

from diptych.index import Indexer, IndexOptions
from diptych.index.cache.source import CachedSource
from diptych.index.engine.plan import Plan
from diptych.index.manifest.ready import ready_made
from diptych.index.store.duck import DuckStore

ONE, TWO = bytes.fromhex("fa" * 20), bytes.fromhex("fb" * 20)
ME, YOU = account(1), account(2)


def chain_of_pairs() -> HandMadeChain:
    """Return a chain on which pairs exist before their factories name them."""
    chain = HandMadeChain()
    for number in range(12):
        logs = [emit(account(9), "uniswap-v2-pair", "Sync", number + 1, 1)]
        logs.append(emit(account(8), "uniswap-v2-pair", "Sync", 1, number + 1))
        if number == 4:
            logs.append(emit(ONE, "uniswap-v2-factory", "PairCreated", ME, YOU, account(9), 1))
        if number == 6:
            logs.append(emit(TWO, "uniswap-v2-factory", "PairCreated", ME, YOU, account(8), 1))
        chain.mine(*logs)
    return chain


def rows(
    source: HandMadeChain | CachedSource, factory: bytes, folder: Path, *, span: int
) -> list[dict[str, Any]]:
    """Index with a largest span and return all versions of the reserves."""
    manifest = ready_made("uniswap-v2", ["0x" + factory.hex()], name="it")
    options = IndexOptions(max_span=span, window=1)
    folder.mkdir(exist_ok=True)
    place = folder / f"{factory.hex()[:4]}-{span}-{type(source).__name__}.duckdb"
    with DuckStore(place, list(manifest.entities.values())) as store:
        Indexer(manifest, source, store, options).catch_up()
        found: list[dict[str, Any]] = store.query("select * from reserve order by all").to_pylist()
        return found


@pytest.mark.parametrize("span", [1, 3, 100])
def test_events_count_from_the_block_that_names_the_child(tmp_path: Path, span: int) -> None:
    """Earlier ones do not, even where they were fetched along."""
    found = rows(chain_of_pairs(), ONE, tmp_path, span=span)
    assert [one["_from"] for one in found] == list(range(4, 12))


def test_another_factory_gets_its_own_children_from_the_cache(tmp_path: Path) -> None:
    """Logs that were kept for one factory's children are not taken for another's."""
    chain = chain_of_pairs()
    for factory, span in ((ONE, 3), (ONE, 100), (TWO, 100), (TWO, 2)):
        cached = CachedSource(chain, tmp_path / "cache")
        found = rows(cached, factory, tmp_path, span=span)
        assert found == rows(chain, factory, tmp_path, span=span)
        assert found


@pytest.mark.parametrize("span", [1, 2, 5])
def test_children_replay_without_the_source_in_other_spans(tmp_path: Path, span: int) -> None:
    """Nothing is missed before the first child, where nothing was asked for."""
    chain = chain_of_pairs()
    true = rows(chain, ONE, tmp_path, span=7)
    rows(CachedSource(chain, tmp_path / "cache"), ONE, tmp_path / "first", span=span)
    for other in (1, 3, 100):
        offline = CachedSource(None, tmp_path / "cache", offline=True)
        assert rows(offline, ONE, tmp_path / "again", span=other) == true


def test_a_stream_is_named_by_all_that_decides_on_its_logs() -> None:
    """The factory's address is part of it; handlers are not."""
    plans = [
        Plan(ready_made("uniswap-v2", ["0x" + one.hex()], name="it")) for one in (ONE, TWO, ONE)
    ]
    names = [{plan.stream(one) for one in plan.manifest.contracts.values()} for plan in plans]
    assert names[0] == names[2]
    assert not names[0] & names[1]
