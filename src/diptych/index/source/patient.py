"""A source that waits while another one is away, for runs that go on for days."""

import time
from collections.abc import Callable
from typing import TypeVar

from diptych.core.errors import LedgerError
from diptych.index.blocks import BlockRef, Chunk, Span, Wanted
from diptych.index.source.closing import close_source
from diptych.index.source.failover import AllFailed
from diptych.index.source.source import Identity, Source
from diptych.ledger.errors import RateLimited, Unreachable

T = TypeVar("T")
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
_SLICE_S = 0.5


class PatientSource:
    """Asks again for as long as nobody answers; lies and refusals are errors as before.

    Args:
        source: asked.
        stop: whether to give up, asked at least twice a second.
        notice: told once for each time that the source is away.
        sleep: pause in seconds.
    """

    def __init__(
        self,
        source: Source,
        *,
        stop: Callable[[], bool],
        notice: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._source = source
        self._stop, self._notice, self._sleep = stop, notice, sleep

    def identity(self) -> Identity:
        """Return which chain this is; not patiently, so that a wrong URL is an error at once."""
        return self._source.identity()

    def head(self) -> BlockRef:
        """Return the newest block."""
        return self._patiently(self._source.head)

    def header(self, number: int) -> BlockRef | None:
        """Return the block of a height."""
        return self._patiently(lambda: self._source.header(number))

    def fetch(self, span: Span, wanted: Wanted) -> Chunk:
        """Return what is wanted of a span."""
        return self._patiently(lambda: self._source.fetch(span, wanted))

    def wait(self, timeout_s: float) -> None:
        """Wait for a new head; that the source is away ends the wait."""
        try:
            self._source.wait(timeout_s)
        except (Unreachable, RateLimited, AllFailed):
            self._sleep(min(timeout_s, _FIRST_PAUSE_S))

    def close(self) -> None:
        """Close the source."""
        close_source(self._source)

    def _patiently(self, ask: Callable[[], T]) -> T:
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                return ask()
            except (Unreachable, RateLimited, AllFailed) as error:
                if pause_s == _FIRST_PAUSE_S:
                    self._notice(f"waiting until it answers again: {error.message}")
                self._rest(pause_s, error)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _rest(self, pause_s: float, error: LedgerError) -> None:
        while pause_s > 0:
            if self._stop():
                raise error
            self._sleep(min(pause_s, _SLICE_S))
            pause_s -= _SLICE_S
