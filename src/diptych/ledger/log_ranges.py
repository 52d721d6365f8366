"""Event queries over any range: halved as often as the endpoint finds them too large."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from diptych.core.errors import LedgerError
from diptych.ledger.errors import MalformedAnswer, Oversized, RpcRefused, Unreachable
from diptych.ledger.records import LogEntry, LogFilter

_TOO_MANY = ("too many", "more than", "range", "limit", "too large", "too big", "exceed", "timeout")


def split_logs(
    wanted: LogFilter, query: Callable[[LogFilter], list[LogEntry]], *, max_blocks: int = 1 << 40
) -> Iterator[LogEntry]:
    """Yield the events of a range in order, in as many queries as it takes.

    Args:
        wanted: range and filter.
        query: asks the endpoint for one range.
        max_blocks: most blocks in one query; shrinks when a query is refused.

    Raises:
        LedgerError: a single block is refused too, or another failure.
    """
    start, width = wanted.from_block, max_blocks
    while start <= wanted.to_block:
        end = min(start + width - 1, wanted.to_block)
        try:
            entries = query(replace(wanted, from_block=start, to_block=end))
        except LedgerError as error:
            if end == start or not is_too_large(error):
                raise
            width = (end - start + 1) // 2
            continue
        _check_range(entries, start, end)
        yield from entries
        start, width = end + 1, min(width * 2, max_blocks)


def is_too_large(error: LedgerError) -> bool:
    """Whether a smaller question may be answered."""
    if isinstance(error, Oversized):
        return True
    if isinstance(error, RpcRefused):
        return any(word in error.rpc_message.lower() for word in _TOO_MANY)
    return isinstance(error, Unreachable) and "in time" in error.message


def _check_range(entries: list[LogEntry], start: int, end: int) -> None:
    for entry in entries:
        if entry.block_number is None or not start <= entry.block_number <= end:
            raise MalformedAnswer(
                f"got an event of block {entry.block_number}, expected blocks {start} to {end}"
            )
