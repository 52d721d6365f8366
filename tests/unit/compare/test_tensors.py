"""Tensor files: safetensors and npz, by name, type, shape and values; never a pickle."""

import io
import json
import zipfile
from collections.abc import Callable

import numpy as np
import pytest

from diptych.core.errors import DiptychError
from diptych.data.compare import CannotCompare, compare_tensors, read_tensors


def npz(**arrays: object) -> bytes:
    raw = io.BytesIO()
    np.savez(raw, **arrays)  # type: ignore[arg-type]
    return raw.getvalue()


def safetensors(**arrays: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]") -> bytes:
    header, body = {}, b""
    for name, array in arrays.items():
        values = array.astype("<f4").tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(array.shape),
            "data_offsets": [len(body), len(body) + len(values)],
        }
        body += values
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


ONE, TWO = np.arange(6, dtype=np.float32), np.ones((2, 3), dtype=np.float32)


@pytest.mark.parametrize("write", [npz, safetensors])
def test_every_kind_of_change(write: Callable[..., bytes]) -> None:
    old = read_tensors(write(a=ONE, b=ONE, c=TWO, d=TWO * 3), where="old")
    new = read_tensors(write(a=ONE, b=ONE + 1, c=ONE, e=TWO * 3, f=TWO * 7), where="new")
    found = compare_tensors(old, new)
    assert (found.changed, found.reshaped) == (("b",), ("c",))
    assert (found.renamed, found.added, found.removed) == ((("d", "e"),), ("f",), ())
    assert "1 unchanged" in found.text()
    assert found.to_json()["renamed"] == [["d", "e"]]


def test_another_type_of_the_same_bytes_is_another_tensor() -> None:
    old = read_tensors(npz(a=np.zeros(4, "<f4")), where="old")
    new = read_tensors(npz(a=np.zeros(4, "<i4")), where="new")
    assert compare_tensors(old, new).reshaped == ("a",)


def test_a_pickled_object_is_refused() -> None:
    raw = npz(a=np.array([{"x": 1}], dtype=object))
    with pytest.raises(CannotCompare, match="pickled"):
        read_tensors(raw, where="x")


def zipped(content: bytes) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("a.npy", content)
    return raw.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PK\x03\x04" + b"\0" * 99,
        zipped(b"no npy"),
        zipped(b"\x93NUMPY\x09\x00rest"),
        zipped(b"\x93NUMPY\x01\x00\x10\x00__import__('os')"),
        b"\xff" * 64,
        (5).to_bytes(8, "little") + b"{{{{{",
    ],
)
def test_damaged_files_are_refused(raw: bytes) -> None:
    with pytest.raises(DiptychError):
        read_tensors(raw, where="x")
