"""Fetching the next span while the one before is worked on: endpoints answer meanwhile."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from diptych.index.blocks import Chunk, Span, Wanted
from diptych.index.source.source import Source


class _Pending(NamedTuple):
    span: Span
    wanted: Wanted
    chunk: "Future[Chunk]"


class Ahead:
    """A source read one span ahead; only for blocks that no reorganisation can reach.

    Args:
        source: what is read, by one thread at a time.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._pending: _Pending | None = None

    def span(self, first: int) -> Span | None:
        """Return the span that is being fetched, if it begins at `first`."""
        found = self._pending
        return found.span if found is not None and found.span.first == first else None

    def fetch(self, span: Span, wanted: Wanted, following: Span | None) -> Chunk:
        """Return what is wanted of a span, and begin to fetch another.

        Args:
            span: which.
            wanted: what of it.
            following: what to fetch meanwhile, None for nothing.
        """
        found, self._pending = self._pending, None
        if found is not None and (found.span, found.wanted) == (span, wanted):
            chunk = found.chunk.result()
        else:
            self._drop(found)
            chunk = self._thread.submit(self._source.fetch, span, wanted).result()
        if following is not None:
            later = self._thread.submit(self._source.fetch, following, wanted)
            self._pending = _Pending(following, wanted, later)
        return chunk

    def forget(self) -> None:
        """Wait for what is being fetched, and forget it."""
        self._drop(self._pending)
        self._pending = None

    @staticmethod
    def _drop(found: _Pending | None) -> None:
        if found is not None and not found.chunk.cancel():
            found.chunk.exception()
