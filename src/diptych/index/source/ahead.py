"""A source that fetches the next span while the one before is indexed."""

from concurrent.futures import Future, wait
from types import TracebackType
from typing import NamedTuple, Self

from diptych.core.errors import LedgerError
from diptych.index.blocks import BlockRef, Chunk, Span, Wanted
from diptych.index.source.background import in_background
from diptych.index.source.closing import close_source
from diptych.index.source.source import Identity, Source

WINDOW = 256
_LAST_WAIT_S = 2.0


class _Flight(NamedTuple):
    span: Span
    wanted: Wanted
    chunk: "Future[Chunk]"


class AheadSource:
    """Fetches one span ahead, of the length of the one before, where no reorganisation reaches.

    A chunk that was fetched ahead may be shorter than what is then asked for; `Chunk.span` says so.
    It is used only for the same wish; near the head nothing is fetched ahead.

    Args:
        source: asked by one thread at a time for spans, meanwhile by another one for headers.
        window: blocks from the head that may be taken back.
    """

    def __init__(self, source: Source, *, window: int = WINDOW) -> None:
        self._source = source
        self._window = window
        self._flight: _Flight | None = None
        self._running: Future[Chunk] | None = None
        self._highest = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Fetch nothing more, and close the source; what is under way is waited for briefly."""
        self._settle(_LAST_WAIT_S)
        close_source(self._source)

    def identity(self) -> Identity:
        """Return which chain this is."""
        return self._source.identity()

    def head(self) -> BlockRef:
        """Return the newest block."""
        found = self._source.head()
        self._highest = found.number
        return found

    def header(self, number: int) -> BlockRef | None:
        """Return the block of a height."""
        return self._source.header(number)

    def wait(self, timeout_s: float) -> None:
        """Wait for a new head."""
        self._source.wait(timeout_s)

    def fetch(self, span: Span, wanted: Wanted) -> Chunk:
        """Return what is wanted of a span, perhaps of a shorter one; errors are the source's."""
        chunk = self._taken(span, wanted)
        if chunk is None:
            self._settle(None)
            chunk = self._source.fetch(span, wanted)
        last = min(chunk.span.last + span.blocks, self._highest - self._window)
        following = Span(chunk.span.last + 1, last)
        if self._flight is None and not wanted.links and following.blocks > 0:
            self._settle(None)
            self._running = in_background(self._source.fetch, following, wanted)
            self._flight = _Flight(following, wanted, self._running)
        return chunk

    def _settle(self, timeout_s: float | None) -> None:
        """Wait for what is under way: the source is asked for one span at a time."""
        if self._running is not None:
            wait([self._running], timeout_s)

    def _taken(self, span: Span, wanted: Wanted) -> Chunk | None:
        """Return what was fetched ahead if it begins what is asked for; drop it if it is late."""
        flight = self._flight
        if flight is None or flight.span.first > span.first:
            return None
        fits = flight.span.first == span.first and flight.span.last <= span.last
        if not fits or flight.wanted != wanted:
            # Another wish for the same blocks may come before the one that it is for.
            if flight.span.first < span.first or not fits:
                self._flight = None
            return None
        self._flight = None
        try:
            return flight.chunk.result()
        except LedgerError:
            return None
