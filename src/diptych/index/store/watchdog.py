"""Ending queries that take too long: one thread for all of a store."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Clock = Callable[[], float]


class Watchdog:
    """Interrupts what runs past its time.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._running: dict[int, tuple[float, Callable[[], None]]] = {}
        self._ids = iter(range(1 << 62))
        self._wakes_at: float | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    @contextmanager
    def within(self, seconds: float, interrupt: Callable[[], None]) -> Iterator[None]:
        """Call `interrupt` if the block takes longer; never once it has ended."""
        with self._changed:
            name, due = next(self._ids), self._clock() + seconds
            self._running[name] = (due, interrupt)
            # Waking a thread costs more than a small query, so only an earlier end wakes it.
            if self._wakes_at is None or due < self._wakes_at:
                self._start()
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._running.pop(name, None)

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
            self._thread.start()

    def _watch(self) -> None:
        with self._changed:
            while not self._closed:
                now = self._clock()
                for name, (due, interrupt) in list(self._running.items()):
                    if due <= now:
                        del self._running[name]
                        interrupt()
                self._wakes_at = min((due for due, _ in self._running.values()), default=None)
                left = None if self._wakes_at is None else max(0.0, self._wakes_at - now)
                self._changed.wait(left)
