"""How far the served index is, for `/health` and `/metrics`."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from diptych.index.engine.indexer import Counters
from diptych.index.store.opening import OpenedStore

_SILENT_S = 60.0


@dataclass
class Running:
    """The run loop beside the server.

    Attributes:
        counters: what it did so far.
        heard_s: when it last was seen at work, by the server's clock.
    """

    counters: Counters
    heard_s: float


@dataclass(frozen=True)
class Standing:
    """What is served.

    Attributes:
        name: of the index.
        store: its rows.
        running: the run loop, None if rows are served as they stand.
        max_lag: blocks behind the head up to which it is healthy.
        clock: seconds that never go back.
    """

    name: str
    store: OpenedStore
    running: Running | None = None
    max_lag: int = 10
    clock: Callable[[], float] = time.monotonic

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Return whether all is well, and the details."""
        with self.store.snapshot() as seen:
            cursor = seen.cursor()
        at = -1 if cursor is None else cursor.block.number
        shown: dict[str, Any] = {
            "status": "ok",
            "index": self.name,
            "block": at,
            "blockHash": None if cursor is None else "0x" + cursor.block.hash.hex(),
            "timestamp": None if cursor is None else cursor.block.timestamp_s,
            "following": self.running is not None,
        }
        if self.running is None:
            return True, shown
        head = max(self.running.counters.head, at)
        silent_s = self.clock() - self.running.heard_s
        shown |= {"head": head, "lag": head - at, "silentSeconds": round(silent_s, 1)}
        if silent_s > _SILENT_S:
            shown["status"] = "silent"
        elif head - at > self.max_lag or self.running.counters.head < 0:
            shown["status"] = "behind"
        return shown["status"] == "ok", shown

    def figures(self) -> dict[str, float | None]:
        """Return what `/metrics` shows of the index."""
        healthy, shown = self.health()
        found: dict[str, float | None] = {
            "healthy": int(healthy),
            "block": shown["block"],
            "block_timestamp_seconds": shown["timestamp"],
        }
        if self.running is None:
            return found
        done = self.running.counters
        return found | {
            "head_block": shown["head"],
            "lag_blocks": shown["lag"],
            "silent_seconds": shown["silentSeconds"],
            "blocks_total": done.blocks,
            "events_total": done.events,
            "unread_total": done.unread,
            "steps_total": done.steps,
            "reorganisations_total": done.reorganisations,
            "deepest_reorganisation_blocks": done.deepest,
        }
