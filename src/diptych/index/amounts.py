"""Whole numbers of up to 256 bits: 32 bytes, big-endian, to decimal text and back, by columns."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from diptych.index.columns import AMOUNT_BYTES, fixed_binary, matrix_of, nulls_of, one_array
from diptych.index.texts import Bytes2D, MalformedColumn, Texts, text_array
from diptych_verify.json_syntax import shown

_WIDE = pa.decimal256(76, 0)
_ARROW_DIGITS = 76


def decimal_from_amounts(array: pa.Array | pa.ChunkedArray, *, signed: bool = False) -> pa.Array:
    r"""Return 32-byte amounts as decimal text.

    Args:
        array: `pa.binary(32)`.
        signed: whether they are in two's complement.

    >>> decimal_from_amounts(fixed_binary(b"\xff" * 32, 32), signed=True).to_pylist()
    ['-1']
    """
    array = one_array(array)
    text = decimal_from_matrix(matrix_of(array), signed=signed)
    null = nulls_of(array)
    return text if null is None else pc.if_else(pa.array(null), pa.scalar(None, text.type), text)


def decimal_from_matrix(words: Bytes2D, *, signed: bool = False) -> pa.Array:
    """Return rows of 32 bytes, shape (n, 32), as decimal text."""
    words = np.ascontiguousarray(words)
    limbs = words.view(">u8")
    low = limbs[:, 3].view(">i8")
    upper = (low >> 63).astype(np.uint64) if signed else np.uint64(0)
    fits = low >= 0 if not signed else np.ones(len(words), np.bool_)
    for place in range(3):
        fits &= limbs[:, place] == upper
    if fits.all():
        return pa.array(low.astype(np.int64)).cast(pa.string())
    little = pa.py_buffer(np.ascontiguousarray(words[:, ::-1]))
    # Arrow writes any 256-bit number in two's complement, also those beyond 76 digits.
    text = pa.Array.from_buffers(_WIDE, len(words), [None, little]).cast(pa.string())
    if signed:
        return text
    beyond = words[:, 0] >= 0x80
    if not beyond.any():
        return text
    raws = words[beyond].view(f"V{AMOUNT_BYTES}")[:, 0].tolist()
    known = {raw: str(int.from_bytes(raw, "big")) for raw in set(raws)}
    exact = [known[raw] for raw in raws]
    return pc.replace_with_mask(text, pa.array(beyond), pa.array(exact, pa.string()))


def amounts_from_decimal(texts: Texts, *, signed: bool = False, what: str = "amount") -> pa.Array:
    r"""Return decimal text as 32 bytes, big-endian.

    Args:
        texts: digits, with a leading `-` if `signed`, or None.
        signed: whether to write two's complement.
        what: name of the field, for errors.

    Raises:
        MalformedColumn: no whole number, or out of the range of 256 bits.

    >>> amounts_from_decimal(["258"]).to_pylist()[0][-2:]
    b'\x01\x02'
    """
    array = text_array(texts, what)
    pattern = "^-?[0-9]{1,78}$" if signed else "^[0-9]{1,78}$"
    _require(pc.match_substring_regex(array, pattern), array, what)
    long = pc.fill_null(pc.greater(pc.binary_length(array), _ARROW_DIGITS), fill_value=False)
    shorter = pc.if_else(long, pa.scalar("0", array.type), pc.fill_null(array, "0"))
    wide = shorter.cast(_WIDE)
    little = np.frombuffer(wide.buffers()[1], np.uint8).reshape(-1, AMOUNT_BYTES)
    words = np.ascontiguousarray(little[wide.offset : wide.offset + len(wide), ::-1])
    for row in np.flatnonzero(long.to_numpy(zero_copy_only=False)):
        words[row] = _word(array[int(row)].as_py(), signed, f"{what}: row {row}")
    return fixed_binary(words, AMOUNT_BYTES, null=nulls_of(array))


def _word(text: str, signed: bool, where: str) -> npt.NDArray[np.uint8]:
    try:
        raw = int(text).to_bytes(AMOUNT_BYTES, "big", signed=signed)
    except OverflowError:
        raise MalformedColumn(f"{where}: got {text}, expected a number of 256 bits") from None
    return np.frombuffer(raw, np.uint8)


def _require(good: pa.Array, array: pa.Array, what: str) -> None:
    wrong = ~pc.fill_null(good, fill_value=True).to_numpy(zero_copy_only=False)
    if wrong.any():
        row = int(np.argmax(wrong))
        got = shown(array[row].as_py())
        raise MalformedColumn(f"{what}: got {got} in row {row}, expected a whole number")
