"""Columns of hex text turned into Arrow arrays of bytes and numbers, a column at a time. Pure.

Each function is strict: values of another form raise ValueError. Which value it was, the caller
finds out with the readers of `diptych.ledger.quantity`.
"""

import binascii
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

Texts = Sequence[str | None]
_AMOUNT_BYTES = 32
_MAX_BYTES = 1 << 31
"""Offsets of Arrow's plain binary arrays have 32 bits."""


def fixed_column(values: Texts, width: int) -> "pa.Array":
    """Return byte strings of one width; None becomes null.

    Args:
        values: `0x` and `2 * width` hex digits each.
        width: bytes.

    Raises:
        ValueError: a value of another form.
    """
    import pyarrow as pa

    present, mask = _present(values)
    digits = _digits(present, 2 * width)
    packed = _spread(binascii.unhexlify(digits), mask, width)
    buffers = [_validity(mask), pa.py_buffer(packed)]
    return pa.Array.from_buffers(pa.binary(width), len(values), buffers)


def variable_column(values: Texts) -> "pa.Array":
    """Return byte strings of any length; None becomes null.

    Raises:
        ValueError: a value that is not `0x` and pairs of hex digits, or 2 GiB in all.
    """
    import pyarrow as pa

    present, mask = _present(values)
    lengths = np.fromiter(map(len, present), np.int64, len(present))
    if len(lengths) and (lengths.min() < 2 or (lengths & 1).any()):
        raise ValueError("got an odd number of hex digits")
    _require_prefixes(present)
    packed = binascii.unhexlify("".join([value[2:] for value in present]))
    sizes = (lengths - 2) >> 1
    if len(packed) >= _MAX_BYTES:
        raise ValueError("got too many bytes for one column")
    if mask is not None:
        spread = np.zeros(len(values), np.int64)
        spread[~mask] = sizes
        sizes = spread
    offsets = np.zeros(len(values) + 1, np.int32)
    np.cumsum(sizes, out=offsets[1:])
    buffers = [_validity(mask), pa.py_buffer(offsets), pa.py_buffer(packed)]
    return pa.Array.from_buffers(pa.binary(), len(values), buffers)


def amount_column(values: Texts) -> "pa.Array":
    """Return quantities as 32 bytes, big-endian; None becomes null.

    Raises:
        ValueError: a value that is not `0x` and 1 to 64 hex digits.
    """
    import pyarrow as pa

    present, mask = _present(values)
    _require_quantities(present)
    digits = "".join([value[2:].zfill(2 * _AMOUNT_BYTES) for value in present])
    if len(digits) != 2 * _AMOUNT_BYTES * len(present):
        raise ValueError("got a quantity above 256 bits")
    packed = _spread(binascii.unhexlify(digits), mask, _AMOUNT_BYTES)
    buffers = [_validity(mask), pa.py_buffer(packed)]
    return pa.Array.from_buffers(pa.binary(_AMOUNT_BYTES), len(values), buffers)


def integer_column(values: Texts, type_: "pa.DataType") -> "pa.Array":
    """Return quantities as whole numbers of a type; None becomes null.

    Raises:
        ValueError: a value that is not `0x` and hex digits, or too large for the type.
    """
    import pyarrow as pa

    present, mask = _present(values)
    _require_quantities(present)
    numbers = [int(value, 16) for value in present]
    try:
        if mask is None:
            return pa.array(numbers, type_)
        rest = iter(numbers)
        return pa.array([None if value is None else next(rest) for value in values], type_)
    except (pa.ArrowInvalid, OverflowError):
        raise ValueError("got a quantity that is too large") from None


def _present(values: Texts) -> "tuple[list[str], np.ndarray | None]":
    """Return the values that are there, and which are not (None when all are there)."""
    present = [value for value in values if value is not None]
    if len(present) == len(values):
        return present, None
    return present, np.fromiter((value is None for value in values), np.bool_, len(values))


def _require_prefixes(values: list[str]) -> None:
    if any([value[:2] != "0x" for value in values]):
        raise ValueError("got text without 0x")


def _require_quantities(values: list[str]) -> None:
    """Refuse what `int(value, 16)` would take too: signs, spaces, underscores, no digit."""
    _require_prefixes(values)
    if len(values) and min(map(len, values)) < 3:
        raise ValueError("got a quantity without digits")
    digits = "".join([value[2:] for value in values])
    binascii.unhexlify(digits + "0" * (len(digits) & 1))


def _digits(values: list[str], width: int) -> bytes:
    text = np.frombuffer("".join(values).encode("ascii"), np.uint8)
    if len(text) != len(values) * (width + 2):
        raise ValueError("got a byte string of another length")
    rows = text.reshape(len(values), width + 2)
    if (rows[:, 0] != ord("0")).any() or (rows[:, 1] != ord("x")).any():
        raise ValueError("got text without 0x")
    return rows[:, 2:].tobytes()


def _spread(packed: bytes, mask: "np.ndarray | None", width: int) -> bytes:
    if mask is None:
        return packed
    rows = np.zeros((len(mask), width), np.uint8)
    rows[~mask] = np.frombuffer(packed, np.uint8).reshape(-1, width)
    return rows.tobytes()


def _validity(mask: "np.ndarray | None") -> "pa.Buffer | None":
    import pyarrow as pa

    if mask is None:
        return None
    return pa.py_buffer(np.packbits(~mask, bitorder="little").tobytes())
