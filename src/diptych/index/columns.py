"""Whole columns at once: hexadecimal text, bytes, 32-byte amounts, decimal text.

Each function takes and returns Arrow arrays; nulls stay null. What comes from outside is checked,
and the first row that is wrong is named.
"""

import binascii
from string import hexdigits

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from diptych.index.texts import (
    Bytes2D,
    MalformedColumn,
    Mask,
    Text,
    Texts,
    check_prefix,
    check_quantities,
    read_text,
    refuse,
)

AMOUNT_BYTES = 32
_INT64_DIGITS = 16
_PREFIX = np.frombuffer(b"0x", np.uint16)[0]
_PAIRS = np.frombuffer(b"".join(b"%02x" % byte for byte in range(256)), np.uint16)
_ZERO = ord("0")
_NO_DIGIT = np.uint8(0x80)
_DIGITS = np.array(
    [int(chr(byte), 16) if chr(byte) in hexdigits else _NO_DIGIT for byte in range(256)], np.uint8
)


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
    text = read_text(texts, what)
    wrong = (text.lengths != 2 * width + 2) & ~text.null
    if wrong.any():
        refuse(text, wrong, f"0x and {2 * width} hexadecimal digits", what)
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
    text = read_text(texts, what)
    wrong = ((text.lengths < 2) | (text.lengths % 2 == 1)) & ~text.null
    if wrong.any():
        refuse(text, wrong, "0x and an even count of hexadecimal digits", what)
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
    text = read_text(texts, what)
    check_quantities(text, _INT64_DIGITS, what)
    count = np.where(text.null, 0, text.lengths - 2)
    last = text.starts + text.lengths - 1
    values = np.zeros(len(count), np.int64)
    wrong = np.zeros(len(count), np.uint8)
    for place in range(int(count.max(initial=0))):
        there = count > place
        digit = _DIGITS[text.data[np.where(there, last - place, 0)]] * there
        wrong |= digit & _NO_DIGIT
        values |= digit.astype(np.int64) << (4 * place)
    if wrong.any() or (values < 0).any():
        refuse(text, (wrong != 0) | (values < 0), "0x and a quantity below 2**63", what)
    return pa.array(values, mask=text.null if text.null.any() else None)


def amounts_from_hex(texts: Texts, *, what: str) -> pa.Array:
    """Return quantities of up to 256 bits as 32 bytes, big-endian.

    Raises:
        MalformedColumn: no quantity, or 2**256 and above.
    """
    text = read_text(texts, what)
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


def _unhexed(text: Text, what: str) -> bytes:
    """Return the bytes of all rows, whose lengths are checked, one after the other."""
    check_prefix(text, what)
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
        refuse(text, wrong, "0x and hexadecimal digits", what)


def _right_aligned(text: Text, digits: int, what: str) -> Bytes2D:
    """Return quantities as bytes, shape (n, digits / 2); zero where null."""
    check_quantities(text, digits, what)
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
        refuse(text, wrong, "0x and hexadecimal digits", what)
    return np.frombuffer(raw, np.uint8).reshape(count, digits // 2)


def _validity(null: Mask | None) -> pa.Buffer | None:
    if null is None or not null.any():
        return None
    return pa.py_buffer(np.packbits(~null, bitorder="little"))
