"""The run loop: follow a source into a store, step by step, through reorganisations."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from diptych.core.errors import ConfigError, LedgerError
from diptych.core.progress import Progress, ProgressFactory, silent
from diptych.index.blocks import BlockRef, Span
from diptych.index.engine.collect import Collected, Collector
from diptych.index.engine.plan import Plan
from diptych.index.head.ring import WINDOW, Halted, NotLinked, Ring
from diptych.index.manifest.manifest import Manifest
from diptych.index.source.source import BranchChanged, Source
from diptych.index.store.store import Commit, Cursor, Store

_TRIES = 8
_EVENTS_PER_STEP = 50_000
_FIRST_SPAN = 500
_MAX_SPAN = 100_000

Stop = Callable[[], bool]


class OtherChain(ConfigError):
    """The store holds rows of another chain."""

    code = "Index.OtherChain"


class ManifestChanged(ConfigError):
    """The store holds rows that another manifest made."""

    code = "Index.ManifestChanged"


class Unsettled(LedgerError):
    """The source's branch changed each time it was asked."""

    code = "Index.Unsettled"


class Forgetful(Protocol):
    """What keeps raw data and must forget blocks that were taken back."""

    def forget_after(self, block: BlockRef) -> None:
        """Forget everything later than a block."""
        ...


@dataclass(frozen=True)
class IndexOptions:
    """How an index runs.

    Attributes:
        window: blocks that a reorganisation may take back.
        verified: whether every root and bloom is recomputed.
        events_per_step: about how many events one commit holds.
        max_span: most blocks in one commit.
        wait_s: longest wait for a new head.
    """

    window: int = WINDOW
    verified: bool = False
    events_per_step: int = _EVENTS_PER_STEP
    max_span: int = _MAX_SPAN
    wait_s: float = 1.0


@dataclass
class Counters:
    """What a run has done so far."""

    blocks: int = 0
    events: int = 0
    unread: int = 0
    steps: int = 0
    reorganisations: int = 0
    deepest: int = 0
    head: int = -1
    at: int = -1


