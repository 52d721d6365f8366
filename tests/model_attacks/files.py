"""Small models in every format, made without training: the same bytes for the same seed."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

WIDTH, DEPTH = 4, 3


def weights(seed: int) -> dict[str, Any]:
    """Return named arrays."""
    chance = np.random.default_rng(seed)
    return {
        "W": chance.normal(size=(WIDTH, DEPTH)).astype(np.float32),
        "b": chance.normal(size=DEPTH).astype(np.float32),
    }


def small_onnx(seed: int, **changes: Any) -> bytes:
    """Return a linear model; `changes` exchange its parts.

    Args:
        seed: of the weights.
        **changes: `operator` and `domain` of a further node, `location` of external weights,
            `length` of those.
    """
    arrays = weights(seed)
    tensors = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    if "location" in changes:
        _externalise(tensors[0], changes["location"], changes.get("length", 0))
    nodes = [helper.make_node("Gemm", ["X", "W", "b"], ["Y"])]
    imports = [helper.make_opsetid("", 17)]
    if "operator" in changes:
        domain = changes.get("domain", "evil.example")
        nodes.append(helper.make_node(changes["operator"], ["Y"], ["Z"], domain=domain))
        imports.append(helper.make_opsetid(domain, 1))
    graph = helper.make_graph(
        nodes,
        "linear",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["rows", WIDTH])],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, ["rows", DEPTH])],
        tensors,
    )
    model = helper.make_model(graph, opset_imports=imports, ir_version=8)
    return bytes(model.SerializeToString())


def _externalise(tensor: "onnx.TensorProto", location: str, length: int) -> None:
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", "0"), ("length", str(length))):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value


def folder_model(folder: Path, *, seed: int) -> None:
    """Write an ONNX model with external weights, a vocabulary and a read-me."""
    (folder / "data").mkdir(parents=True)
    raw = weights(seed)["W"].tobytes()
    (folder / "model.onnx").write_bytes(
        small_onnx(seed, location="data/weights.bin", length=len(raw))
    )
    (folder / "data" / "weights.bin").write_bytes(raw)
    (folder / "labels.txt").write_text("benign\nmalignant\nunsure\n")
    (folder / "README.md").write_text("# A model\n")


def small_safetensors(seed: int, **changes: Any) -> bytes:
    """Return a safetensors file; `changes` replace members of its header."""
    header: dict[str, Any] = {}
    data = b""
    for name, array in weights(seed).items():
        raw = array.tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(array.shape),
            "data_offsets": [len(data), len(data) + len(raw)],
        }
        data += raw
    for name, entry in changes.get("entries", {}).items():
        header[name] = {**header.get(name, {}), **entry}
    text: bytes = changes.get("text") or json.dumps(header).encode()
    values: bytes = changes.get("data", data)
    return len(text).to_bytes(8, "little") + text + values
