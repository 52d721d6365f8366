"""Writes trained weights as ONNX, op by op: what runs is what is read here, no exporter between."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

__all__ = ["to_onnx"]

LAYERS = 3
OPSET = 17


class _Graph:
    """Nodes and constants of one ONNX graph."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """Add a constant."""
        self.constants.append(numpy_helper.from_array(value.copy(order="C"), name))
        return name

    def add(self, kind: str, *inputs: str, out: str = "", **attributes: Any) -> str:
        """Add a node and return the name of its value."""
        out = out or f"{kind}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [out], **attributes))
        return out


def to_onnx(weights: Mapping[str, NDArray[np.float32]], flags: int, facts: int) -> bytes:
    """Return the network as ONNX.

    Args:
        weights: by torch's names.
        flags: numbers per node.
        facts: numbers per function.
    """
    g = _Graph()
    hidden = weights["flags.weight"].shape[0]
    categories = weights["score.weight"].shape[0]
    linear = _linear(g, weights)
    parts = []
    for at in range(3):
        table = g.constant(f"words{at}", weights[f"words.{at}.weight"])
        column = g.add("Gather", "words", g.constant(f"at{at}", np.array(at)), axis=1)
        parts.append(g.add("Gather", table, column))
    spread = g.add("Gather", linear("facts", "facts"), "graph")
    total = g.add("Sum", *parts, linear("flags", "flags"), spread)
    nodes = _normal(g, weights, "first", total)
    flat = g.constant("flat", np.array([-1, hidden]))
    zero = g.constant("zero", np.array(0, dtype=np.float32))
    for at in range(LAYERS):
        sent = g.add("Reshape", linear(f"layers.{at}.relations", nodes), flat)
        picked = g.add("Mul", g.add("Gather", sent, "sent"), "weights")
        empty = g.add("Mul", nodes, zero)
        got = g.add("ScatterND", empty, "targets", picked, reduction="add")
        heard = g.add("Relu", g.add("Add", linear(f"layers.{at}.own", nodes), got))
        nodes = _normal(g, weights, f"layers.{at}.norm", g.add("Add", nodes, heard))
    low, high = (g.constant(n, np.array(v, dtype=np.float32)) for n, v in (("lo", -15), ("hi", 15)))
    scores = g.add("Clip", linear("score", nodes), low, high, out="scores")
    grown = g.add("Exp", scores)
    prior = linear("prior", "facts")
    none = g.add("Mul", prior, zero)
    column = g.add("Unsqueeze", "graph", g.constant("one", np.array([1])))
    whole = g.add("ScatterND", none, column, grown, reduction="add")
    share = g.add("Div", grown, g.add("Gather", whole, "graph"), out="shares")
    pooled = g.add("ScatterND", none, column, g.add("Mul", share, scores), reduction="add")
    g.add("Add", pooled, prior, out="logits")
    return _model(g, (flags, facts, categories))


def _linear(g: _Graph, weights: Mapping[str, NDArray[np.float32]]) -> Any:
    def linear(name: str, value: str) -> str:
        matrix = g.constant(f"{name}.w", weights[f"{name}.weight"].T)
        product = g.add("MatMul", value, matrix)
        if f"{name}.bias" not in weights:
            return product
        return g.add("Add", product, g.constant(f"{name}.b", weights[f"{name}.bias"]))

    return linear


def _normal(g: _Graph, weights: Mapping[str, NDArray[np.float32]], name: str, value: str) -> str:
    scale = g.constant(f"{name}.scale", weights[f"{name}.weight"])
    bias = g.constant(f"{name}.bias", weights[f"{name}.bias"])
    return g.add("LayerNormalization", value, scale, bias, axis=-1, epsilon=1e-5)


def _model(g: _Graph, sizes: tuple[int, int, int]) -> bytes:
    flags, facts, categories = sizes
    real, whole = TensorProto.FLOAT, TensorProto.INT64
    inputs = [
        helper.make_tensor_value_info("words", whole, ["nodes", 3]),
        helper.make_tensor_value_info("flags", real, ["nodes", flags]),
        helper.make_tensor_value_info("sent", whole, ["edges"]),
        helper.make_tensor_value_info("targets", whole, ["edges", 1]),
        helper.make_tensor_value_info("weights", real, ["edges", 1]),
        helper.make_tensor_value_info("graph", whole, ["nodes"]),
        helper.make_tensor_value_info("facts", real, ["functions", facts]),
    ]
    outputs = [
        helper.make_tensor_value_info("logits", real, ["functions", categories]),
        helper.make_tensor_value_info("scores", real, ["nodes", categories]),
        helper.make_tensor_value_info("shares", real, ["nodes", categories]),
    ]
    graph = helper.make_graph(g.nodes, "audit", inputs, outputs, g.constants)
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="diptych")
    return bytes(model.SerializeToString(deterministic=True))
