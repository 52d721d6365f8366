"""Columns of any ABI type, read from the data of many logs at once.

Each function reads one type at one place of each log, or at many; there is no loop over logs.
What is accepted and refused is what `eth_abi.decode` does in its strict mode, except that a log
may not tell more values than four for each of its words and 256 to spare.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from diptych.index.abi.event import unique_names
from diptych.index.abi.payload import Payload, Places, Where, offsets_of, spread
from diptych.index.abi.types import WORD_BYTES, Blob, Elementary, Sequence, Shape, Tuple
from diptych.index.abi.words import word_column, word_type
from diptych.index.columns import hex_from_binary
from diptych.index.texts import Mask


def arrow_type(shape: Shape) -> pa.DataType:
    """Return the Arrow type of a column of an ABI type."""
    if isinstance(shape, Elementary):
        return word_type(shape)
    if isinstance(shape, Sequence):
        return pa.list_(arrow_type(shape.item))
    if isinstance(shape, Tuple):
        types = map(arrow_type, shape.items)
        return pa.struct(list(zip(unique_names(shape.names), types, strict=True)))
    return pa.string()


def column(payload: Payload, shape: Shape, at: Places, where: Where) -> pa.Array:
    """Return the values of one type.

    Args:
        payload: the logs.
        shape: the type.
        at: where each value begins; for dynamic types behind the pointer.
        where: the log of each place.
    """
    if isinstance(shape, Elementary):
        payload.require(at + WORD_BYTES, where)
        return word_column(payload, payload.words(at), shape, where)
    if isinstance(shape, Blob):
        return _blob(payload, shape, at, where)
    if isinstance(shape, Sequence):
        return _sequence(payload, shape, at, where)
    return pa.StructArray.from_arrays(
        members(payload, shape, at, where), fields=list(arrow_type(shape))
    )


def members(payload: Payload, shape: Tuple, at: Places, where: Where) -> list[pa.Array]:
    """Return the columns of a struct, or of the data of a whole event."""
    # eth-abi counts a static struct as one word here, so pointers may lead into the head's end.
    lowest = np.int64(WORD_BYTES * sum(_slots(one) for one in shape.items))
    found = []
    head = at
    for name, one in zip(shape.names, shape.items, strict=True):
        below = where._replace(path=f"{where.path}.{name}" if where.path else name)
        place = head
        if one.dynamic:
            payload.require(head + WORD_BYTES, below)
            place = at + _pointers(payload, (at, head), lowest, below)
        found.append(column(payload, one, place, below))
        head = head + WORD_BYTES * one.words
    return found


def _slots(shape: Shape) -> int:
    if isinstance(shape, Sequence) and not shape.dynamic:
        return shape.count or 0
    return 1


def _pointers(
    payload: Payload, frame: tuple[Places, Places], lowest: Places | np.int64, where: Where
) -> Places:
    """Return pointers, checked to lead behind the head and into the data.

    Args:
        payload: the logs.
        frame: what each pointer counts from, and where it stands.
        lowest: end of the head, counted alike.
        where: the log of each.
    """
    base, head = frame
    found = payload.small_numbers(head, where)
    wrong = (found < lowest) | (base + found >= payload.ends_of(where))
    payload.refuse(wrong, where, "a pointer out of the data")
    return np.where(wrong, 0, found)


def _sequence(payload: Payload, shape: Sequence, at: Places, where: Where) -> pa.Array:
    if shape.count is None:
        payload.require(at + WORD_BYTES, where)
        counts = payload.small_numbers(at, where)
        at = at + WORD_BYTES
    else:
        counts = np.where(payload.bad(where), 0, shape.count)
    step = WORD_BYTES * shape.item.words
    payload.require(at + counts * step, where)
    counts = payload.spend(counts, where)
    owner, number = spread(counts)
    base = at[owner]
    below = where._replace(rows=owner if where.rows is None else where.rows[owner])
    place = base + step * number
    if shape.item.dynamic:
        place = base + _pointers(payload, (base, place), WORD_BYTES * counts[owner], below)
    items = column(payload, shape.item, place, below)
    return pa.ListArray.from_arrays(pa.array(offsets_of(counts)), items)


def _blob(payload: Payload, shape: Blob, at: Places, where: Where) -> pa.Array:
    payload.require(at + WORD_BYTES, where)
    lengths = payload.small_numbers(at, where)
    words = -(-lengths // WORD_BYTES)
    payload.require(at + WORD_BYTES * (words + 1), where)
    words = payload.spend(words, where)
    lengths = np.where(words > 0, lengths, 0)
    owner, number = spread(words)
    held = payload.words(at[owner] + WORD_BYTES * (number + 1))
    used = np.minimum(lengths[owner] - WORD_BYTES * number, WORD_BYTES)
    keep: Mask = np.arange(WORD_BYTES) < used[:, None]
    padded = np.zeros(len(lengths), np.bool_)
    padded[owner[((held != 0) & ~keep).any(axis=1)]] = True
    payload.refuse(padded, where, "padding is not empty")
    buffers = [None, pa.py_buffer(offsets_of(lengths)), pa.py_buffer(held[keep])]
    array = pa.Array.from_buffers(pa.binary(), len(lengths), buffers)
    return hex_from_binary(array) if shape.text == "bytes" else _text(payload, array, where)


def _text(payload: Payload, array: pa.Array, where: Where) -> pa.Array:
    try:
        return array.cast(pa.string())
    except pa.ArrowInvalid:
        wrong = np.array([not _is_utf8(one.as_buffer()) for one in array])
        payload.refuse(wrong, where, "text is not UTF-8")
        return pc.if_else(pa.array(wrong), b"", array).cast(pa.string())


def _is_utf8(raw: pa.Buffer) -> bool:
    try:
        raw.to_pybytes().decode()
    except UnicodeDecodeError:
        return False
    return True
