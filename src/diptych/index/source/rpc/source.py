"""The source of JSON-RPC endpoints."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from diptych.index.blocks import BlockRef, Chunk, Span, Wanted, blocks_schema
from diptych.index.source.answers import RawBlock
from diptych.index.source.assembling import chunk_of
from diptych.index.source.normal import blocks_table
from diptych.index.source.rpc.bodies import BodyReader
from diptych.index.source.rpc.endpoint import Endpoint
from diptych.index.source.rpc.heads import LAG_PAUSES_S, HeadReader, RawHead, block_ref
from diptych.index.source.rpc.joining import joined_chunks
from diptych.index.source.rpc.logs import BlockTime, LogReader, Logs
from diptych.index.source.rpc.pace import Pace
from diptych.index.source.rpc.tracing import TraceReader
from diptych.index.source.source import BranchChanged, Identity, NotOffered
from diptych.ledger.errors import RpcRefused, WrongChain
from diptych.ledger.header import ProofMismatch
from diptych.ledger.quantity import COUNT_BITS, read_quantity

if TYPE_CHECKING:
    import pyarrow as pa

    from diptych.ledger.wakeups import HeadSubscription

_WHOLE_BLOCKS = 20
_MOST_WHOLE_BLOCKS = 500
_MOST_ROWS = 20_000


@dataclass(frozen=True)
class RpcSourceOptions:
    """How an endpoint is read.

    Attributes:
        newest: which block is the head: `latest`, `safe` or `finalized`.
        first: number of the first block that the endpoint has.
        chain_id: any other chain is refused; None to take what comes.
        most_blocks: largest range of one query for logs.
        poll_s: pause between looks for a new head.
        wakeups: `ws://` or `wss://` URL that tells of new heads at once; empty to poll.
    """

    newest: str = "latest"
    first: int = 0
    chain_id: int | None = None
    most_blocks: int = 100_000
    poll_s: float = 0.25
    wakeups: str = field(default="", repr=False)


class RpcSource:
    """Blocks of a JSON-RPC endpoint.

    Args:
        endpoint: which.
        options: how it is read.
        sleep: pause in seconds.
        monotonic: clock in seconds.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        options: RpcSourceOptions | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.endpoint = endpoint
        self._options = options or RpcSourceOptions()
        self._sleep, self._monotonic = sleep, monotonic
        self._heads = HeadReader(endpoint)
        self._logs = LogReader(endpoint, most_blocks=self._options.most_blocks)
        self._bodies = BodyReader(endpoint)
        self._traces = TraceReader(endpoint)
        self._pace = Pace(_WHOLE_BLOCKS, _MOST_WHOLE_BLOCKS, rows=_MOST_ROWS)
        self._identity: Identity | None = None
        self._head: BlockRef | None = None
        self._highest = -1
        self._proven: BlockRef | None = None
        self._subscription: HeadSubscription | None = None

    def identity(self) -> Identity:
        """Return which chain this is.

        Raises:
            WrongChain: another one than the options say.
        """
        if self._identity is None:
            name = self.endpoint.shown_url
            found = self.endpoint.ask(str, "eth_chainId")
            chain_id = read_quantity(found, "chain id", bits=COUNT_BITS)
            expected = self._options.chain_id
            if expected is not None and chain_id != expected:
                raise WrongChain(f"{name}: got chain id {chain_id}, expected {expected}")
            first = self._heads.at(self._options.first)
            if first is None:
                raise NotOffered(f"{name}: got no block {self._options.first}")
            self._identity = Identity(chain_id, first.hash, first.number, name)
        return self._identity

    def head(self) -> BlockRef:
        """Return the newest block."""
        self._head = self._heads.newest(self._options.newest)
        self._highest = max(self._highest, self._head.number)
        return self._head

    def header(self, number: int) -> BlockRef | None:
        """Return the block of a height, None past the head."""
        return self._heads.at(number)

    def wait(self, timeout_s: float) -> None:
        """Return when a new head was announced, or was found by a look every `poll_s`."""
        if self._options.wakeups:
            self._subscribed(timeout_s).wait()
            return
        before = self._head
        end = self._monotonic() + timeout_s
        while (left := end - self._monotonic()) > 0:
            self._sleep(min(self._options.poll_s, left))
            if self.head() != before:
                return

    def close(self) -> None:
        """Close the subscription to new heads."""
        if self._subscription is not None:
            self._subscription.close()
            self._subscription = None

    def _subscribed(self, timeout_s: float) -> "HeadSubscription":
        if self._subscription is None:
            from diptych.ledger.wakeups import HeadSubscription

            chain_id = self.identity().chain_id or 0
            self._subscription = HeadSubscription(
                self._options.wakeups, chain_id, interval_s=timeout_s, sleep=self._sleep
            )
        return self._subscription

    def fetch(self, span: Span, wanted: Wanted) -> Chunk:
        """Return what is wanted of a span.

        Raises:
            BranchChanged: its blocks were replaced meanwhile.
            ProofMismatch: a block does not hash to its header.
            NotOffered: traces or receipts that the endpoint lacks, or blocks past its head.
            LedgerError: the endpoint fails or contradicts itself.
        """
        if span.blocks < 1 or span.first < self._options.first:
            raise NotOffered(
                f"got blocks {span.first} to {span.last}, expected some from the first"
            )
        if wanted.transactions or wanted.receipts or wanted.verified or wanted.traces:
            last = self._last(span)
            chunk = joined_chunks(span, [self._whole(part, wanted) for part in self._parts(span)])
        elif wanted.links:
            chunk = self._by_hash(span, wanted)
            last = chunk.last
        else:
            last = self._last(span)
            chunk = self._by_range(span, last, wanted)
        self._require_same(last, chunk, asked_again=wanted.links or wanted.traces)
        if wanted.verified:
            self._require_following(chunk, near=wanted.links)
        return chunk

    def _last(self, span: Span) -> BlockRef:
        for pause_s in (*LAG_PAUSES_S, None):
            last = self._heads.at(span.last)
            if last is not None:
                return last
            if span.last > self._highest:
                break
            if pause_s is not None:
                self.endpoint.pause(pause_s)
        where = f"{self.endpoint.shown_url}: got no block {span.last}"
        if span.last <= self._highest:
            raise BranchChanged(f"{where} any more")
        raise NotOffered(where, hint="ask for blocks up to the head")

    def _by_range(self, span: Span, last: BlockRef, wanted: Wanted) -> Chunk:
        logs = self._logs.of_span(span, wanted.logs)
        return Chunk(span, last, self._blocks(logs, last), logs.table)

    def _by_hash(self, span: Span, wanted: Wanted) -> Chunk:
        heads = self._heads.linked(RawBlock, span)
        refs = [block_ref(head) for head in heads]
        logs = self._logs_of(refs, wanted)
        return Chunk(span, refs[-1], blocks_table(heads), logs.table)

    def _logs_of(self, refs: Sequence[BlockRef], wanted: Wanted) -> Logs:
        for pause_s in LAG_PAUSES_S:
            try:
                return self._logs.of_blocks(refs, wanted.logs)
            except RpcRefused:
                if self._heads.at(refs[-1].number) != refs[-1]:
                    raise BranchChanged(f"block {refs[-1].number} was replaced") from None
                self.endpoint.pause(pause_s)
        return self._logs.of_blocks(refs, wanted.logs)

    def _parts(self, span: Span) -> Iterator[Span]:
        start = span.first
        while start <= span.last:
            part = Span(start, min(start + self._pace.size - 1, span.last))
            yield part
            start = part.last + 1

    def _whole(self, span: Span, wanted: Wanted) -> Chunk:
        traces = None
        if wanted.transactions or wanted.receipts or wanted.verified:
            chunk = chunk_of(span, self._bodies.of_span(span, wanted), wanted)
        else:
            chunk = self._by_hash(span, wanted)
        if wanted.traces:
            columns = (chunk.blocks.column(name) for name in BlockRef._fields)
            rows = zip(*(one.to_pylist() for one in columns), strict=True)
            traces = self._traces.of_blocks([BlockRef(*row) for row in rows])
        rows_read = sum(one.num_rows for one in (chunk.logs, chunk.transactions, traces) if one)
        self._pace.served(span.blocks, rows_read)
        return Chunk(
            span, chunk.last, chunk.blocks, chunk.logs, chunk.transactions, chunk.receipts, traces
        )

    def _blocks(self, logs: Logs, last: BlockRef) -> "pa.Table":
        """Return the blocks that have logs, and the last."""
        import pyarrow as pa

        found = [one for one in logs.blocks if one.number != last.number]
        for one in logs.blocks:
            if one.number == last.number and one.hash != last.hash:
                raise BranchChanged(f"got block {last.number} of two branches")
        rows: list[dict[str, object]]
        if all(one.timestamp_s is not None for one in found):
            rows = [{**one._asdict(), "parent_hash": None} for one in found]
        else:
            rows = [one._asdict() for one in self._asked(found)]
        schema = pa.schema([blocks_schema().field(name) for name in BlockRef._fields])
        return pa.Table.from_pylist([*rows, last._asdict()], schema=schema)

    def _asked(self, blocks: Sequence[BlockTime]) -> list[BlockRef]:
        heads = self._heads.each(RawHead, [one.number for one in blocks])
        refs = [block_ref(head) for head in heads]
        for ref, one in zip(refs, blocks, strict=True):
            if ref.hash != one.hash:
                raise BranchChanged(f"got block {one.number} of two branches")
        return refs

    def _require_following(self, chunk: Chunk, *, near: bool) -> None:
        """Check that what was proven follows what was proven before.

        Raises:
            BranchChanged: it does not, and reorganisations reach there.
            ProofMismatch: it does not.
        """
        before, self._proven = self._proven, chunk.last
        if before is None or before.number + 1 != chunk.span.first:
            return
        parent: bytes = chunk.blocks.column("parent_hash")[0].as_py()
        if parent != before.hash:
            text = (
                f"{self.endpoint.shown_url}: block {chunk.span.first} has the parent"
                f" 0x{parent.hex()}, block {before.number} was 0x{before.hash.hex()}"
            )
            raise BranchChanged(text) if near else ProofMismatch(text)

    def _require_same(self, last: BlockRef, chunk: Chunk, *, asked_again: bool) -> None:
        """Check that the span's last block did not change while it was read."""
        now = self._heads.at(last.number) if asked_again else chunk.last
        if chunk.last != last or now != last:
            raise BranchChanged(f"block {last.number} was replaced while it was read")
