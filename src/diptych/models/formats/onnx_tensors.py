"""Values of the tensors in an ONNX file, external ones from the sealed files beside it."""

import posixpath
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from diptych.models.errors import BadModelFile, UnsafeFormat
from diptych.models.formats.onnx_file import OnnxFile, RawTensor
from diptych_verify.manifest import is_safe_path

if TYPE_CHECKING:
    from numpy.typing import NDArray

# TensorProto.DataType to numpy; 16-bit floats without numpy type are kept as their bits.
_TYPES = {
    1: ("float32", "<f4"),
    2: ("uint8", "|u1"),
    3: ("int8", "|i1"),
    4: ("uint16", "<u2"),
    5: ("int16", "<i2"),
    6: ("int32", "<i4"),
    7: ("int64", "<i8"),
    9: ("bool", "|b1"),
    10: ("float16", "<f2"),
    11: ("float64", "<f8"),
    12: ("uint32", "<u4"),
    13: ("uint64", "<u8"),
    14: ("complex64", "<c8"),
    15: ("complex128", "<c16"),
    16: ("bfloat16", "<u2"),
    17: ("float8_e4m3fn", "|u1"),
    18: ("float8_e4m3fnuz", "|u1"),
    19: ("float8_e5m2", "|u1"),
    20: ("float8_e5m2fnuz", "|u1"),
}
_STRING = 8
MAX_ELEMENTS = 1 << 40


def values(
    found: OnnxFile, content: Mapping[str, bytes], model_path: str
) -> "dict[str, tuple[str, NDArray[Any]]]":
    """Return dtype name and values of every numeric tensor by name.

    Args:
        found: the read file.
        content: sealed bytes by path, for external data.
        model_path: path of the ONNX file, to which external locations are relative.

    Raises:
        UnsafeFormat: external data lies outside the sealed folder.
        BadModelFile: a tensor's values do not fit its shape and type.
    """
    import numpy as np

    arrays: dict[str, tuple[str, NDArray[Any]]] = {}
    for name, tensor in found.tensors.items():
        if tensor.data_type == _STRING:
            continue
        arrays[name] = _array(name, tensor, content, model_path)
    for name, (dtype, listed) in found.lists.items():
        if dtype == "float32":
            raw = b"".join(bytes(part) for part in listed if isinstance(part, memoryview))
            arrays[name] = (dtype, np.frombuffer(raw, "<f4"))
        else:
            arrays[name] = (dtype, np.array(listed, dtype="<i8"))
    return arrays


def _array(
    name: str, tensor: RawTensor, content: Mapping[str, bytes], model_path: str
) -> "tuple[str, NDArray[Any]]":
    import numpy as np

    if tensor.data_type not in _TYPES:
        raise BadModelFile(f"the tensor '{name[:80]}' has type {tensor.data_type}, not supported")
    dtype_name, code = _TYPES[tensor.data_type]
    count = 1
    for axis in tensor.shape:
        count *= axis
    if any(axis < 0 for axis in tensor.shape) or count > MAX_ELEMENTS:
        raise BadModelFile(f"the tensor '{name[:80]}' has the shape {tensor.shape[:8]}")
    raw = _raw(name, tensor, content, model_path)
    expected = count * np.dtype(code).itemsize
    if raw is not None:
        if len(raw) != expected:
            raise BadModelFile(
                f"the tensor '{name[:80]}' has {len(raw)} bytes, expected {expected}"
            )
        return dtype_name, np.frombuffer(raw, code).reshape(tensor.shape)
    if len(tensor.integers) != count:
        raise BadModelFile(
            f"the tensor '{name[:80]}' has {len(tensor.integers)} values, expected {count}"
        )
    return dtype_name, _from_integers(tensor.integers, code).reshape(tensor.shape)


def _from_integers(listed: list[int], code: str) -> "NDArray[Any]":
    """Return values of `int32_data`, where 16-bit floats stand as their bits, or `int64_data`."""
    import numpy as np

    as_bits = np.array(listed, dtype=np.int64)
    if np.dtype(code).kind == "f":
        return as_bits.astype("<u2").view(code)
    return as_bits.astype(code)


def _raw(
    name: str, tensor: RawTensor, content: Mapping[str, bytes], model_path: str
) -> bytes | memoryview | None:
    if tensor.is_external:
        return external_bytes(name, tensor, content, model_path)
    if tensor.raw is not None:
        return tensor.raw
    return (
        b"".join(bytes(part) for part in tensor.floats)
        if tensor.floats
        else (b"" if not tensor.integers and 0 in tensor.shape else None)
    )


def external_bytes(
    name: str, tensor: RawTensor, content: Mapping[str, bytes], model_path: str
) -> memoryview:
    """Return the values of an external tensor from the sealed file that it names.

    Raises:
        UnsafeFormat: the file is none of the sealed ones, or the range lies outside of it.
    """
    location = tensor.external.get("location", "")
    path = posixpath.join(posixpath.dirname(model_path), location)
    if not is_safe_path(location) or "\\" in location or path not in content:
        raise UnsafeFormat(
            f"the tensor '{name[:80]}' of '{model_path}' has its values in '{location[:200]}', "
            "which is no sealed file of this model",
            hint="keep external data in the model's folder, or save the model in one file",
            path=model_path,
            location=location,
        )
    raw = content[path]
    offset, length = _number(tensor, "offset", 0), _number(tensor, "length", -1)
    end = len(raw) if length < 0 else offset + length
    if not 0 <= offset <= end <= len(raw):
        raise UnsafeFormat(
            f"the tensor '{name[:80]}' takes bytes {offset} to {end} of '{path}', which has "
            f"{len(raw)}",
            path=model_path,
            location=location,
        )
    return memoryview(raw)[offset:end]


def _number(tensor: RawTensor, key: str, missing: int) -> int:
    stated = tensor.external.get(key, "")
    if not stated:
        return missing
    if not stated.isascii() or not stated.isdigit() or len(stated) > 18:
        raise BadModelFile(f"the external data's {key} is '{stated[:40]}', expected a number")
    return int(stated)
