"""Conformance suite for sources: what every source must do, whatever it reads from.

Third parties run it on their own: `check_source(source, span)` returns what failed. The span should
hold blocks with and without logs and must not change meanwhile.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from diptych.core.errors import DiptychError, LedgerError
from diptych.index.blocks import (
    Chunk,
    LogSelector,
    Span,
    Wanted,
    blocks_schema,
    logs_schema,
    receipts_schema,
    traces_schema,
    transactions_schema,
)
from diptych.index.source.source import NotOffered, Source
from diptych.ledger.checks import CheckResult

if TYPE_CHECKING:
    import pyarrow as pa

ALL_LOGS = LogSelector()
_NOBODY = LogSelector(addresses=frozenset((b"\x5a" * 20,)))
_KEY = ("block_number", "log_index")


class _Expected(Exception):
    """A source behaves differently than the suite expects."""


def check_source(source: Source, span: Span) -> list[CheckResult]:
    """Run all checks.

    Args:
        source: any source.
        span: blocks that it has, at least two.

    Returns:
        Every check in order.
    """
    return list(_results(_Checks(source, span)))


def _results(checks: "_Checks") -> Iterator[CheckResult]:
    for name, run in checks.all():
        try:
            run()
        except _Expected as problem:
            yield CheckResult(name, str(problem))
        except DiptychError as error:
            yield CheckResult(name, f"{error.code}: {error.message}")
        except Exception as error:  # a source of somebody else
            yield CheckResult(name, f"{type(error).__name__}: {error}")
        else:
            yield CheckResult(name)


class _Checks:
    def __init__(self, source: Source, span: Span) -> None:
        self._source, self._span = source, span

    def all(self) -> list[tuple[str, Callable[[], None]]]:
        """Return the checks by name."""
        return [
            ("identity", self.identity),
            ("head", self.head),
            ("links", self.links),
            ("past the head", self.past_the_head),
            ("nothing wanted", self.nothing),
            ("all logs", self.all_logs),
            ("chosen logs", self.chosen_logs),
            ("halves", self.halves),
            ("transactions and receipts", self.whole),
            ("traces", self.traces),
            ("verified", self.verified),
        ]

    def identity(self) -> None:
        """The source says the same twice, and has what it says."""
        one, two = self._source.identity(), self._source.identity()
        _require(one == two, f"got {one}, then {two}")
        first = self._source.header(one.first)
        _require(first is not None, f"got no header of the first block {one.first}")
        _require(
            first is not None and first.hash == one.genesis_hash,
            "got a genesis hash that is not the first block's",
        )

    def head(self) -> None:
        """The head has a header, and the span lies below it."""
        head = self._source.head()
        _require(head.number >= self._span.last, f"got head {head.number} below the span")
        _require(self._source.header(head.number) == head, "got another header of the head")

    def links(self) -> None:
        """Headers of neighbours belong together."""
        before = self._source.header(self._span.first)
        for number in range(self._span.first + 1, self._span.last + 1):
            after = self._source.header(number)
            if before is None or after is None:
                raise _Expected(f"got no header of block {number - 1} or {number}")
            _require(after.number == number, f"got header {after.number}, expected {number}")
            _require(after.parent_hash == before.hash, f"block {number} has another parent")
            before = after

    def past_the_head(self) -> None:
        """There is nothing past the head, and fetching it is refused."""
        beyond = self._source.head().number + 1_000_000
        _require(self._source.header(beyond) is None, f"got a header of block {beyond}")
        try:
            self._source.fetch(Span(beyond, beyond + 1), Wanted(logs=(ALL_LOGS,)))
        except LedgerError:
            return
        raise _Expected(f"got blocks {beyond} and more, expected a refusal")

    def nothing(self) -> None:
        """Without a wish there are no rows."""
        chunk = self._fetch(Wanted())
        _require(chunk.logs.num_rows == 0, "got logs, wanted none")
        tables = (chunk.transactions, chunk.receipts, chunk.traces)
        _require(all(table is None for table in tables), "got tables that were not wanted")

    def all_logs(self) -> None:
        """Logs are in order, within the span, each once, and their blocks are there."""
        logs = self._fetch(Wanted(logs=(ALL_LOGS,))).logs
        keys = _rows(logs, *_KEY)
        _require(keys == sorted(set(keys)), "got logs out of order or twice")
        inside = all(self._span.first <= number <= self._span.last for number, _ in keys)
        _require(inside, "got logs outside the span")

    def chosen_logs(self) -> None:
        """A choice by address, first topic, both, or two at once gives exactly those logs."""
        every = _rows(self._fetch(Wanted(logs=(ALL_LOGS,))).logs, *_KEY, "address", "topic0")
        if not every:
            raise _Expected("got no logs in the span, choose one that has some")
        _, _, address, topic = every[len(every) // 2]
        by_address = LogSelector(addresses=frozenset((address,)))
        by_topic = LogSelector(topics=frozenset(() if topic is None else (topic,)))
        both = LogSelector(by_address.addresses, by_topic.topics)
        for wanted in ((by_address,), (by_topic,), (both,), (by_address, by_topic), (_NOBODY,)):
            expected = [row for row in every if any(_matches(row, one) for one in wanted)]
            found = self._fetch(Wanted(logs=wanted)).logs
            rows = _rows(found, *_KEY, "address", "topic0")
            _require(rows == expected, f"got {len(rows)} logs, expected {len(expected)}")

    def halves(self) -> None:
        """Two halves hold the same as the whole."""
        import pyarrow as pa

        middle = (self._span.first + self._span.last) // 2
        wanted = Wanted(logs=(ALL_LOGS,))
        spans = (Span(self._span.first, middle), Span(middle + 1, self._span.last))
        parts = [self._source.fetch(span, wanted).logs for span in spans if span.blocks > 0]
        _require(pa.concat_tables(parts).equals(self._fetch(wanted).logs), "got other logs")

    def whole(self) -> None:
        """Transactions and receipts are complete and agree; logs come with receipts."""
        wanted = Wanted(transactions=True, receipts=True)
        try:
            chunk = self._fetch(wanted)
        except NotOffered:
            return
        if chunk.transactions is None or chunk.receipts is None:
            raise _Expected("got no transactions or receipts")
        counts = sorted(_rows(chunk.blocks, "number", "transaction_count"))
        expected = [(number, place) for number, count in counts for place in range(count)]
        places = _rows(chunk.transactions, "block_number", "transaction_index")
        _require(places == expected, "got transactions that are not 0, 1, 2 and so on")
        hashes = _rows(chunk.transactions, "block_number", "hash")
        _require(
            hashes == _rows(chunk.receipts, "block_number", "transaction_hash"),
            "got receipts of other transactions",
        )
        logs = self._fetch(Wanted(logs=(ALL_LOGS,))).logs
        _require(chunk.logs.equals(logs), "got other logs with receipts than without")

    def traces(self) -> None:
        """Traces are given or refused by name."""
        try:
            traces = self._fetch(Wanted(traces=True)).traces
        except NotOffered:
            return
        _require(traces is not None, "got no traces and no refusal")

    def verified(self) -> None:
        """What is verified is what was told without."""
        plain = self._fetch(Wanted(logs=(ALL_LOGS,))).logs
        try:
            proven = self._fetch(Wanted(logs=(ALL_LOGS,), verified=True)).logs
        except NotOffered:
            return
        _require(proven.equals(plain), "got other logs with verification")

    def _fetch(self, wanted: Wanted) -> Chunk:
        """Fetch the span and check what holds of every chunk."""
        chunk = self._source.fetch(self._span, wanted)
        _require(chunk.span == self._span, f"got span {chunk.span}, expected {self._span}")
        _require(chunk.last == self._source.header(self._span.last), "got another last block")
        tables = (
            (chunk.blocks, blocks_schema()),
            (chunk.logs, logs_schema()),
            (chunk.transactions, transactions_schema()),
            (chunk.receipts, receipts_schema()),
            (chunk.traces, traces_schema()),
        )
        hashes = dict(_rows(chunk.blocks, "number", "hash"))
        for table, schema in tables:
            if table is None:
                continue
            unknown = [name for name in table.schema.names if name not in schema.names]
            _require(not unknown, f"got columns {unknown} that no schema has")
            numbers = table.column("block_number").to_pylist() if table is not chunk.blocks else []
            _require(
                set(numbers) <= set(hashes), "got rows of blocks that are not among the blocks"
            )
        pairs = set(_rows(chunk.logs, "block_number", "block_hash"))
        _require(all(hashes[number] == digest for number, digest in pairs), "got two branches")
        return chunk


def _matches(row: tuple[Any, ...], selector: LogSelector) -> bool:
    _, _, address, topic = row
    return (not selector.addresses or address in selector.addresses) and (
        not selector.topics or topic in selector.topics
    )


def _rows(table: "pa.Table", *names: str) -> list[tuple[Any, ...]]:
    columns = [table.column(name).to_pylist() for name in names]
    return list(zip(*columns, strict=True))


def _require(holds: bool, problem: str) -> None:
    if not holds:
        raise _Expected(problem)
