"""The decoder of logs beside eth-abi: equality on random logs, whole and damaged, and speed."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
from eth_abi.abi import decode as reference_decode
from tests.unit.index.abi_cases import (
    Log,
    damaged,
    expected,
    random_event,
    random_log,
    table_of,
)

from diptych.index.abi import Event, decode, known_abi, read_abi

WHOLE, DAMAGED = 4, 4
_CAPPED = "more values than its data can hold"
_DISTINCT = 2000
_ORDERS = (
    "event OrderFulfilled(bytes32 orderHash, address indexed offerer, address indexed zone, "
    "address recipient, (uint8 itemType, address token, uint256 identifier, uint256 amount)[] "
    "offer, (uint8 itemType, address token, uint256 identifier, uint256 amount, "
    "address recipient)[] consideration)"
)


@dataclass
class Tally:
    """What became of random logs.

    Attributes:
        logs: how many were compared.
        refused: how many eth-abi refuses.
        capped: how many only we refuse, for telling more values than their data can hold.
        different: descriptions of differences.
        ours_s: CPU seconds of our decoder, which sees few logs at once here.
    """

    logs: int = 0
    refused: int = 0
    capped: int = 0
    events: int = 0
    ours_s: float = 0.0
    different: list[str] = field(default_factory=list)


def compare(seed: int, at_least: int) -> Tally:
    """Decode random logs of random events both ways until there are enough."""
    tally = Tally()
    while tally.logs < at_least:
        random = Random(f"{seed}:{tally.events}")
        event = random_event(random)
        whole = [random_log(random, event) for _ in range(WHOLE)]
        logs = whole + [damaged(random, log) for log in whole for _ in range(DAMAGED)]
        _compare(event, logs, tally)
        tally.events += 1
    return tally


def _compare(event: Event, logs: Sequence[Log], tally: Tally) -> None:
    table = table_of(logs)
    start_s = time.process_time()
    rows, unread = decode(table, event)
    tally.ours_s += time.process_time() - start_s
    columns = [one.to_pylist() for one in rows.columns[: len(event.inputs)]]
    read: dict[int, list[Any]] = {
        place: [column[number] for column in columns]
        for number, place in enumerate(rows["_log_index"].to_pylist())
    }
    places = unread["log_index"].to_pylist()
    reasons = dict(zip(places, unread["reason"].to_pylist(), strict=True))
    for place, log in enumerate(logs):
        wanted = expected(event, log)
        tally.logs += 1
        tally.refused += wanted is None
        if wanted is not None and _CAPPED in reasons.get(place, ""):
            tally.capped += 1
        elif read.get(place) != wanted or (place in read) == (place in reasons):
            tally.different.append(f"{event.declaration} {log[1].hex()[:4000]}")


def speed(event: Event, logs: int) -> tuple[float, float]:
    """Return logs a CPU-second: ours with all columns of the rows, eth-abi's values alone."""
    random = Random(7)
    some = [random_log(random, event) for _ in range(_DISTINCT)]
    table = pa.concat_tables([table_of(some)] * (logs // _DISTINCT)).combine_chunks()
    place = table.schema.get_field_index("transaction_hash")
    raw = pa.py_buffer(np.random.default_rng(7).bytes(32 * len(table)))
    hashes = pa.Array.from_buffers(pa.binary(32), len(table), [None, raw])
    table = table.set_column(place, table.schema.field(place), hashes)
    if decode(table, event).unread.num_rows:
        raise RuntimeError(f"{event.name}: whole logs are unread")
    return (
        len(table) / _best_s(lambda: decode(table, event)),
        len(some) / _best_s(lambda: _reference(event, some)),
    )


def speed_events() -> dict[str, Event]:
    """Return the events that speed is measured on."""
    return {
        "ERC-20 Transfer": known_abi("erc20").event("Transfer"),
        "Uniswap v3 Swap": known_abi("uniswap-v3-pool").event("Swap"),
        "ERC-1155 URI, text": known_abi("erc1155").event("URI"),
        "ERC-1155 TransferBatch, arrays": known_abi("erc1155").event("TransferBatch"),
        "orders, arrays of structs": read_abi([_ORDERS], "benchmark").events[0],
    }


def _reference(event: Event, logs: Sequence[Log]) -> None:
    indexed = [one.type for one in event.inputs if one.indexed]
    plain = [one.type for one in event.inputs if not one.indexed]
    for topics, data in logs:
        for kind, topic in zip(indexed, topics[1:], strict=True):
            reference_decode([kind], topic)
        reference_decode(plain, data)


def _best_s(run: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(5):
        start_s = time.process_time()
        run()
        best = min(best, time.process_time() - start_s)
    return best
