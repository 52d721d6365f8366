"""Formats: read strictly, in agreement with the libraries that define them; pickles are refused."""

import bz2
import contextlib
import gzip
import io
import json
import lzma
import pickle
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from tests.model_attacks.files import small_onnx, weights

from diptych.models.errors import BadModelFile, UnsafeFormat, UnsupportedFormat, UntrustedTypes
from diptych.models.formats.detect import detect, refuse_unsafe, unsafe_kind
from diptych.models.formats.onnx_file import read_onnx
from diptych.models.formats.onnx_tensors import values
from diptych.models.formats.safetensors_file import read_safetensors
from diptych.models.formats.skops_file import load_skops, read_skops
from diptych.models.runtime.reading import make_runner, read_tree

SILERO = Path(__file__).parents[4] / "shared/data/trust/models/silero"
TYPES = ["float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"]


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8),
        st.tuples(st.sampled_from(TYPES), st.lists(st.integers(0, 4), max_size=3)),
        max_size=5,
    )
)
def test_safetensors_reads_what_the_library_writes(named: dict[str, tuple[str, list[int]]]) -> None:
    arrays = {
        name: np.arange(int(np.prod(shape))).reshape(shape).astype(dtype)
        for name, (dtype, shape) in named.items()
    }
    found = read_safetensors(safetensors.numpy.save(arrays), where="x")
    assert set(found) == set(arrays)
    for name, array in arrays.items():
        dtype, seen = found[name]
        assert dtype == array.dtype.name
        assert np.array_equal(seen, array)


@given(st.binary(max_size=200))
def test_hostile_bytes_give_one_error(raw: bytes) -> None:
    for read in (read_safetensors, read_skops):
        with pytest.raises(BadModelFile):
            read(raw, where="x")
    with pytest.raises((BadModelFile, UnsafeFormat)):
        read_onnx(raw, where="x")


@settings(max_examples=40)
@given(st.data())
def test_changed_onnx_bytes_never_crash_the_reader(data: st.DataObject) -> None:
    raw = bytearray(small_onnx(1))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(BadModelFile, UnsafeFormat):
        values(read_onnx(bytes(raw), where="x"), {}, "x")


@pytest.mark.parametrize("dtype", TYPES)
def test_onnx_tensors_are_those_of_the_library(dtype: str) -> None:
    array = np.arange(6).reshape(2, 3).astype(dtype)
    onnx_type = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    packed = helper.make_tensor("packed", onnx_type, [2, 3], array.flatten().tolist())
    raw = numpy_helper.from_array(array, "raw")
    found = values(read_onnx(_model([packed, raw]), where="x"), {}, "x")
    for name in ("packed", "raw"):
        assert found[name][0] == dtype
        assert np.array_equal(found[name][1], array)


def _model(tensors: list[Any]) -> bytes:
    graph = helper.make_graph(
        [helper.make_node("Identity", ["X"], ["Y"])],
        "g",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, [1])],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, [1])],
        tensors,
    )
    return bytes(helper.make_model(graph).SerializeToString())


def test_tensors_of_constants_and_tree_attributes_are_found() -> None:
    constant = helper.make_node(
        "Constant", [], ["c"], name="k", value=numpy_helper.from_array(np.ones((2, 2)), "v")
    )
    scaler = helper.make_node(
        "Scaler", ["X"], ["Y"], name="s", domain="ai.onnx.ml", offset=[1.0, 2.0], scale=[3.0, 4.0]
    )
    graph = helper.make_graph([constant, scaler], "g", [], [], [])
    found = values(read_onnx(helper.make_model(graph).SerializeToString(), where="x"), {}, "x")
    assert set(found) == {"k/value/v", "s/offset", "s/scale"}
    assert found["s/scale"][1].tolist() == [3.0, 4.0]


def test_external_weights_are_taken_from_the_sealed_bytes_only() -> None:
    raw = weights(1)["W"].tobytes()
    model = small_onnx(1, location="w.bin", length=len(raw))
    runner = make_runner({"m.onnx": model, "w.bin": raw})
    plain = make_runner({"m.onnx": small_onnx(1)})
    assert runner is not None
    assert plain is not None
    rows = {"X": np.ones((2, 4), dtype=np.float32)}
    assert np.allclose(runner.run(rows)["Y"], plain.run(rows)["Y"])
    with pytest.raises(UnsafeFormat):
        make_runner({"m.onnx": model})


