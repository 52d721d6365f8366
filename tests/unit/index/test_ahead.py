"""Fetching ahead: the same chunks, asked for earlier."""

import pytest
from tests.unit.index.chains import TOKEN, HandMadeChain, transfer

from diptych.index.blocks import Chunk, LogSelector, Span, Wanted
from diptych.index.source.ahead import AheadSource
from diptych.ledger.errors import Unreachable

LOGS = Wanted(logs=(LogSelector(frozenset({TOKEN})),))
ALL = Wanted(logs=(LogSelector(),))


class Watched(HandMadeChain):
    """A chain that remembers which spans were asked for, and fails if told to."""

    failures = 0

    def fetch(self, span: Span, wanted: Wanted) -> Chunk:
        """Return the logs of a span."""
        self.__dict__.setdefault("spans", []).append(span)
        if span.first == 10 and self.failures:
            self.failures -= 1
            raise Unreachable("away")
        return super().fetch(span, wanted)

    @property
    def asked(self) -> list[Span]:
        """Spans in order."""
        return list(self.__dict__.get("spans", []))


def chain_of(blocks: int) -> Watched:
    """Return a chain with a transfer in each block."""
    chain = Watched()
    for number in range(blocks):
        chain.mine(transfer(number, 1, 1))
    return chain


def test_the_next_span_is_there_when_it_is_asked_for() -> None:
    """Each block is asked for once, and the rows are those of the chain."""
    chain, numbers = chain_of(100), []
    with AheadSource(chain, window=20) as source:
        source.head()
        start, blocks = 0, 10
        while start < 80:
            chunk = source.fetch(Span(start, min(start + blocks - 1, 79)), LOGS)
            numbers += chunk.logs.column("block_number").to_pylist()
            start, blocks = chunk.span.last + 1, blocks * 2
    assert numbers == list(range(80))
    asked = chain.asked
    assert asked[:3] == [Span(0, 9), Span(10, 19), Span(20, 39)]
    assert sum(one.blocks for one in asked) == 80


def test_nothing_is_fetched_ahead_near_the_head() -> None:
    """What a reorganisation may take back is asked for when it is needed."""
    chain = chain_of(100)
    with AheadSource(chain, window=50) as source:
        source.head()
        source.fetch(Span(40, 49), LOGS)
        source.fetch(Span(50, 50), Wanted(logs=LOGS.logs, links=True))
    assert chain.asked == [Span(40, 49), Span(50, 50)]


def test_another_wish_gets_its_own_rows() -> None:
    """A chunk that was fetched for one wish is never given to another."""
    chain = chain_of(100)
    with AheadSource(chain, window=0) as source:
        source.head()
        source.fetch(Span(0, 9), LOGS)
        other = source.fetch(Span(0, 9), ALL)
        assert other.logs.num_rows == 10
        source.fetch(Span(10, 19), LOGS)
        source.fetch(Span(70, 79), LOGS)
        assert source.fetch(Span(5, 7), ALL).span == Span(5, 7)
    assert chain.asked.count(Span(10, 19)) == 1


def test_a_failure_ahead_is_told_when_its_span_is_asked_for() -> None:
    """Then it is tried once more, and the error is that of the source."""
    chain = chain_of(100)
    chain.failures = 2
    with AheadSource(chain, window=0) as source:
        source.head()
        source.fetch(Span(0, 9), LOGS)
        with pytest.raises(Unreachable):
            source.fetch(Span(10, 19), LOGS)
        assert source.fetch(Span(10, 19), LOGS).logs.num_rows == 10
