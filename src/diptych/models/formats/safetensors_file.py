"""safetensors files read strictly: the header must describe every byte, once, in order.

Format: https://github.com/huggingface/safetensors#format. Eight bytes of header length
(little-endian), a JSON header, then the values, little-endian and row-major, without gaps.
"""

from typing import TYPE_CHECKING, Any

from diptych.core.errors import MalformedError
from diptych.models.errors import BadModelFile
from diptych_verify.jsonio import ObjectReader, strict_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_HEADER_BYTES = 100_000_000
# Name there, name here, numpy type; what numpy lacks is kept as its bits.
_TYPES = {
    "F64": ("float64", "<f8"),
    "F32": ("float32", "<f4"),
    "F16": ("float16", "<f2"),
    "BF16": ("bfloat16", "<u2"),
    "F8_E4M3": ("float8_e4m3fn", "|u1"),
    "F8_E5M2": ("float8_e5m2", "|u1"),
    "I64": ("int64", "<i8"),
    "I32": ("int32", "<i4"),
    "I16": ("int16", "<i2"),
    "I8": ("int8", "|i1"),
    "U64": ("uint64", "<u8"),
    "U32": ("uint32", "<u4"),
    "U16": ("uint16", "<u2"),
    "U8": ("uint8", "|u1"),
    "BOOL": ("bool", "|b1"),
    "C64": ("complex64", "<c8"),
}
_CODES = {ours: code for ours, code in _TYPES.values()}


def read_safetensors(raw: bytes, *, where: str) -> "dict[str, tuple[str, NDArray[Any]]]":
    """Return dtype name and values of every tensor by name; values are views of `raw`.

    Raises:
        BadModelFile: anything the format does not allow, gaps and overlaps included.
    """
    if len(raw) < 8:
        raise BadModelFile(f"{where}: got {len(raw)} bytes, expected a safetensors file")
    size = int.from_bytes(raw[:8], "little")
    if size > MAX_HEADER_BYTES or size > len(raw) - 8:
        raise BadModelFile(f"{where}: the header says it has {size} bytes")
    try:
        header = strict_json(raw[8 : 8 + size], max_bytes=MAX_HEADER_BYTES, max_depth=4)
        return _arrays(header, memoryview(raw)[8 + size :], where)
    except MalformedError as error:
        raise BadModelFile(f"{where}: {error.message}") from None


def _arrays(header: Any, data: memoryview, where: str) -> "dict[str, tuple[str, NDArray[Any]]]":
    import numpy as np

    reader = ObjectReader(header, where)
    found: dict[str, tuple[str, NDArray[Any]]] = {}
    spans = []
    for name in reader.members:
        if name == "__metadata__":
            continue
        dtype, code, shape, (start, end) = _entry(reader.object(name))
        count = int(np.prod(shape, dtype=object)) if shape else 1
        if end - start != count * np.dtype(code).itemsize or end > len(data):
            raise BadModelFile(f"{where}: '{name[:80]}' has {end - start} bytes for {shape}")
        spans.append((start, end))
        found[name] = (dtype, np.frombuffer(data[start:end], code).reshape(shape))
    _require_gapless(sorted(spans), len(data), where)
    return found


def _entry(reader: ObjectReader) -> tuple[str, str, list[int], tuple[int, int]]:
    stated = reader.text("dtype", max_characters=16)
    if stated not in _TYPES:
        raise reader.wrong("dtype", f"one of {', '.join(_TYPES)}")
    shape = _integers(reader, "shape")
    offsets = _integers(reader, "data_offsets")
    if len(offsets) != 2 or offsets[0] > offsets[1]:
        raise reader.wrong("data_offsets", "start and end")
    reader.done()
    return *_TYPES[stated], shape, (offsets[0], offsets[1])


def _integers(reader: ObjectReader, key: str) -> list[int]:
    found = []
    for value in reader.items(key, maximum=32):
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise reader.wrong(key, "whole numbers")
        found.append(value)
    return found


def _require_gapless(spans: list[tuple[int, int]], size: int, where: str) -> None:
    at = 0
    for start, end in spans:
        if start != at:
            raise BadModelFile(f"{where}: the values have a gap or overlap at byte {at}")
        at = end
    if at != size:
        raise BadModelFile(f"{where}: {size - at} bytes behind the last tensor belong to none")
