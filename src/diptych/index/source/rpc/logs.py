"""Logs of an endpoint: by ranges of heights that adapt, or by block hash near the head."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, NamedTuple

from diptych.core.errors import LedgerError
from diptych.index.blocks import BlockRef, LogSelector, Span, logs_schema
from diptych.index.source.answers import RawLog
from diptych.index.source.background import in_background
from diptych.index.source.normal import logs_table
from diptych.index.source.rpc.consistency import consistent_logs, in_chain_order
from diptych.index.source.rpc.endpoint import Endpoint
from diptych.index.source.rpc.filters import filter_json, merged, split_addresses
from diptych.index.source.rpc.pace import Pace
from diptych.ledger.answers import RpcCall
from diptych.ledger.errors import MalformedAnswer
from diptych.ledger.log_ranges import is_too_large
from diptych.ledger.quantity import COUNT_BITS, read_bytes, read_quantity

if TYPE_CHECKING:
    import pyarrow as pa

_FIRST_RANGE = 2_000
_ROWS = 16_000
_FIRST_ADDRESSES = 500
_IN_FLIGHT = 3


class BlockTime(NamedTuple):
    """A block as its logs tell of it; `timestamp_s` None where they do not."""

    number: int
    hash: bytes
    timestamp_s: int | None


class Logs(NamedTuple):
    """Logs in chain order, and the blocks that they are of."""

    table: "pa.Table"
    blocks: list[BlockTime]


class LogReader:
    """Reads logs.

    Args:
        endpoint: which.
        most_blocks: largest range in one query.
    """

    def __init__(self, endpoint: Endpoint, *, most_blocks: int) -> None:
        self._endpoint = endpoint
        self._range = Pace(_FIRST_RANGE, most_blocks, rows=_ROWS)
        self._addresses = Pace(_FIRST_ADDRESSES, _FIRST_ADDRESSES)

    def of_span(self, span: Span, selectors: Sequence[LogSelector]) -> Logs:
        """Return the logs of a span, whatever branch the endpoint is on.

        Raises:
            MalformedAnswer: they contradict each other or the question.
            LedgerError: the endpoint fails, or refuses a single block too.
        """
        groups = merged(selectors)
        parts = []
        for selector in groups:
            parts += self._of_range(span, selector)
        return joined(parts, overlapping=len(groups) > 1)

    def of_blocks(self, blocks: Sequence[BlockRef], selectors: Sequence[LogSelector]) -> Logs:
        """Return the logs of blocks of one branch, asked for by hash.

        Raises:
            MalformedAnswer: they contradict each other or the question.
            LedgerError: the endpoint fails, or does not know a block (any more).
        """
        groups = merged(selectors)
        parts: list[Logs] = []
        for selector in groups:
            for few in split_addresses(selector, self._addresses.size):
                filter_ = filter_json(few)
                calls = [
                    RpcCall("eth_getLogs", ({**filter_, "blockHash": "0x" + block.hash.hex()},))
                    for block in blocks
                ]
                answers = self._endpoint.ask_each(list[RawLog], calls)
                parts.append(self._read_blocks(blocks, answers, few))
        return joined(parts, overlapping=len(groups) > 1)

    def _read_blocks(
        self,
        blocks: Sequence[BlockRef],
        answers: Sequence[list[RawLog] | None],
        selector: LogSelector,
    ) -> Logs:
        if None in answers:
            raise MalformedAnswer(f"{self._endpoint.shown_url}: got null for logs of a block")
        flat = [log for answer in answers for log in answer or ()]
        logs = _read(self._endpoint, flat, Span(blocks[0].number, blocks[-1].number), selector)
        for block, answer in zip(blocks, answers, strict=True):
            _require_block(self._endpoint, answer or (), block)
        return logs

    def _of_range(self, span: Span, selector: LogSelector) -> list[Logs]:
        """Ask for ranges, a few at a time; after a refusal for smaller ones from there on."""
        if span.blocks <= self._range.size:
            return self._of_ranges(span, selector, _at_once)
        return self._of_ranges(span, selector, in_background)

    def _of_ranges(
        self, span: Span, selector: LogSelector, submit: "Callable[..., Future[list[Logs]]]"
    ) -> list[Logs]:
        parts: list[Logs] = []
        flights: deque[tuple[Span, Future[list[Logs]]]] = deque()
        start = span.first
        while start <= span.last or flights:
            while start <= span.last and len(flights) < _IN_FLIGHT:
                part = Span(start, min(start + self._range.size - 1, span.last))
                flights.append((part, submit(self._of_addresses, part, selector)))
                start = part.last + 1
            part, flight = flights.popleft()
            try:
                logs = flight.result()
            except LedgerError as error:
                wait([other for _, other in flights])
                flights.clear()
                if not is_too_large(error) or not self._smaller(part, selector):
                    raise
                start = part.first
                continue
            self._range.served(part.blocks, sum(one.table.num_rows for one in logs))
            parts += logs
        return parts

    def _smaller(self, span: Span, selector: LogSelector) -> bool:
        """Ask for fewer blocks next time, or of fewer addresses; whether that is possible."""
        if self._range.refused(span.blocks):
            return True
        return self._addresses.refused(min(self._addresses.size, len(selector.addresses)))

    def _of_addresses(self, span: Span, selector: LogSelector) -> list[Logs]:
        parts = []
        for few in split_addresses(selector, self._addresses.size):
            filter_ = {
                "fromBlock": hex(span.first),
                "toBlock": hex(span.last),
                **filter_json(few),
            }
            split = span.blocks > 1 or len(few.addresses) > 1
            raw = self._endpoint.ask(list[RawLog], "eth_getLogs", filter_, hasty=split)
            parts.append(_read(self._endpoint, raw, span, few))
        return parts


def joined(parts: Sequence[Logs], *, overlapping: bool) -> Logs:
    """Return logs of several queries in chain order, each once.

    Args:
        parts: answers, consistent each.
        overlapping: whether a log may be in two of them.

    Raises:
        MalformedAnswer: two queries contradict each other.
    """
    import pyarrow as pa

    filled = [one for one in parts if one.table.num_rows]
    if not filled:
        return Logs(logs_schema().empty_table(), [])
    blocks = sorted(set().union(*(one.blocks for one in filled)), key=lambda one: one.number)
    if len({one.number for one in blocks}) != len(blocks):
        raise MalformedAnswer("got two hashes or times of one block in two answers")
    if len(filled) == 1:
        return Logs(filled[0].table, blocks)
    table = pa.concat_tables([one.table for one in filled])
    return Logs(in_chain_order(_once(table) if overlapping else table), blocks)


def _once(table: "pa.Table") -> "pa.Table":
    """Return a table without rows that are there twice, as overlapping queries give them."""
    names = table.column_names
    return table.group_by(names).aggregate([]).select(names).cast(table.schema)


def _read(
    endpoint: Endpoint, raw: "list[RawLog] | None", span: Span, selector: LogSelector
) -> Logs:
    if raw is None:
        raise MalformedAnswer(f"{endpoint.shown_url}: got null for logs")
    try:
        table = consistent_logs(logs_table(raw), span, selector)
        return Logs(table, _blocks(raw))
    except MalformedAnswer as error:
        where = f"{endpoint.shown_url}: logs of blocks {span.first} to {span.last}"
        raise MalformedAnswer(f"{where}: {error.message}") from None


def _blocks(logs: Iterable[RawLog]) -> list[BlockTime]:
    """Return each block once; values are those of a table that was read already."""
    seen = {(one.block_number, one.block_hash, one.block_timestamp) for one in logs}
    found = {
        BlockTime(
            int(number, 16),
            read_bytes(digest, "blockHash"),
            None if time is None else read_quantity(time, "blockTimestamp", bits=COUNT_BITS),
        )
        for number, digest, time in seen
    }
    if len({one.number for one in found}) != len(found):
        raise MalformedAnswer("got two hashes or times of one block")
    return sorted(found, key=lambda one: one.number)


def _require_block(endpoint: Endpoint, logs: Iterable[RawLog], block: BlockRef) -> None:
    """Check of which block logs say that they are; their values were read already."""
    digest = "0x" + block.hash.hex()
    for one in logs:
        if one.block_hash.lower() != digest or int(one.block_number, 16) != block.number:
            raise MalformedAnswer(
                f"{endpoint.shown_url}: got a log of block {int(one.block_number, 16)} "
                f"{one.block_hash}, expected {block.number} {digest}"
            )


def _at_once(ask: Callable[..., list[Logs]], *parameters: object) -> "Future[list[Logs]]":
    """Ask without a thread."""
    done: Future[list[Logs]] = Future()
    try:
        done.set_result(ask(*parameters))
    except LedgerError as error:
        done.set_exception(error)
    return done