@pytest.mark.skipif(not SILERO.is_dir(), reason="needs the shared models")
def test_real_models_are_read_alike_in_both_formats() -> None:
    path = SILERO / "silero_vad_16k.safetensors"
    raw = path.read_bytes()
    ours, theirs = read_safetensors(raw, where="x"), safetensors.numpy.load(raw)
    assert set(ours) == set(theirs)
    assert all(np.array_equal(ours[name][1], theirs[name]) for name in theirs)
    for name in ("silero_vad_16k_op15.onnx", "silero_vad_half.onnx"):
        content = {name: (SILERO / name).read_bytes()}
        assert read_tree(content).parameters() > 300_000
        runner = make_runner(content)
        assert runner is not None
        assert {port.name for port in runner.inputs} >= {"input", "state"}


def test_skops_arrays_and_predictions_are_the_estimators() -> None:
    table, species = load_iris(return_X_y=True)
    model = LogisticRegression(max_iter=500).fit(table, species)
    raw = skops.io.dumps(model)
    found = read_skops(raw, where="x")
    assert np.array_equal(found["coef_"][1], model.coef_)
    assert load_skops(raw, where="x").predict(table[:3]).tolist() == [0, 0, 0]


def _double(values_: Any) -> Any:
    return values_ * 2


def test_skops_builds_other_classes_only_when_told_to() -> None:
    from sklearn.preprocessing import FunctionTransformer

    raw = skops.io.dumps(FunctionTransformer(_double))
    with pytest.raises(UntrustedTypes) as caught:
        load_skops(raw, where="x")
    names = caught.value.details["types"]
    assert isinstance(names, list)
    assert load_skops(raw, where="x", trusted=[str(name) for name in names]) is not None


class _Runs:
    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("a pickle was read",))


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("name", ["model.pkl", "model", "model.bin", "notes.txt", "model.onnx"])
def test_pickles_are_recognised_whatever_they_are_called(name: str, protocol: int) -> None:
    raw = pickle.dumps(_Runs(), protocol=protocol)
    if name == "model.onnx" and protocol < 2:
        pytest.skip("read as ONNX, which it is not")
    with pytest.raises(UnsafeFormat) as caught:
        refuse_unsafe({name: raw})
    assert caught.value.hint


def _joblib(raw: bytes) -> list[bytes]:
    shrunk = (zlib.compress(raw), gzip.compress(raw), bz2.compress(raw))
    return [*shrunk, lzma.compress(raw), lzma.compress(raw, lzma.FORMAT_ALONE)]


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_compressed_and_archived_pickles_are_recognised(protocol: int) -> None:
    """As joblib compresses them, and in a zip under any name, also behind other bytes."""
    evil = pickle.dumps(_Runs(), protocol=protocol)
    plain = skops.io.dumps(LogisticRegression().fit([[0.0], [1.0]], [0, 1]))
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    raws = [*_joblib(evil), _zipped({"weights": evil}), b"MZ" + _zipped({"weights": evil})]
    for raw, twin in zip(raws, [*_joblib(b"text"), plain, plain], strict=True):
        assert unsafe_kind("weights.bin", raw) in {"joblib", "pickle"}
        assert unsafe_kind("weights.bin", twin) is None
    assert unsafe_kind("m.skops", _zipped({**files, "extra": evil})) == "pickle"
    assert unsafe_kind("m.skops", _zipped(files)) is None
    assert unsafe_kind("m.pkl.gz", b"x") == "pickle"
    assert unsafe_kind("m.csv.gz", b"x") is None


