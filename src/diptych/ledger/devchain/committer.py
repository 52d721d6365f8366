"""Turn signed transactions into durable blocks: offer, intend, mine, compare, seal, acknowledge.

The first block's intent goes to disk while anvil still takes the transactions in: it lists all that
are offered in order, and whatever anvil refuses now it refuses again when an intent is replayed.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from diptych.core.clock import Clock
from diptych.core.errors import DiptychError
from diptych.ledger.devchain.errors import (
    NodeFailed,
    NodeRefused,
    StoreFailed,
    TransactionDropped,
)
from diptych.ledger.devchain.node import MinedBlock, Node
from diptych.ledger.devchain.replay import Restored, settle
from diptych.ledger.devchain.store import BlockStore, StoredBlock

Outcome = str | DiptychError
"""A durable transaction's `0x` hash, or why it was not acknowledged."""


class Committer:
    """Writes blocks; driven by one thread.

    Nothing is acknowledged before the block's hash, or for a transaction that cannot be mined yet
    the transaction itself, is on disk.
    """

    def __init__(self, store: BlockStore, restored: Restored, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.node: Node = restored.node
        self._background = ThreadPoolExecutor(1, thread_name_prefix="intent")
        self._unsealed: tuple[StoredBlock, dict[str, bytes]] | None = None
        self._waiting: dict[str, bytes] = {}
        self.head: MinedBlock = self.node.block("latest")
        if restored.unsealed is None:
            self._waiting = self._offer_again(store.waiting())
        else:
            self._unsealed = (restored.unsealed, self._still_waiting(restored.leftover))
        self.node.call("evm_setTime", self._next_time_s())

    @property
    def waiting(self) -> int:
        """How many accepted transactions no block includes yet."""
        return len(self._waiting)

    def seal_rest(self) -> None:
        """Seal a block that is mined but not on disk, if there is one.

        Raises:
            StoreFailed: the store still cannot be written.
        """
        if self._unsealed is not None:
            block, waiting = self._unsealed
            self._store.seal(block, list(waiting.values()))
            self._unsealed, self._waiting = None, waiting

    def commit(self, raws: Sequence[bytes]) -> list[Outcome]:
        """Make as many of `raws` durable as anvil accepts, in their order.

        Returns:
            One outcome per transaction.

        Raises:
            NodeFailed: anvil died; what it was given may or may not be mined after its restart.
        """
        try:
            self.seal_rest()
        except StoreFailed as error:
            return [error] * len(raws)
        outcomes, intent = self._offer_all(raws)
        fresh = {tx: raw for tx, raw in zip(outcomes, raws, strict=True) if isinstance(tx, str)}
        failures = self._make_durable(fresh, intent)
        return [failures.get(tx, tx) if isinstance(tx, str) else tx for tx in outcomes]

    def _offer_all(
        self, raws: Sequence[bytes]
    ) -> tuple[list[Outcome], "Future[StoredBlock] | None"]:
        """Offer in order; from the first accepted one on, the intent is written beside that."""
        outcomes: list[Outcome] = []
        intent: Future[StoredBlock] | None = None
        for raw in raws:
            outcomes.append(self._offer(raw))
            if intent is None and isinstance(outcomes[-1], str):
                listed = (*self._waiting.values(), *raws)
                intent = self._background.submit(self._intend, listed)
        return outcomes, intent

    def close(self) -> None:
        """End the thread that writes intents."""
        self._background.shutdown()

    def mine(self, blocks: int) -> None:
        """Mine blocks even if nothing waits, so that confirmations can advance.

        Raises:
            StoreFailed: a block could not be made durable.
            NodeFailed: anvil died.
        """
        self.seal_rest()
        for _ in range(blocks):
            self._mine_block(self._waiting)

    def _offer(self, raw: bytes) -> Outcome:
        try:
            return self.node.submit(raw)
        except NodeRefused as error:
            return error

    def _make_durable(
        self, fresh: Mapping[str, bytes], intent: "Future[StoredBlock] | None"
    ) -> dict[str, DiptychError]:
        """Mine until the pool has nothing ready; return the failures by transaction hash."""
        failures: dict[str, DiptychError] = {}
        open_: dict[str, bytes] = dict(fresh)
        try:
            while open_ and self.node.ready_count() > 0:
                mined = self._mine_block({**self._waiting, **open_}, intent)
                intent = None
                done = [tx for tx in open_ if tx not in self._waiting]
                for tx in done:
                    del open_[tx]
                    if tx not in mined.transactions:
                        failures[tx] = _dropped(tx)
                if not mined.transactions:
                    break
            if intent is not None:
                self._abandon(intent)
            if any(tx not in self._waiting for tx in open_):
                self._keep_waiting({**self._waiting, **open_})
        except StoreFailed as error:
            failures.update(dict.fromkeys(open_, error))
        return failures

    def _intend(self, listed: tuple[bytes, ...]) -> StoredBlock:
        intent = StoredBlock(self.head.number + 1, self._next_time_s(), listed, None)
        self._store.intend(intent)
        return intent

    def _mine_block(
        self, offered: Mapping[str, bytes], written: "Future[StoredBlock] | None" = None
    ) -> MinedBlock:
        try:
            intent = written.result() if written else self._intend(tuple(offered.values()))
        except StoreFailed:
            self._reset_pool()
            raise
        mined = self.node.mine(intent.time_s)
        _check_position(mined, intent)
        block, left_out = settle(mined, offered)
        self.head = mined
        waiting = self._still_waiting(left_out)
        self._unsealed = (block, waiting)
        self.seal_rest()
        return mined

    def _abandon(self, written: "Future[StoredBlock]") -> None:
        """Take back an intent that there is nothing to mine for."""
        try:
            written.result()
            self._store.drop_intent()
        except StoreFailed:
            self._reset_pool()
            raise

    def _keep_waiting(self, waiting: dict[str, bytes]) -> None:
        try:
            self._store.keep_waiting(list(waiting.values()))
        except StoreFailed:
            self._reset_pool()
            raise
        self._waiting = waiting

    def _still_waiting(self, left_out: Mapping[str, bytes]) -> dict[str, bytes]:
        pooled = self.node.still_pooled(list(left_out))
        return {tx: raw for (tx, raw), stays in zip(left_out.items(), pooled, strict=True) if stays}

    def _reset_pool(self) -> None:
        """Take what is not on disk out of the pool again."""
        self.node.call("anvil_dropAllTransactions")
        self._waiting = self._offer_again(tuple(self._waiting.values()))

    def _offer_again(self, raws: Sequence[bytes]) -> dict[str, bytes]:
        offered = [(self._offer(raw), raw) for raw in raws]
        return {tx: raw for tx, raw in offered if isinstance(tx, str)}

    def _next_time_s(self) -> int:
        """Wall clock, but always later than the newest block."""
        return max(self.head.time_s + 1, int(self._clock()))


def _check_position(mined: MinedBlock, intent: StoredBlock) -> None:
    if (mined.number, mined.time_s) != (intent.number, intent.time_s):
        raise NodeFailed(
            f"anvil mined block {mined.number} at {mined.time_s}, "
            f"expected {intent.number} at {intent.time_s}"
        )


def _dropped(tx: str) -> TransactionDropped:
    return TransactionDropped(
        f"transaction {tx} was accepted but is in no block",
        hint="another transaction took its nonce or its sender's balance",
    )
