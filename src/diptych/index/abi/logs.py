"""Logs into columns: one event at a time, what cannot be read kept with a reason."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from diptych.index.abi.event import Event, Input
from diptych.index.abi.payload import Payload, Places, Where
from diptych.index.abi.shapes import arrow_type, members
from diptych.index.abi.types import Elementary, Shape, Tuple
from diptych.index.abi.words import word_column
from diptych.index.blocks import MAX_TOPICS, logs_schema
from diptych.index.columns import hex_from_binary, matrix_of

_BATCH_ROWS = 1 << 16
_HASH = Elementary("bytes32", "bytes", 32)


class Decoded(NamedTuple):
    """What became of logs.

    Attributes:
        rows: of schema `rows_schema(event)`, in the order of the logs.
        unread: of schema `unread_schema()`: logs that are not what the event declares.
    """

    rows: pa.Table
    unread: pa.Table


def rows_schema(event: Event) -> pa.Schema:
    """Return the columns of an event's rows: its arguments, then the system's."""
    arguments = [
        (name, arrow_type(_shape(one)))
        for name, one in zip(event.columns, event.inputs, strict=True)
    ]
    text, long, short = pa.string(), pa.int64(), pa.int32()
    return pa.schema(
        [
            *arguments,
            ("_block", long),
            ("_block_hash", text),
            ("_timestamp", long),
            ("_transaction", text),
            ("_transaction_index", short),
            ("_log_index", short),
            ("_address", text),
        ]
    )


def unread_schema() -> pa.Schema:
    """Return the columns of logs that could not be decoded: as they came, with event and reason."""
    return (
        logs_schema().append(pa.field("event", pa.string())).append(pa.field("reason", pa.string()))
    )


def decode(logs: pa.Table, event: Event, *, blocks: pa.Table | None = None) -> Decoded:
    """Return the rows of one event.

    Args:
        logs: of schema `logs_schema()`, all said to be of this event.
        event: what they are.
        blocks: of schema `blocks_schema()`, for the times; without it `_timestamp` is null.
    """
    rows, unread = [], []
    for batch in logs.to_batches(max_chunksize=_BATCH_ROWS):
        found = _decoded(batch, event, blocks)
        rows.append(found.rows)
        unread.append(found.unread)
    return Decoded(
        pa.concat_tables([rows_schema(event).empty_table(), *rows]),
        pa.concat_tables([unread_schema().empty_table(), *unread]),
    )


def decode_each(
    logs: pa.Table, events: Sequence[Event], *, blocks: pa.Table | None = None
) -> tuple[dict[Event, pa.Table], pa.Table]:
    """Return the rows of each of some events that logs may be of, and what none can read.

    A log goes to the first event that has its first topic and can read it; ERC-20 and ERC-721
    transfers, for example, differ only in their count of topics. Anonymous events come last, and
    are tried on what has the topic of no other. Logs of other events are left out.

    Args:
        logs: of schema `logs_schema()`.
        events: what they may be.
        blocks: of schema `blocks_schema()`, for the times.
    """
    found: dict[Event, pa.Table] = {}
    unread = []
    other = pa.array(np.ones(len(logs), np.bool_))
    for topic, group in _groups(events):
        mask = other if topic is None else _has_topic(logs, topic)
        other = pc.and_not(other, mask)
        rows, left = _decode_group(logs.filter(mask), group, blocks)
        found |= rows
        unread += left if topic is not None else []
    return found, pa.concat_tables([unread_schema().empty_table(), *unread])


def _decode_group(
    logs: pa.Table, events: Sequence[Event], blocks: pa.Table | None
) -> tuple[dict[Event, pa.Table], list[pa.Table]]:
    """Give each log to the first event that has its count of topics and can read it."""
    if len(events) == 1:
        rows, left = decode(logs, events[0], blocks=blocks)
        return {events[0]: rows}, [left]
    found: dict[Event, pa.Table] = {}
    unread = []
    counts = sum(
        pc.is_valid(logs[f"topic{place}"]).to_numpy().astype(np.int64)
        for place in range(MAX_TOPICS)
    )
    for count in dict.fromkeys(one.topics for one in events):
        rest = logs.filter(pa.array(counts == count))
        for event in events:
            if event.topics == count:
                found[event], left = decode(rest, event, blocks=blocks)
                rest = left.select(logs.schema.names)
        unread.append(left)
        counts = np.where(counts == count, -1, counts)
    odd = logs.filter(pa.array(counts >= 0))
    return found, [*unread, decode(odd, events[0]).unread]


def _groups(events: Iterable[Event]) -> list[tuple[bytes | None, list[Event]]]:
    """Return events by first topic; anonymous ones, of topic None, last."""
    groups: dict[bytes | None, list[Event]] = {}
    for event in events:
        groups.setdefault(None if event.anonymous else event.topic0, []).append(event)
    return sorted(groups.items(), key=lambda group: group[0] is None)


def _has_topic(logs: pa.Table, topic: bytes) -> pa.ChunkedArray:
    equal = pc.equal(logs["topic0"], pa.scalar(topic, pa.binary(32)))
    return pc.fill_null(equal, fill_value=False)


def _shape(one: Input) -> Shape:
    return _HASH if one.hashed else one.shape


def _decoded(batch: pa.RecordBatch, event: Event, blocks: pa.Table | None) -> Decoded:
    payload = _payload(batch)
    _check_topics(payload, batch, event)
    columns = _arguments(payload, batch, event)
    columns += _system(batch, blocks)
    table = pa.Table.from_arrays(columns, schema=rows_schema(event))
    good = payload.refused == 0
    if good.all():
        return Decoded(table, unread_schema().empty_table())
    wrong = ~good
    left = pa.Table.from_batches([batch]).filter(pa.array(wrong))
    reasons = np.array(payload.reasons, object)[payload.refused[wrong]]
    left = left.append_column("event", pa.array([event.declaration] * len(left), pa.string()))
    left = left.append_column("reason", pa.array(reasons, pa.string()))
    return Decoded(table.filter(pa.array(good)), left.cast(unread_schema()))


def _payload(batch: pa.RecordBatch) -> Payload:
    data = batch.column("data")
    _, offsets, held = data.buffers()
    at = np.frombuffer(offsets, np.int32)[data.offset : data.offset + len(data) + 1]
    places: Places = at.astype(np.int64)
    return Payload(held or b"", places[:-1], places[1:])


def _check_topics(payload: Payload, batch: pa.RecordBatch, event: Event) -> None:
    for place in range(MAX_TOPICS):
        topic = batch.column(f"topic{place}")
        wanted = place < event.topics
        if topic.null_count != (0 if wanted else len(topic)):
            null = topic.is_null().to_numpy(zero_copy_only=False)
            why = f"got another count than the {event.topics} of the event"
            payload.refuse(null if wanted else ~null, Where("topics"), why)
    if not event.anonymous:
        limbs = np.ascontiguousarray(matrix_of(batch.column("topic0"))).view(np.uint64)
        expected = np.frombuffer(event.topic0, np.uint64)
        wrong = np.zeros(len(limbs), np.bool_)
        for place in range(4):
            wrong |= limbs[:, place] != expected[place]
        payload.refuse(wrong, Where("topics"), "got the first topic of another event")


def _arguments(payload: Payload, batch: pa.RecordBatch, event: Event) -> list[pa.Array]:
    topic = 0 if event.anonymous else 1
    found: dict[int, pa.Array] = {}
    plain: list[int] = []
    for place, one in enumerate(event.inputs):
        if not one.indexed:
            plain.append(place)
            continue
        words = np.ascontiguousarray(matrix_of(batch.column(f"topic{topic}")))
        shape = one.shape if isinstance(one.shape, Elementary) else _HASH
        found[place] = word_column(payload, words, shape, Where(event.columns[place]))
        topic += 1
    data = Tuple(
        tuple(event.columns[place] for place in plain),
        tuple(event.inputs[place].shape for place in plain),
    )
    values = members(payload, data, payload.starts, Where(""))
    found.update(zip(plain, values, strict=True))
    return [found[place] for place in range(len(event.inputs))]


def _system(batch: pa.RecordBatch, blocks: pa.Table | None) -> list[pa.Array]:
    numbers = batch.column("block_number")
    return [
        numbers,
        _repeated_hex(batch.column("block_hash")),
        _times(numbers, blocks),
        hex_from_binary(batch.column("transaction_hash")),
        batch.column("transaction_index"),
        batch.column("log_index"),
        hex_from_binary(batch.column("address")),
    ]


def _repeated_hex(hashes: pa.Array) -> pa.Array:
    """Return `0x` text of a column in which neighbours are mostly equal."""
    limbs = np.ascontiguousarray(matrix_of(hashes)).view(np.uint64)
    first = np.ones(len(limbs), np.bool_)
    first[1:] = (limbs[1:, 0] != limbs[:-1, 0]) | (limbs[1:] != limbs[:-1]).any(axis=1)
    text = hex_from_binary(hashes.filter(pa.array(first)))
    return text.take(pa.array(np.cumsum(first) - 1))


def _times(numbers: pa.Array, blocks: pa.Table | None) -> pa.Array:
    if blocks is None:
        return pa.nulls(len(numbers), pa.int64())
    found = pc.index_in(numbers, value_set=blocks["number"])
    return pc.take(blocks["timestamp_s"].combine_chunks(), found)
