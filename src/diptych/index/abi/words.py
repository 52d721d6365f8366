"""Columns of single words: checks of range and padding, and what each type is in Arrow."""

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from diptych.index.abi.payload import Payload, Where
from diptych.index.abi.types import WORD_BYTES, Elementary
from diptych.index.amounts import decimal_from_matrix
from diptych.index.columns import hex_from_matrix
from diptych.index.texts import Bytes2D

_INT64_BYTES = 8


def word_type(shape: Elementary) -> pa.DataType:
    """Return the Arrow type of a column: int64 where all values fit, else text."""
    if shape.kind == "bool":
        return pa.bool_()
    return pa.int64() if _is_short(shape) else pa.string()


def word_column(payload: Payload, words: Bytes2D, shape: Elementary, where: Where) -> pa.Array:
    """Return the values of words, shape (n, 32); logs with wrong padding are refused."""
    _check_padding(payload, words, shape, where)
    if shape.kind == "bool":
        return pa.array(words[:, -1] != 0)
    if shape.kind == "address":
        return hex_from_matrix(words[:, -shape.size :])
    if shape.kind == "bytes":
        return hex_from_matrix(words[:, : shape.size])
    if _is_short(shape):
        return pa.array(words.view(">i8")[:, -1].astype(np.int64))
    text = decimal_from_matrix(words, signed=shape.kind in ("int", "fixed"))
    return text if not shape.places else _with_point(text, shape.places)


def _is_short(shape: Elementary) -> bool:
    if shape.kind == "uint":
        return shape.size < _INT64_BYTES
    return shape.kind == "int" and shape.size <= _INT64_BYTES


def _check_padding(payload: Payload, words: Bytes2D, shape: Elementary, where: Where) -> None:
    masks = _padding(shape.kind, shape.size)
    if not any(masks):
        return
    limbs = words.view(np.uint64)
    wrong = np.zeros(len(words), np.bool_)
    expected: npt.NDArray[np.uint64] | None = None
    if shape.kind in ("int", "fixed"):
        negative = words[:, WORD_BYTES - shape.size] >> 7
        expected = np.where(negative, np.uint64(2**64 - 1), np.uint64(0))
    for place, mask in enumerate(masks):
        if mask:
            held = limbs[:, place] & np.uint64(mask)
            wrong |= held != (0 if expected is None else expected & np.uint64(mask))
    payload.refuse(wrong, where, f"no {shape.text}, its padding is not empty")


@cache
def _padding(kind: str, size: int) -> tuple[int, ...]:
    """Return which bits of a word are padding, as four numbers in the machine's byte order."""
    if kind == "bytes":
        raw = bytes(size).ljust(WORD_BYTES, b"\xff")
    elif kind == "bool":
        raw = b"\xff" * (WORD_BYTES - 1) + b"\xfe"
    else:
        raw = bytes(size).rjust(WORD_BYTES, b"\xff")
    return tuple(int(one) for one in np.frombuffer(raw, np.uint64))


def _with_point(text: pa.Array, places: int) -> pa.Array:
    """Return whole numbers divided by a power of ten, exactly."""
    shown = []
    for one in text.to_pylist():
        sign, digits = ("-", one[1:]) if one.startswith("-") else ("", one)
        digits = digits.rjust(places + 1, "0")
        shown.append(f"{sign}{digits[:-places]}.{digits[-places:]}")
    return pa.array(shown, pa.string())
