"""Columns of text as Arrow holds them, checked for hexadecimal form; the wrong row is named."""

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
_ZERO, _X = b"0x"


class MalformedColumn(LedgerError):
    """A column of what a node told holds something else than its field says."""

    code = "Index.MalformedColumn"


class Text(NamedTuple):
    """Text as Arrow holds it: `starts` and `lengths` in `data`, and which rows are null."""

    array: pa.Array
    data: Bytes2D
    starts: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    null: Mask


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
    return (texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts).cast(
        pa.large_string()
    )


def read_text(texts: Texts, what: str) -> Text:
    """Return a column of text in one piece.

    Raises:
        MalformedColumn: something else is among it.
    """
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
    return Text(array, held, offsets[:-1], np.diff(offsets), null)


def _no_text(texts: Sequence[Any], what: str) -> MalformedColumn:
    for row, one in enumerate(texts):
        if one is not None and (not isinstance(one, str) or not one.isascii()):
            return MalformedColumn(f"{what}: got {shown(one)} in row {row}, expected text")
    return MalformedColumn(f"{what}: expected a list of text")


def check_prefix(text: Text, what: str) -> None:
    """Refuse text that does not begin with `0x`; null and shorter text is passed over."""
    there = text.starts[text.lengths >= 2]
    bad = (text.data[there] != _ZERO) | (text.data[there + 1] != _X)
    if bad.any():
        wrong = np.zeros(len(text.null), np.bool_)
        wrong[text.lengths >= 2] = bad
        refuse(text, wrong, "0x and hexadecimal digits", what)


def check_quantities(text: Text, digits: int, what: str) -> None:
    """Refuse text that is no `0x` and 1 to some digits; the digits are not looked at."""
    wrong = ((text.lengths < 3) | (text.lengths > digits + 2)) & ~text.null
    if wrong.any():
        refuse(text, wrong, f"0x and 1 to {digits} hexadecimal digits", what)
    check_prefix(text, what)


def refuse(text: Text, wrong: Mask, expected: str, what: str) -> NoReturn:
    """Raise the error that names the first wrong row."""
    row = int(np.argmax(wrong))
    got = shown(text.array[row].as_py())
    raise MalformedColumn(f"{what}: got {got} in row {row}, expected {expected}")