@dataclass
class Indexer:
    """Runs one manifest from one source into one store.

    Attributes:
        manifest: what to index.
        source: where blocks come from.
        store: where rows go.
        options: how.
        cache: what keeps raw data, told of reorganisations.
        progress: how to report long work.
        counters: what was done so far.
    """

    manifest: Manifest
    source: Source
    store: Store
    options: IndexOptions = IndexOptions()
    cache: Forgetful | None = None
    progress: ProgressFactory = silent
    counters: Counters = field(default_factory=Counters)

    def __post_init__(self) -> None:
        """Look where the store stands.

        Raises:
            OtherChain: its rows are of another chain.
            ManifestChanged: its rows were made by another manifest.
        """
        self._digest = self.manifest.digest()
        self._genesis = self.source.identity().genesis_hash
        cursor, links = self.store.cursor()
        if cursor is not None:
            self._check(cursor)
        self._position = self.manifest.start_block if cursor is None else cursor.block.number + 1
        self._ring = Ring(links, window=self.options.window)
        self._span = min(_FIRST_SPAN, self.options.max_span)
        self._collector = Collector(Plan(self.manifest), self.source, self.store)
        self._replaceable = cursor is not None
        self.counters.at = self._position - 1

    def catch_up(self, *, until: int | None = None, stop: Stop = lambda: False) -> int:
        """Index up to the source's head, or up to block `until`; return the last block's number.

        Raises:
            Halted: a reorganisation reaches past the window; the store is as it was.
            LedgerError: the source fails.
            UsageError: a handler fails; what came before its step is stored.
        """
        head = self._target(until)
        total = max(0, head - self._position + 1)
        with self.progress("index", total=total, unit="block") as bar:
            try:
                self._advance_while(until, stop, bar)
            finally:
                self._collector.rest()
        return self._position - 1

    def _advance_while(self, until: int | None, stop: Stop, bar: Progress) -> None:
        tries = 0
        while not stop():
            before = self._position
            if not self._advance(until):
                return
            tries = 0 if self._position > before else tries + 1
            if tries > _TRIES:
                raise Unsettled(
                    f"the source changed its branch {tries} times at block {self._position}",
                    hint="check that all endpoints behind the URL agree",
                )
            bar.advance(max(0, self._position - before))

    def follow(self, *, stop: Stop, on_step: Callable[[], None] = lambda: None) -> None:
        """Index for ever; errors are those of `catch_up`.

        Args:
            stop: whether to end, asked at least every `options.wait_s`.
            on_step: called after each round that changed something.
        """
        while not stop():
            seen = (self.counters.steps, self.counters.reorganisations)
            self.catch_up(stop=stop)
            if seen != (self.counters.steps, self.counters.reorganisations):
                on_step()
            self.source.wait(self.options.wait_s)

    def _target(self, until: int | None) -> int:
        head = self.source.head()
        self.counters.head = head.number
        return head.number if until is None else min(until, head.number)

    def _advance(self, until: int | None) -> bool:
        """Take one step, forward or back; whether there may be another."""
        target = self._target(until)
        final = self.counters.head - self.options.window
        if (self._position > final or self._replaceable) and self._take_back():
            return True
        if self._position > target:
            return False
        near = self._position > final
        end = target if near else min(final, target)
        span = self._collector.next_span(self._position) or self._part(self._position, end)
        following = self._part(span.last + 1, end) if span.last < end and not near else None
        try:
            collected = self._collector.collect(
                span, verified=self.options.verified, links=near, following=following
            )
            self._check_links(collected, near=near)
        except (BranchChanged, NotLinked):
            self._collector.forget()
            return True
        self._store(collected, near=near)
        return True

    def _part(self, first: int, end: int) -> Span:
        return Span(first, min(first + self._span - 1, end))

    def _take_back(self) -> bool:
        shared = self._ring.fork(self.source.header)
        if shared is None:
            return False
        depth = self._position - 1 - shared.number
        if depth > self.options.window:
            raise Halted(
                f"the source's branch parts after block {shared.number}, {depth} blocks back and"
                f" more than the window of {self.options.window}",
                hint="if the source is right, index anew: diptych index replay",
            )
        self.store.rollback(shared)
        if self.cache is not None:
            self.cache.forget_after(shared)
        self._ring.back_to(shared)
        self._collector.back_to(shared)
        self._position = shared.number + 1
        self.counters.reorganisations += 1
        self.counters.deepest = max(self.counters.deepest, depth)
        self.counters.at = shared.number
        return True

    def _check_links(self, collected: Collected, *, near: bool) -> None:
        if near:
            trial = Ring(self._ring.blocks, window=self.options.window)
            trial.extend(collected.links)

    def _store(self, collected: Collected, *, near: bool) -> None:
        links = collected.links if near else [collected.last]
        cursor = Cursor(collected.last, self._digest, self._genesis)
        step = Commit(
            cursor=cursor,
            links=links,
            keep_links=self.options.window + 1 if near else 1,
            versions=collected.versions,
            closed=collected.closed,
            children=collected.children,
            unread=collected.unread,
        )
        self.store.commit(step)
        self._collector.settle()
        # What was read near the head may be replaced until newer blocks were read far from it.
        self._replaceable = near
        if near:
            self._ring.extend(links)
        else:
            self._ring.jump(collected.last)
        self._count(collected)

    def _count(self, collected: Collected) -> None:
        blocks = collected.last.number - self._position + 1
        self._position = collected.last.number + 1
        self.counters.blocks += blocks
        self.counters.events += collected.events
        self.counters.unread += 0 if collected.unread is None else collected.unread.num_rows
        self.counters.steps += 1
        self.counters.at = collected.last.number
        if collected.events > self.options.events_per_step:
            self._span = max(1, self._span // 2)
        elif collected.events < self.options.events_per_step // 2:
            self._span = min(self._span * 2, self.options.max_span)

    def _check(self, cursor: Cursor) -> None:
        if cursor.genesis_hash != self._genesis:
            raise OtherChain(
                f"the index of '{self.manifest.name}' holds a chain with genesis"
                f" 0x{cursor.genesis_hash.hex()}, the source one with 0x{self._genesis.hex()}",
                hint="use the endpoint of that chain, or another name for the manifest",
            )
        if cursor.manifest != self._digest:
            raise ManifestChanged(
                f"the manifest '{self.manifest.name}' changed since its rows were made",
                hint="make them anew from the cache: diptych index replay",
            )
