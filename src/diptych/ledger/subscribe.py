"""Following a chain: every canonical block in order, and what reorganisations took back."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from diptych.core.errors import LedgerError
from diptych.ledger.chain import Chain
from diptych.ledger.decoding import decode_log, filter_json
from diptych.ledger.errors import BlockNotFound, RateLimited, RpcRefused, Unreachable
from diptych.ledger.quantity import read_list, to_data
from diptych.ledger.records import Block, LogEntry, LogFilter
from diptych.ledger.wakeups import Polling, Wakeups

_REMEMBERED = 256


class ReorganisedTooDeep(LedgerError):
    """A reorganisation reaches further back than the follower remembers."""

    code = "Chain.ReorganisedTooDeep"


@dataclass(frozen=True)
class ChainStep:
    """The next canonical block.

    Attributes:
        block: the block.
        taken_back: blocks seen before that are no longer canonical, newest first.
    """

    block: Block
    taken_back: tuple[Block, ...] = ()


def follow_blocks(
    chain: Chain, start: int, *, wakeups: Wakeups | None = None, remembered: int = _REMEMBERED
) -> Iterator[ChainStep]:
    """Yield every canonical block from `start` on, for ever; each links to the one before.

    Args:
        chain: which.
        start: first height.
        wakeups: what ends the wait for the next block, default polling each second.
        remembered: how many blocks back a reorganisation can be followed.

    Raises:
        ReorganisedTooDeep: a reorganisation reaches further back.
        LedgerError: the endpoint lies; while it is only away, the follower waits.
    """
    waiting = wakeups or Polling()
    seen: deque[Block] = deque(maxlen=remembered)
    taken_back: list[Block] = []
    height = start
    while True:
        block = _block_or_none(chain, height)
        if block is None:
            waiting.wait()
            # While nothing new is there, the newest block seen may have been replaced.
            if not seen or not _is_replaced(chain, seen[-1]):
                continue
        elif not seen or block.parent_hash == seen[-1].hash:
            yield ChainStep(block, tuple(taken_back))
            taken_back.clear()
            seen.append(block)
            height = block.number + 1
            continue
        if not seen:
            continue
        taken_back.append(seen.pop())
        height = taken_back[-1].number
        if not seen and height > start:
            raise ReorganisedTooDeep(
                f"got a reorganisation of more than {len(taken_back)} blocks at height {height}",
                hint="start again from a final block",
            )


def _block_or_none(chain: Chain, height: int) -> Block | None:
    try:
        return chain.block(height)
    except (BlockNotFound, Unreachable, RateLimited):
        return None


def _is_replaced(chain: Chain, block: Block) -> bool:
    now = _block_or_none(chain, block.number)
    return now is not None and now.hash != block.hash


def follow_logs(
    chain: Chain, wanted: LogFilter, *, wakeups: Wakeups | None = None
) -> Iterator[LogEntry]:
    """Yield events from `wanted.from_block` on, for ever, also those taken back.

    An event of a block that a reorganisation took back comes again with `removed` set, before the
    events of the blocks that replaced it. `wanted.to_block` is ignored.

    Raises:
        ReorganisedTooDeep: a reorganisation reaches too far back.
        LedgerError: the endpoint lies.
    """
    shown: dict[bytes, list[LogEntry]] = {}
    order: deque[bytes] = deque()
    for step in follow_blocks(chain, wanted.from_block, wakeups=wakeups):
        for block in step.taken_back:
            for entry in reversed(shown.pop(block.hash, [])):
                yield _removed(entry)
        entries = _logs_of_block(chain, wanted, step.block)
        if entries:
            shown[step.block.hash] = entries
            order.append(step.block.hash)
            yield from entries
        if len(order) > _REMEMBERED:
            shown.pop(order.popleft(), None)


def _logs_of_block(chain: Chain, wanted: LogFilter, block: Block) -> list[LogEntry]:
    fields = filter_json(wanted)
    del fields["fromBlock"], fields["toBlock"]
    try:
        raw = chain.request("eth_getLogs", {**fields, "blockHash": to_data(block.hash)})
    except RpcRefused:
        # The next step will take this block back again.
        if _is_replaced(chain, block):
            return []
        raise
    return [decode_log(item) for item in read_list(raw, "logs")]


def _removed(entry: LogEntry) -> LogEntry:
    return replace(entry, removed=True)
