"""Group commits for programs that serve a model: many uses, few disk syncs, roots now and then."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from diptych.core.clock import Clock, system_clock
from diptych.models.usage.record import UsageRecord, require_valid
from diptych.models.usage.store import UsageStore


@dataclass(frozen=True)
class WriterTerms:
    """When a writer stores and when it asks for a root.

    Attributes:
        commit_records: store at the latest when so many uses wait.
        commit_s: store at the latest when the oldest has waited so long and another one comes.
        root_records: ask for a root after so many uses.
        root_s: ask for a root after so long, when another use comes.
    """

    commit_records: int = 1_000
    commit_s: float = 1.0
    root_records: int = 100_000
    root_s: float = 3_600.0


class UsageWriter:
    """Collects uses and stores them in groups; use as a context manager, from any thread.

    A use is acknowledged by `flush` (or by `add(..., durable=True)`): from then on no crash loses
    it. What was only added can be lost.

    Args:
        store: where uses go.
        root: called to bring the uses under a root and log it, also at the end.
        terms: when to store and when to ask for a root.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        store: UsageStore,
        root: Callable[[], object],
        *,
        terms: WriterTerms | None = None,
        clock: Clock = system_clock,
    ) -> None:
        self._store, self._root, self._clock = store, root, clock
        self._terms = terms or WriterTerms()
        self._waiting: list[UsageRecord] = []
        self._since_root = 0
        self._oldest_s = self._rooted_s = clock()
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def add(self, record: UsageRecord, *, durable: bool = False) -> None:
        """Take a use; with `durable` it is stored when this returns.

        Raises:
            BadUsage: it is invalid.
            EnvironmentFault: it cannot be stored; it still waits.
        """
        require_valid(record)
        with self._lock:
            now_s = self._clock()
            if not self._waiting:
                self._oldest_s = now_s
            self._waiting.append(record)
            full = len(self._waiting) >= self._terms.commit_records
            if durable or full or now_s - self._oldest_s >= self._terms.commit_s:
                self.flush()
            due = self._since_root >= self._terms.root_records
            if due or now_s - self._rooted_s >= self._terms.root_s:
                self._make_root(now_s)

    def flush(self) -> None:
        """Store all that waits; when this returns no crash loses it.

        Raises:
            EnvironmentFault: it cannot be stored; it still waits.
        """
        with self._lock:
            if self._waiting:
                self._store.append(self._waiting)
                self._since_root += len(self._waiting)
                self._waiting = []

    def close(self) -> None:
        """Store all that waits and bring it under a root."""
        with self._lock:
            self.flush()
            if self._since_root:
                self._make_root(self._clock())

    def _make_root(self, now_s: float) -> None:
        self.flush()
        self._root()
        self._since_root, self._rooted_s = 0, now_s
