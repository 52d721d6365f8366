"""Whole columns at once: hexadecimal text, bytes, 32-byte amounts, decimal text.

Each function takes and returns Arrow arrays; nulls stay null. What comes from outside is checked,
and the first row that is wrong is named.
"""

import binascii
from collections.abc import Sequence
from typing import Any, NamedTuple, NoReturn, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from diptych.core.errors import LedgerError
from diptych_verify.json_syntax import shown

Bytes2D = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Texts: TypeAlias = Sequence[str | None] | pa.Array | pa.ChunkedArray

AMOUNT_BYTES = 32
_INT64_DIGITS = 16
_PREFIX = np.frombuffer(b"0x", np.uint16)[0]
_PAIRS = np.frombuffer(b"".join(b"%02x" % byte for byte in range(256)), np.uint16)
_ZERO, _X = b"0x"


class MalformedColumn(LedgerError):
    """A column of what a node told holds something else than its field says."""

    code = "Index.MalformedColumn"


class _Text(NamedTuple):
    """Text as Arrow holds it: `starts` and `lengths` in `data`, and which rows are null."""

    array: pa.Array
    data: Bytes2D
    starts: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    null: Mask


def binary_from_hex(texts: Texts, width: int, *, what: str) -> pa.Array:
    r"""Return `0x` text as `pa.binary(width)`.

    Args:
        texts: `0x` and exactly `2 * width` digits each, or None.
        width: bytes a row.
        what: name of the field, for errors.

    Raises:
        MalformedColumn: another length, or no hexadecimal digits.

    >>> binary_from_hex(["0x0102"], 2, what="nonce").to_pylist()
    [b'\x01\x02']
    """
    text = _text(texts, what)
    wrong = (text.lengths != 2 * width + 2) & ~text.null
    if wrong.any():
        _refuse(text, wrong, f"0x and {2 * width} hexadecimal digits", what)
    raw = _unhexed(text, what)
    if not text.null.any():
        return fixed_binary(raw, width)
    filled = np.zeros((len(text.null), width), np.uint8)
    filled[~text.null] = np.frombuffer(raw, np.uint8).reshape(-1, width)
    return fixed_binary(filled, width, null=text.null)


