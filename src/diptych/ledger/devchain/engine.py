"""The chain as one object: a writer thread, reads beside it, and anvil's restarts."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from diptych.core.clock import Clock
from diptych.core.errors import DiptychError, JsonValue
from diptych.ledger.devchain.committer import Committer, Outcome
from diptych.ledger.devchain.errors import NodeFailed
from diptych.ledger.devchain.genesis import ChainSpec
from diptych.ledger.devchain.ipc import Ipc
from diptych.ledger.devchain.replay import Report, Restored, StartNode, restore
from diptych.ledger.devchain.snapshot import (
    SPAN_BLOCKS,
    SnapshotContent,
    due,
    snapshots,
    write_snapshot,
)
from diptych.ledger.devchain.store import BlockStore

_LOG = logging.getLogger(__name__)
_POLL_S = 0.2
_MAX_GROUP = 5_000
_RESTORE_ATTEMPTS = 3
_READ_TIMEOUT_S = 120.0
_RESTART_WAIT_S = 20.0


@dataclass(frozen=True)
class _Work:
    """What the writer thread is asked for: transactions, or `blocks` more blocks."""

    raws: Sequence[bytes]
    blocks: int
    done: "Future[list[Outcome]]"


class Engine:
    """A running embedded chain inside one process.

    Args:
        store: its block store; the engine closes it.
        folder: where snapshots stand.
        start_node: starts a fresh anvil at genesis.
        clock: wall clock for block times.
    """

    def __init__(
        self, store: BlockStore, folder: Path, start_node: StartNode, *, clock: Clock
    ) -> None:
        self._store = store
        self._folder = folder
        self._start_node = start_node
        self._clock = clock
        self._queue: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._committer: Committer
        self._restored: Restored
        self._refusal: DiptychError | None = None
        self.restarts = 0
        self.fatal: DiptychError | None = None
        self.ended = threading.Event()

    def start(self, report: Report) -> None:
        """Restore the chain and begin to serve.

        Raises:
            Diverged: the store does not replay to its own hashes.
            StoreCorrupt: the store is damaged.
            NodeFailed: anvil cannot run.
        """
        self._bring_up(report)
        self._thread.start()

    def _bring_up(self, report: Report) -> None:
        for attempt in range(_RESTORE_ATTEMPTS):
            try:
                self._restored = restore(self._store, self._folder, self._start_node, report=report)
                break
            except NodeFailed:
                if attempt + 1 == _RESTORE_ATTEMPTS or not self._give_up_intent(attempt):
                    raise
        self._committer = Committer(self._store, self._restored, clock=self._clock)
        self._seal_rest()
        self._ready.set()

    def _give_up_intent(self, attempt: int) -> bool:
        """Before the last attempt, drop a block that anvil dies of; nobody was told of it."""
        if attempt + 2 == _RESTORE_ATTEMPTS and self._store.drop_intent():
            _LOG.warning("anvil ends when it mines the last block; that block is given up")
        return True

    def _seal_rest(self) -> None:
        try:
            self._committer.seal_rest()
            self._refusal = None
        except DiptychError as error:
            self._refusal = error
            _LOG.warning("%s", error)

    @property
    def spec(self) -> ChainSpec:
        """What the chain started from."""
        return self._store.spec

    @property
    def genesis_hash(self) -> str:
        """`0x` hash of block 0."""
        return self._restored.genesis_hash

    def submit(self, raws: Sequence[bytes]) -> list[Outcome]:
        """Make signed transactions durable; returns when they are, one outcome each.

        Raises:
            NodeFailed: anvil died meanwhile; send the same bytes again.
        """
        return self._ask(_Work(raws, 0, Future()))

    def mine(self, blocks: int) -> None:
        """Mine `blocks` blocks, empty ones if nothing waits.

        Raises:
            StoreFailed: the disk refuses.
            NodeFailed: anvil died meanwhile.
        """
        self._ask(_Work((), blocks, Future()))

    def _ask(self, work: _Work) -> list[Outcome]:
        if self.ended.is_set():
            raise self._stopped()
        self._queue.put(work)
        while True:
            with suppress(TimeoutError):
                return work.done.result(timeout=1.0)
            if self.ended.is_set() and not work.done.done():
                raise self._stopped()

    def _stopped(self) -> DiptychError:
        return self.fatal or NodeFailed("the chain is stopping", hint="diptych chain up")

    def connect(self) -> Ipc:
        """Open a connection to the present anvil for reads, waiting for a restart if there is one.

        Raises:
            NodeFailed: it is not back in time.
        """
        deadline = time.monotonic() + _RESTART_WAIT_S
        while time.monotonic() < deadline and self._ready.wait(_RESTART_WAIT_S):
            if self.ended.is_set():
                raise self._stopped()
            try:
                return self._committer.node.connect(timeout_s=_READ_TIMEOUT_S)
            except NodeFailed:  # it died just now; the writer thread is about to notice
                time.sleep(_POLL_S / 4)
        raise NodeFailed(
            "the chain is being restored", hint="try again; `diptych chain status` shows it"
        )

    def status(self) -> dict[str, JsonValue]:
        """Return the present state, JSON-ready."""
        head = self._committer.head
        return {
            "number": head.number,
            "hash": head.block_hash,
            "waiting": self._committer.waiting,
            "anvil_pid": self._committer.node.process.pid,
            "restarts": self.restarts,
            "replayed": self._restored.replayed,
            "refusal": str(self._refusal) if self._refusal is not None else "",
            "warnings": list(self._restored.warnings),
        }

    def close(self) -> None:
        """Finish what is queued, take a snapshot if it is worth it, and stop anvil."""
        self._queue.put(None)
        self._thread.join()
        self._committer.close()
        self._committer.node.stop()
        self._store.close()

    def _run(self) -> None:
        try:
            while (group := self._next_group()) is not None:
                self._serve(group)
                self._snapshot(wanted=due)
            self._snapshot(wanted=lambda head, newest: head - newest >= SPAN_BLOCKS)
        except DiptychError as error:
            _LOG.error("the chain stops: %s", error)
            self.fatal = error
        except Exception as error:
            _LOG.exception("the chain stops")
            self.fatal = NodeFailed(f"the chain's writer failed: {error!r}")
        finally:
            self.ended.set()
            self._ready.set()

    def _next_group(self) -> list[_Work] | None:
        """Return what is queued now; None to stop. An empty group means that time has passed."""
        group: list[_Work] = []
        size = 0
        with suppress(queue.Empty):
            while size < _MAX_GROUP:
                work = self._queue.get(timeout=_POLL_S) if not group else self._queue.get_nowait()
                if work is None:
                    self._queue.put(None)
                    return group or None
                group.append(work)
                size += len(work.raws)
        return group

    def _serve(self, group: Sequence[_Work]) -> None:
        try:
            if not self._committer.node.process.running:
                self._restart("it has ended")
            self._commit([work for work in group if work.raws])
            for work in group:
                if not work.done.done():
                    self._mine(work)
        except NodeFailed as error:
            _fail(group, _unknown_outcome(error))
            self._restart(error.message)

    def _restart(self, reason: str) -> None:
        _LOG.warning("anvil is restarted: %s", reason)
        self._ready.clear()
        self.restarts += 1
        self._committer.close()
        self._committer.node.stop()
        self._bring_up(lambda done, total: None)

    def _commit(self, works: Sequence[_Work]) -> None:
        if not works:
            return
        outcomes = self._committer.commit([raw for work in works for raw in work.raws])
        at = 0
        for work in works:
            work.done.set_result(outcomes[at : at + len(work.raws)])
            at += len(work.raws)

    def _mine(self, work: _Work) -> None:
        try:
            self._committer.mine(work.blocks)
            work.done.set_result([])
        except NodeFailed:
            raise
        except DiptychError as error:
            work.done.set_exception(error)

    def _snapshot(self, *, wanted: Callable[[int, int], bool]) -> None:
        """Take a snapshot if one is wanted; a failure costs only time at the next start."""
        head = self._committer.head
        newest = next(iter(snapshots(self._folder)), None)
        if head.number == 0 or not wanted(head.number, newest.number if newest else 0):
            return
        started_s = time.monotonic()
        try:
            state = str(self._committer.node.call("anvil_dumpState")).removeprefix("0x")
            block_hash = bytes.fromhex(head.block_hash.removeprefix("0x"))
            content = SnapshotContent(head.number, block_hash, bytes.fromhex(state))
            write_snapshot(self._folder, content)
        except DiptychError as error:
            _LOG.warning("no snapshot at block %d: %s", head.number, error)
        else:
            took_s = time.monotonic() - started_s
            _LOG.info("snapshot at block %d in %.2f s", head.number, took_s)


def _fail(group: Sequence[_Work], error: DiptychError) -> None:
    for work in group:
        if not work.done.done():
            work.done.set_exception(error)


def _unknown_outcome(error: NodeFailed) -> NodeFailed:
    return NodeFailed(
        f"{error.message}; it is being restarted, and what was sent may or may not be mined",
        hint="send the same signed bytes again",
    )
