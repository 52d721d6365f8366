"""Random events, logs of them, whole and damaged, and what eth-abi makes of those."""

from collections.abc import Sequence as Rows
from decimal import Decimal
from random import Random
from typing import Any

import pyarrow as pa
from eth_abi.abi import decode as reference_decode
from eth_abi.abi import encode
from eth_abi.exceptions import DecodingError

from diptych.index.abi.event import Event, Input, unique_names
from diptych.index.abi.types import Blob, Elementary, Sequence, Shape, Tuple, elementary
from diptych.index.blocks import logs_schema

REFUSALS = (DecodingError, UnicodeDecodeError, OverflowError)
_PLAIN = ("address", "bool", "string", "bytes", "function", "fixed128x18", "ufixed64x10")
Log = tuple[list[bytes], bytes]


def random_shape(random: Random, depth: int = 3) -> Shape:
    """Return a type of at most some levels."""
    kind = random.random()
    if depth and kind < 0.2:
        return Sequence(random_shape(random, depth - 1), random.choice((None, None, 1, 2, 3)))
    if depth and kind < 0.35:
        items = tuple(random_shape(random, depth - 1) for _ in range(random.randint(1, 3)))
        return Tuple(tuple(random.choice("abc") for _ in items), items)
    if kind < 0.65:
        return elementary(random.choice(_PLAIN))
    if kind < 0.75:
        return elementary(f"bytes{random.randint(1, 32)}")
    return elementary(f"{random.choice(('uint', 'int'))}{8 * random.randint(1, 32)}")


def random_event(random: Random) -> Event:
    """Return an event of up to five arguments."""
    inputs: list[Input] = []
    for place in range(random.choice((0, 1, 1, 2, 2, 3, 3, 4, 5))):
        indexed = random.random() < 0.3 and sum(one.indexed for one in inputs) < 3
        inputs.append(Input(f"a{place}", random_shape(random), indexed))
    return Event("Some", tuple(inputs), anonymous=random.random() < 0.1)


def random_value(random: Random, shape: Shape) -> Any:
    """Return a value that eth-abi encodes as a type."""
    if isinstance(shape, Tuple):
        return tuple(random_value(random, one) for one in shape.items)
    if isinstance(shape, Sequence):
        count = random.choice((0, 1, 2, 3, 5)) if shape.count is None else shape.count
        return [random_value(random, shape.item) for _ in range(count)]
    if isinstance(shape, Blob):
        length = random.choice((0, 1, 31, 32, 33, random.randint(0, 100)))
        if shape.text == "bytes":
            return random.randbytes(length)
        return "".join(random.choice("a0 é€\U0001f600\0") for _ in range(length // 2))
    return _word_value(random, shape)


def _word_value(random: Random, shape: Elementary) -> Any:
    if shape.kind == "bool":
        return random.random() < 0.5
    if shape.kind in ("address", "bytes"):
        return random.randbytes(shape.size)
    bits = 8 * shape.size
    signed = shape.kind in ("int", "fixed")
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    within = random.getrandbits(random.randint(1, bits))
    value = random.choice((low, high, 0, 1, low + within, high - within, min(within, high)))
    return Decimal(value).scaleb(-shape.places) if shape.places else value


def random_log(random: Random, event: Event) -> Log:
    """Return topics and data of an event."""
    topics = [] if event.anonymous else [event.topic0]
    plain = [one for one in event.inputs if not one.indexed]
    for one in event.inputs:
        if one.hashed:
            topics.append(random.randbytes(32))
        elif one.indexed:
            topics.append(encode([one.type], [random_value(random, one.shape)]))
    values = [random_value(random, one.shape) for one in plain]
    return topics, encode([one.type for one in plain], values)


def damaged(random: Random, log: Log) -> Log:
    """Return a log of which something was changed."""
    topics, data = list(log[0]), bytearray(log[1])
    kind = random.randrange(8)
    if kind == 0 and topics:
        place = random.randrange(len(topics))
        topics[place] = bytes(_changed(random, bytearray(topics[place])))
    elif kind == 1:
        del data[random.randint(0, len(data)) :]
    elif kind == 2:
        data += random.randbytes(random.choice((1, 31, 32, 64)))
    elif kind == 3 and random.random() < 0.3:
        topics = topics[:-1] if random.random() < 0.5 or len(topics) > 3 else [*topics, bytes(32)]
    elif len(data) >= 32:
        for _ in range(random.choice((1, 1, 2, 4))):
            _changed(random, data)
    return topics, bytes(data)


def _changed(random: Random, data: bytearray) -> bytearray:
    word = 32 * random.randrange(len(data) // 32)
    kind = random.randrange(5)
    if kind == 0:
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    elif kind == 1:
        number = random.choice((0, 1, 2, 3, 31, 33, 1 << 31, 1 << 63, (1 << 256) - 1))
        data[word : word + 32] = number.to_bytes(32, "big")
    elif kind == 2:
        data[word : word + 32] = (32 * random.randrange(len(data) // 32 + 2)).to_bytes(32, "big")
    elif kind == 3:
        data[word : word + 32] = random.randbytes(32)
    else:
        other = 32 * random.randrange(len(data) // 32)
        data[word : word + 32] = data[other : other + 32]
    return data


def table_of(logs: Rows[Log]) -> pa.Table:
    """Return logs as a source does; `log_index` counts them."""
    count = len(logs)
    columns: list[Any] = [[7] * count, range(count), [0] * count, [b"\xbb" * 32] * count]
    columns += [[b"\xcc" * 32] * count, [b"\xdd" * 20] * count, [data for _, data in logs]]
    for place in range(4):
        columns.append([topics[place] if place < len(topics) else None for topics, _ in logs])
    schema = logs_schema()
    arrays = [pa.array(one, field.type) for one, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def expected(event: Event, log: Log) -> list[Any] | None:
    """Return what eth-abi says the columns hold, None if it refuses the log."""
    topics, data = list(log[0]), log[1]
    if len(topics) != event.topics or (not event.anonymous and topics.pop(0) != event.topic0):
        return None
    plain = [one.type for one in event.inputs if not one.indexed]
    try:
        values = list(reference_decode(plain, data))
        found = []
        for one in event.inputs:
            if one.hashed:
                found.append("0x" + topics.pop(0).hex())
            elif one.indexed:
                found.append(_shown(one.shape, reference_decode([one.type], topics.pop(0))[0]))
            else:
                found.append(_shown(one.shape, values.pop(0)))
    except REFUSALS:
        return None
    return found


def _shown(shape: Shape, value: Any) -> Any:
    if isinstance(shape, Tuple):
        pairs = zip(unique_names(shape.names), shape.items, value, strict=True)
        return {name: _shown(item, one) for name, item, one in pairs}
    if isinstance(shape, Sequence):
        return [_shown(shape.item, one) for one in value]
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, Decimal):
        return f"{value:.{shape.places}f}" if isinstance(shape, Elementary) else None
    short = {"uint": 56, "int": 64}
    if isinstance(shape, Elementary) and shape.kind in short:
        return value if 8 * shape.size <= short[shape.kind] else str(value)
    return value