@pytest.mark.parametrize("head", [640, 896, 1152, 1408])
def test_safetensors_header_that_begins_like_a_pickle_is_read(head: int) -> None:
    """Its length, little-endian, then begins with the two bytes that open a pickle."""
    entry = {"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    text = json.dumps(entry).encode().ljust(head)
    raw = head.to_bytes(8, "little") + text + bytes(8)
    assert raw[0] == 0x80
    assert detect({"w.safetensors": raw}).format == "safetensors"
    assert list(read_safetensors(raw, where="x")) == ["w"]
    with pytest.raises(UnsafeFormat):
        detect({"w.safetensors": pickle.dumps(_Runs(), protocol=raw[1]) + raw})


def test_settings_that_run_code_of_the_folder_are_refused_with_advice() -> None:
    weights_ = safetensors.numpy.save({"w": np.ones(2)})
    with pytest.raises(UnsafeFormat, match="custom code") as caught:
        detect({"m.safetensors": weights_, "config.json": b'{"auto_map": {"AutoModel": "m.M"}}'})
    assert "auto_map" in caught.value.hint
    for harmless in (b'{"auto_map": {}}', b'{"note": "auto_map"}', b'{"auto_map"', b"[" * 9999):
        detect({"m.safetensors": weights_, "config.json": harmless, "train.py": b"import os"})


@pytest.mark.parametrize(
    ("name", "advice"),
    [("m.gguf", "safetensors"), ("m.tflite", "tf2onnx"), ("m.ubj", "onnxmltools")],
)
def test_formats_of_others_are_refused_with_advice(name: str, advice: str) -> None:
    with pytest.raises(UnsupportedFormat) as caught:
        detect({name: b"x"})
    assert advice in caught.value.hint


@pytest.mark.parametrize(
    "raw",
    [b"cos\nsystem\n(S'echo'\ntR", b"(S'echo'\nios\nsystem\n", b"cos\nsystem\n(S'a'\ntR.\nmore"],
)
def test_text_pickles_need_no_proper_end(raw: bytes) -> None:
    """A pickle machine calls as soon as it is told to, whatever follows."""
    assert unsafe_kind("notes.txt", raw) == "pickle"
    assert unsafe_kind("notes.txt", raw.replace(b"tR", b"t").replace(b"ios", b"os")) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"import os\nimport sys\n(R",
        b"",
        b".",
        b"hello.",
        b"(lp0\nI1\na.",
        b"a,b\n1,2\n",
        b"\x89PNG\r\n",
        b"{}",
        b"x" * 99 + b".",
    ],
)
def test_harmless_files_are_not_taken_for_pickles(raw: bytes) -> None:
    assert unsafe_kind("README", raw) is None


def test_numeric_arrays_are_harmless_and_object_arrays_are_not() -> None:
    plain, objects = io.BytesIO(), io.BytesIO()
    np.save(plain, np.ones(3))
    np.save(objects, np.array([{}], dtype=object), allow_pickle=True)
    assert unsafe_kind("a.npy", plain.getvalue()) is None
    assert unsafe_kind("a.npy", objects.getvalue()) == "numpy"


@pytest.mark.parametrize(
    "names", [["readme.md"], ["a.onnx", "b.onnx"], ["a.onnx", "b.safetensors"]]
)
def test_one_model_in_one_format(names: list[str]) -> None:
    with pytest.raises(UnsupportedFormat):
        detect(dict.fromkeys(names, b"x"))
    assert detect({"x/a.onnx": b"", "notes.md": b""}).files == ("x/a.onnx",)
    assert detect({"a.safetensors": b"", "b.safetensors": b""}).format == "safetensors"


def test_skops_bombs_and_broken_members_give_one_error() -> None:
    """A small file that unpacks to a lot, damaged deflate, and an array header that is no text."""
    plain = skops.io.dumps(LogisticRegression(max_iter=500).fit([[0.0], [1.0]], [0, 1]))
    read_skops(plain, where="x")
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    array = next(name for name in files if name.endswith(".npy"))
    bomb = _zipped({**files, "zeros": bytes(80 << 20)})
    damaged = bytearray(_zipped(files))
    at = damaged.index(b"schema.json") + len(b"schema.json")
    damaged[at + 4 : at + 64] = b"\xff" * 60
    header = files[array].replace(b"'shape': (", b"'shape': ((")
    for raw in (bomb, bytes(damaged), _zipped({**files, array: header})):
        with pytest.raises(BadModelFile):
            read_skops(raw, where="x")


def _zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()
