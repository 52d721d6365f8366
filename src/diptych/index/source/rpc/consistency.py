"""What must hold among logs whatever they say: found wrong at no cost, without a proof. Pure."""

from typing import TYPE_CHECKING

import numpy as np

from diptych.index.blocks import LogSelector, Span, Wanted
from diptych.index.source.selection import select_logs
from diptych.ledger.errors import MalformedAnswer

if TYPE_CHECKING:
    import pyarrow as pa

_INDEX_BITS = 31


def consistent_logs(logs: "pa.Table", span: Span, selector: LogSelector) -> "pa.Table":
    """Return logs in chain order, if they can be what was asked for.

    Args:
        logs: of schema `logs_schema()`.
        span: blocks asked for.
        selector: logs asked for.

    Raises:
        MalformedAnswer: logs of other blocks, contracts or events, the same place twice, or two
            hashes of one block or transaction.
    """
    if not logs.num_rows:
        return logs
    if select_logs(logs, Wanted(logs=(selector,))).num_rows != logs.num_rows:
        raise MalformedAnswer("got logs of contracts or events that were not asked for")
    numbers = logs.column("block_number").to_numpy()
    if numbers.min() < span.first or numbers.max() > span.last:
        raise MalformedAnswer(
            f"got logs of blocks {numbers.min()} to {numbers.max()}, "
            f"expected {span.first} to {span.last}"
        )
    return in_chain_order(logs)


def in_chain_order(logs: "pa.Table") -> "pa.Table":
    """Return logs by block and index, if they agree with each other.

    Raises:
        MalformedAnswer: the same place twice, or two hashes of one block or transaction.
    """
    places = _places(logs)
    if (places[1:] <= places[:-1]).any():
        logs = logs.take(np.argsort(places, kind="stable")).combine_chunks()
        places = _places(logs)
        _require_none(logs, places[1:] == places[:-1], "got a log twice")
    numbers = logs.column("block_number").to_numpy()
    indices = logs.column("transaction_index").to_numpy()
    same_block = numbers[1:] == numbers[:-1]
    later, before = indices[1:], indices[:-1]
    _require_none(logs, same_block & (later < before), "got logs out of order of transactions")
    same_hash = _same_as_before(logs, "block_hash")
    _require_none(logs, same_block != same_hash, "got a block hash that contradicts the height")
    same_transaction = _same_as_before(logs, "transaction_hash")
    _require_none(
        logs,
        (same_block & (later == before)) != same_transaction,
        "got a transaction hash that contradicts the index",
    )
    return logs


def _places(logs: "pa.Table") -> np.ndarray:
    numbers: np.ndarray = logs.column("block_number").to_numpy()
    places: np.ndarray = (numbers << _INDEX_BITS) | logs.column("log_index").to_numpy()
    return places


def _require_none(logs: "pa.Table", wrong: np.ndarray, problem: str) -> None:
    if wrong.any():
        place = int(np.argmax(wrong)) + 1
        number = logs.column("block_number")[place].as_py()
        index = logs.column("log_index")[place].as_py()
        raise MalformedAnswer(f"{problem}: block {number} log {index}")


def _same_as_before(logs: "pa.Table", name: str) -> np.ndarray:
    """Return for each row but the first whether its 32 bytes equal those of the row before."""
    array = logs.column(name).combine_chunks()
    words = np.frombuffer(array.buffers()[1], np.uint64)
    rows = words[4 * array.offset : 4 * (array.offset + len(array))].reshape(-1, 4)
    same: np.ndarray = (rows[1:] == rows[:-1]).all(axis=1)
    return same