def bytes_from_hex(texts: Texts, *, what: str) -> pa.Array:
    r"""Return `0x` text of any length as `pa.binary()`.

    Raises:
        MalformedColumn: no `0x` text of whole bytes.

    >>> bytes_from_hex(["0x", "0xff00"], what="data").to_pylist()
    [b'', b'\xff\x00']
    """
    text = _text(texts, what)
    wrong = ((text.lengths < 2) | (text.lengths % 2 == 1)) & ~text.null
    if wrong.any():
        _refuse(text, wrong, "0x and an even count of hexadecimal digits", what)
    raw = _unhexed(text, what)
    offsets = np.zeros(len(text.lengths) + 1, np.int64)
    np.cumsum(np.where(text.null, 0, text.lengths // 2 - 1), out=offsets[1:])
    if offsets[-1] > np.iinfo(np.int32).max:
        raise MalformedColumn(f"{what}: got {offsets[-1]} bytes in one column")
    return pa.Array.from_buffers(
        pa.binary(),
        len(text.lengths),
        [_validity(text.null), pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(raw)],
    )


def integers_from_hex(texts: Texts, *, what: str) -> pa.Array:
    """Return quantities such as `0x1b4` as int64.

    Raises:
        MalformedColumn: no quantity, or 2**63 and above.

    >>> integers_from_hex(["0x1b4", None], what="number").to_pylist()
    [436, None]
    """
    text = _text(texts, what)
    values = _right_aligned(text, _INT64_DIGITS, what).view(">i8")[:, 0]
    if (values < 0).any():
        _refuse(text, values < 0, "a quantity below 2**63", what)
    return pa.array(values.astype(np.int64), mask=text.null if text.null.any() else None)


def amounts_from_hex(texts: Texts, *, what: str) -> pa.Array:
    """Return quantities of up to 256 bits as 32 bytes, big-endian.

    Raises:
        MalformedColumn: no quantity, or 2**256 and above.
    """
    text = _text(texts, what)
    matrix = _right_aligned(text, 2 * AMOUNT_BYTES, what)
    return fixed_binary(matrix, AMOUNT_BYTES, null=text.null)


def hex_from_binary(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    r"""Return bytes, of fixed width or not, as `0x` text in lower case.

    >>> hex_from_binary(pa.array([b"", b"\xff"], pa.binary())).to_pylist()
    ['0x', '0xff']
    """
    array = one_array(array)
    if pa.types.is_fixed_size_binary(array.type):
        return hex_from_matrix(matrix_of(array), null=nulls_of(array))
    null = nulls_of(array)
    array = pc.fill_null(array, b"") if null is not None else array
    _, offsets, data = array.buffers()
    at = np.frombuffer(offsets, np.int32)[array.offset : array.offset + len(array) + 1]
    raw = np.frombuffer(data or b"", np.uint8)[at[0] : at[-1]]
    places = pa.py_buffer((at - at[0]).astype(np.int64) * 2)
    digits = pa.Array.from_buffers(
        pa.large_string(), len(array), [None, places, pa.py_buffer(_PAIRS[raw])]
    )
    prefix, nothing = (pa.scalar(one, pa.large_string()) for one in ("0x", ""))
    text = pc.binary_join_element_wise(prefix, digits, nothing).cast(pa.string())
    return text if null is None else pc.if_else(pa.array(null), pa.scalar(None, pa.string()), text)


def hex_from_matrix(matrix: Bytes2D, *, null: Mask | None = None) -> pa.Array:
    """Return rows of bytes, shape (n, width), as `0x` text."""
    count, width = matrix.shape
    pairs = np.empty((count, width + 1), np.uint16)
    pairs[:, 0] = _PREFIX
    pairs[:, 1:] = _PAIRS[matrix]
    length = 2 * width + 2
    if count * length > np.iinfo(np.int32).max:
        raise MalformedColumn(f"got {count} rows in one column, expected shorter pieces")
    offsets = np.arange(count + 1, dtype=np.int32) * np.int32(length)
    buffers = [_validity(null), pa.py_buffer(offsets), pa.py_buffer(pairs)]
    return pa.Array.from_buffers(pa.string(), count, buffers)


def fixed_binary(raw: bytes | Bytes2D, width: int, *, null: Mask | None = None) -> pa.Array:
    """Return `pa.binary(width)` over bytes that lie one row after the other, uncopied."""
    size = raw.size if isinstance(raw, np.ndarray) else len(raw)
    buffers = [_validity(null), pa.py_buffer(raw)]
    return pa.Array.from_buffers(pa.binary(width), size // width, buffers)


def matrix_of(array: pa.Array | pa.ChunkedArray) -> Bytes2D:
    """Return the bytes of a `pa.binary(width)` column, shape (n, width), uncopied."""
    array = one_array(array)
    width = array.type.byte_width
    found = np.frombuffer(array.buffers()[1] or b"", np.uint8)
    return found[array.offset * width : (array.offset + len(array)) * width].reshape(-1, width)


def nulls_of(array: pa.Array | pa.ChunkedArray) -> Mask | None:
    """Return which rows are null, None for none."""
    if not array.null_count:
        return None
    found: Mask = one_array(array).is_null().to_numpy(zero_copy_only=False)
    return found


def one_array(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a column in one piece."""
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def text_array(texts: Texts, what: str) -> pa.Array:
    """Return text in one piece, as `pa.large_string()`.

    Raises:
        MalformedColumn: something else is among it.
    """
    if not isinstance(texts, pa.Array | pa.ChunkedArray):
        try:
            return pa.array(texts, pa.large_string())
        except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
            raise _no_text(texts, what) from None
    return one_array(texts).cast(pa.large_string())


def _text(texts: Texts, what: str) -> _Text:
    array = text_array(texts, what)
    null: Mask = np.zeros(len(array), np.bool_)
    if array.null_count:
        null = array.is_null().to_numpy(zero_copy_only=False)
        array = pc.fill_null(array, "")
    _, places, data = array.buffers()
    if not len(array):
        places = pa.py_buffer(np.zeros(1, np.int64))
    offsets = np.frombuffer(places, np.int64)[array.offset : array.offset + len(array) + 1]
    held = np.frombuffer(data or b"", np.uint8)
    return _Text(array, held, offsets[:-1], np.diff(offsets), null)


def _no_text(texts: Sequence[Any], what: str) -> MalformedColumn:
    for row, one in enumerate(texts):
        if one is not None and (not isinstance(one, str) or not one.isascii()):
            return MalformedColumn(f"{what}: got {shown(one)} in row {row}, expected text")
    return MalformedColumn(f"{what}: expected a list of text")


def _check_prefix(text: _Text, what: str) -> None:
    there = text.starts[text.lengths >= 2]
    bad = (text.data[there] != _ZERO) | (text.data[there + 1] != _X)
    if bad.any():
        wrong = np.zeros(len(text.null), np.bool_)
        wrong[text.lengths >= 2] = bad
        _refuse(text, wrong, "0x and hexadecimal digits", what)


def _unhexed(text: _Text, what: str) -> bytes:
    """Return the bytes of all rows, whose lengths are checked, one after the other."""
    _check_prefix(text, what)
    if not len(text.lengths) or text.null.all():
        return b""
    first, length = int(text.starts[0]), int(text.lengths[0])
    if (text.lengths == length).all():
        digits = text.data[first : first + length * len(text.lengths)]
        digits = digits.reshape(-1, length)[:, 2:].ravel()
    else:
        keep = np.ones(int(text.starts[-1] + text.lengths[-1]) - first, np.bool_)
        there = text.starts[~text.null] - first
        keep[there] = keep[there + 1] = False
        digits = text.data[first : first + len(keep)][keep]
    try:
        return binascii.unhexlify(digits.data)
    except binascii.Error:
        matched = pc.match_substring_regex(text.array, "^0x[0-9a-fA-F]*$")
        wrong = ~matched.to_numpy(zero_copy_only=False) & ~text.null
        _refuse(text, wrong, "0x and hexadecimal digits", what)


def _right_aligned(text: _Text, digits: int, what: str) -> Bytes2D:
    """Return quantities as bytes, shape (n, digits / 2); zero where null."""
    wrong = ((text.lengths < 3) | (text.lengths > digits + 2)) & ~text.null
    if wrong.any():
        _refuse(text, wrong, f"0x and 1 to {digits} hexadecimal digits", what)
    _check_prefix(text, what)
    count = len(text.lengths)
    aligned = np.full(count * digits, _ZERO, np.uint8)
    lengths = np.where(text.null, 0, text.lengths - 2)
    before = np.cumsum(lengths) - lengths
    within = np.arange(int(lengths.sum())) - np.repeat(before, lengths)
    ends = np.arange(1, count + 1) * digits - lengths
    aligned[np.repeat(ends, lengths) + within] = text.data[
        np.repeat(text.starts + 2, lengths) + within
    ]
    try:
        raw = binascii.unhexlify(aligned.data)
    except binascii.Error:
        matched = pc.match_substring_regex(text.array, "^0x[0-9a-fA-F]+$")
        wrong = ~matched.to_numpy(zero_copy_only=False) & ~text.null
        _refuse(text, wrong, "0x and hexadecimal digits", what)
    return np.frombuffer(raw, np.uint8).reshape(count, digits // 2)


def _refuse(text: _Text, wrong: Mask, expected: str, what: str) -> NoReturn:
    row = int(np.argmax(wrong))
    got = shown(text.array[row].as_py())
    raise MalformedColumn(f"{what}: got {got} in row {row}, expected {expected}")


def _validity(null: Mask | None) -> pa.Buffer | None:
    if null is None or not null.any():
        return None
    return pa.py_buffer(np.packbits(~null, bitorder="little"))
