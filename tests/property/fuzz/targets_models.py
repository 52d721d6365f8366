"""Readers of models: cards, files of every format, tensor lists, and files that may be pickles."""

import json
from typing import Any

from tests.property.fuzz.engine import Target
from tests.property.fuzz.targets_verifier import flags

from diptych.models.card import Card, Contributor, Metric, Port, Source, dump_card, parse_card
from diptych.models.card.markdown import render_card
from diptych.models.card.schema import MAX_CARD_BYTES
from diptych.models.formats.detect import refuse_unsafe
from diptych.models.formats.skops_file import load_skops
from diptych.models.runtime.reading import read_tree
from diptych.models.tensors.tree import dump_tree, parse_tree

_MEBIBYTE = 1 << 20


def models_targets() -> list[Target]:
    """Return the targets of this module."""
    import numpy as np
    import safetensors.numpy
    from tests.model_attacks.files import small_onnx, weights

    arrays = {**weights(1), "n": np.zeros((0, 2), "<i8"), "s": np.float64(1.5)}
    plain = safetensors.numpy.save({name: np.asarray(one) for name, one in arrays.items()})
    onnx = [small_onnx(1), small_onnx(2, location="w.bin", length=48), _constants()]
    lists = [dump_tree(read_tree({"m.safetensors": plain}))]
    pickles = [json.dumps({"harmless": 1}).encode(), b"\x93NUMPY\x01\x00plain"]
    return [
        Target("card", _read_card, [_card()], "json", 30, MAX_CARD_BYTES),
        Target("safetensors", _reader("m.safetensors"), [plain], "header", 30, 8 * _MEBIBYTE),
        Target("onnx", _reader("m.onnx"), onnx, "protobuf", 30, _MEBIBYTE),
        Target("skops", _read_skops, [_skops()], "zip", 8, 8 * _MEBIBYTE),
        Target("tensor_list", parse_tree, lists, "text", 20, 8 * _MEBIBYTE),
        Target("unsafe_model", _read_unknown, [*pickles, _skops()], "zip", 10, 8 * _MEBIBYTE),
    ]


def _card() -> bytes:
    card = Card("m", 1, "onnx", ("m.onnx",), "cd" * 32, "ef" * 32, 7, "short", seed=1)
    rows: dict[str, Any] = {
        "limits": ("does not see",),
        "data": (Source("trial@1", "train", "ab" * 32),),
        "metrics": (Metric("auc", 0.9, 0.8, 0.95, 0.95, "trial@2"), Metric("brier", 0.1)),
        "contributors": (Contributor("a", "author", "0.5"), Contributor("b", "data", "0.5")),
        "inputs": (Port("X", "float32", (None, 4)),),
        "outputs": (Port("Y", "float32", (None, 3)),),
    }
    return dump_card(Card(**{**vars(card), **rows}))


def _read_card(raw: bytes) -> object:
    card = parse_card(raw)
    render_card(card).encode()
    return parse_card(dump_card(card))


def _reader(name: str) -> Any:
    def read(raw: bytes) -> object:
        return read_tree({name: raw, "w.bin": bytes(48)}).claim()

    return read


def _constants() -> bytes:
    """Return a model with tensors in attributes, in a nested graph and as plain numbers."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    constant = helper.make_node(
        "Constant", [], ["c"], name="k", value=numpy_helper.from_array(np.ones((2, 2)), "v")
    )
    numbers = helper.make_tensor("t", TensorProto.INT32, [3], [1, -2, 3])
    inner = helper.make_graph([constant], "inner", [], [], [numbers])
    branch = helper.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=inner)
    scaler = helper.make_node(
        *("Scaler", ["X"], ["Y"]), domain="ai.onnx.ml", offset=[1.0, 2.0], scale=[3.0, 4.0]
    )
    graph = helper.make_graph([branch, scaler], "g", [], [], [])
    return bytes(helper.make_model(graph).SerializeToString())


def _skops() -> bytes:
    import numpy as np
    import skops.io
    from sklearn.linear_model import LinearRegression

    rows = np.arange(12.0).reshape(6, 2)
    return bytes(skops.io.dumps(LinearRegression().fit(rows, rows.sum(axis=1))))


def _read_skops(raw: bytes) -> object:
    claim = read_tree({"m.skops": raw}).claim()
    return load_skops(raw, where="m.skops") if flags(raw) % 4 == 0 else claim


def _read_unknown(raw: bytes) -> object:
    """Look at a file of unknown kind, under several names."""
    folder = {"x": raw, "x.npy": raw, "x.zip": raw, "notes.txt": raw[::-1]}
    refuse_unsafe(folder)
    return len(folder)
