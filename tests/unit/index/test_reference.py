"""Whatever a chain does, the tables are those of an index in plain dictionaries."""

import random
from typing import Any

import pytest
from tests.unit.index.chains import HandMadeChain
from tests.unit.index.reference import reference
from tests.unit.index.stories import Story, manifest

from diptych.core.errors import LedgerError
from diptych.index import Indexer, IndexOptions
from diptych.index.blocks import BlockRef, Chunk, Span, Wanted
from diptych.index.source.source import BranchChanged
from diptych.index.store.duck import DuckStore
from diptych.index.store.tables import listed, versioned

WINDOW = 12


def tables(store: DuckStore) -> dict[str, list[tuple[Any, ...]]]:
    """Return the versions of each table that has any, sorted."""
    found = {}
    with store.snapshot() as seen:
        for one in store.entities:
            table = seen.query(f'select {listed(versioned(one))} from "{one.table}"')
            rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
            found[one.table] = sorted(rows, key=repr)
    return {name: rows for name, rows in found.items() if rows}


@pytest.mark.parametrize("seed", range(5))
def test_random_stories_leave_what_plain_dictionaries_hold(seed: int) -> None:
    story = Story(seed, window=WINDOW, length=5 + seed * 3)
    made = manifest()
    options = IndexOptions(window=WINDOW, max_span=[1, 3, 1_000][seed % 3])
    with DuckStore(None, list(made.entities.values())) as store:
        indexer = Indexer(made, story.chain, store, options)
        for chapter in range(3):
            indexer.catch_up()
            assert tables(store) == reference(story.chain)
            story.go_on()
            if (seed + chapter) % 3 == 0:
                indexer = Indexer(made, story.chain, store, options)
        indexer.catch_up()
        assert tables(store) == reference(story.chain)


class Flaky(HandMadeChain):
    """A source that fails, or changes its branch, at random."""

    rng = random.Random(11)

    def fetch(self, span: Span, wanted: Wanted) -> Chunk:
        """Fail now and then, before or after reading."""
        self._fail()
        chunk = super().fetch(span, wanted)
        self._fail()
        return chunk

    def header(self, number: int) -> BlockRef | None:
        """Fail now and then."""
        self._fail()
        return super().header(number)

    def _fail(self) -> None:
        if self.rng.random() < 0.15:
            raise self.rng.choice([LedgerError, BranchChanged])("not now")


def test_a_source_that_fails_at_random_leaves_the_same_tables() -> None:
    story = Story(21, window=WINDOW, length=20)
    made = manifest()
    failures = 0
    with DuckStore(None, list(made.entities.values())) as store:
        for chapter in range(4):
            for _ in range(200):
                flaky = Flaky(story.chain.blocks)
                try:
                    indexer = Indexer(made, flaky, store, IndexOptions(window=WINDOW, max_span=3))
                    indexer.catch_up()
                    break
                except LedgerError:
                    failures += 1
            assert tables(store) == reference(story.chain), chapter
            story.go_on()
    assert failures > 3


@pytest.mark.parametrize("grown", [1, 4, 5, 30])
def test_a_reorganisation_is_seen_however_far_the_head_went_on_meanwhile(grown: int) -> None:
    """The replaced blocks are older than the window by then, but were not when they were read."""
    story = Story(31, window=4, length=20)
    made = manifest()
    with DuckStore(None, list(made.entities.values())) as store:
        indexer = Indexer(made, story.chain, store, IndexOptions(window=4))
        indexer.catch_up()
        indexer.catch_up()
        story.go_on(4)
        for _ in range(grown):
            story.go_on(0)
        indexer.catch_up()
        assert tables(store) == reference(story.chain)
        assert indexer.counters.reorganisations == 1
