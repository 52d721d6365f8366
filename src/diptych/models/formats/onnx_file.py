"""ONNX files looked into before they are run: operators, tensors, external data.

Field numbers are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
Refused: operators outside the standard that could run code or reach files, and external data
that is not a sealed file of the same folder.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from diptych.models.errors import BadModelFile, UnsafeFormat
from diptych.models.formats.protobuf import BYTES, Field, fields, grouped, packed, text

MAX_DEPTH = 32
_STANDARD = frozenset(["", "ai.onnx", "ai.onnx.ml", "ai.onnx.preview"])
# Operators of the runtime itself that only compute; others there run code or open files.
_RUNTIME = frozenset(
    [
        *("Attention", "BiasGelu", "DequantizeLinear", "DynamicQuantizeLSTM"),
        *("DynamicQuantizeMatMul", "EmbedLayerNormalization", "FastGelu", "FusedConv"),
        *("FusedGemm", "FusedMatMul", "Gelu", "GroupQueryAttention", "MatMulIntegerToFloat"),
        *("MatMulNBits", "MultiHeadAttention", "NhwcMaxPool", "QAttention", "QGemm"),
        *("QLinearAdd", "QLinearAveragePool", "QLinearConcat", "QLinearConv"),
        *("QLinearGlobalAveragePool", "QLinearLeakyRelu", "QLinearMul", "QLinearSigmoid"),
        *("QLinearSoftmax", "QuantizeLinear", "QuickGelu", "RotaryEmbedding"),
        *("SimplifiedLayerNormalization", "SkipLayerNormalization"),
        *("SkipSimplifiedLayerNormalization"),
    ]
)


@dataclass
class RawTensor:
    """A TensorProto as it stands in the file; `external` holds its key-value pairs, if any."""

    name: str = ""
    shape: list[int] = field(default_factory=list)
    data_type: int = 0
    raw: memoryview | None = None
    floats: list[memoryview] = field(default_factory=list)
    integers: list[int] = field(default_factory=list)
    external: dict[str, str] = field(default_factory=dict)
    is_external: bool = False


@dataclass
class OnnxFile:
    """What an ONNX file holds: its tensors by unique name, and the operators it uses."""

    tensors: dict[str, RawTensor] = field(default_factory=dict)
    lists: dict[str, tuple[str, list[memoryview] | list[int]]] = field(default_factory=dict)
    operators: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)


def read_onnx(raw: bytes, *, where: str) -> OnnxFile:
    """Read an ONNX model.

    Raises:
        BadModelFile: it does not follow the format.
        UnsafeFormat: it uses an operator that is neither standard nor defined in the file.
    """
    found = OnnxFile()
    graphs = 0
    view = memoryview(raw)
    for each in fields(view, where=where):
        if each.number == 25:
            _function_name(each, found, where)
    for each in fields(view, where=where):
        if each.number == 7 and each.wire == BYTES:
            graphs += 1
            _graph(each.payload, found, (where, "", 0))
        elif each.number == 25:
            _function(each.payload, found, (where, "function/", 0))
        elif each.number == 20:
            raise BadModelFile(f"{where}: it holds training information, which is not run")
    if graphs != 1:
        raise BadModelFile(f"{where}: got {graphs} graphs, expected 1", hint="is it an ONNX file?")
    _check_operators(found, where)
    return found


def _check_operators(found: OnnxFile, where: str) -> None:
    for name in sorted(found.operators):
        domain, _, operator = name.rpartition(":")
        if domain in _STANDARD or name in found.functions:
            continue
        if domain == "com.microsoft" and operator in _RUNTIME:
            continue
        raise UnsafeFormat(
            f"'{where}' uses the custom operator {name}, which needs a library of its own",
            hint="export the model with standard ONNX operators only",
            path=where,
            operator=name,
        )


_Place = tuple[str, str, int]
"""File, prefix of names, depth."""


def _graph(message: memoryview, found: OnnxFile, place: _Place) -> None:
    where, prefix, depth = place
    if depth > MAX_DEPTH:
        raise BadModelFile(f"{where}: graphs are nested deeper than {MAX_DEPTH}")
    for position, each in enumerate(fields(message, where=where)):
        if each.wire != BYTES:
            continue
        if each.number == 1:
            _node(each.payload, found, (where, f"{prefix}{position}", depth))
        elif each.number == 5:
            _keep(_tensor(each.payload, where), found, prefix, where)
        elif each.number == 15:
            raise BadModelFile(f"{where}: sparse initializers are not supported")


def _function_name(each: Field, found: OnnxFile, where: str) -> None:
    domain = name = ""
    for inner in fields(each.payload, where=where):
        if inner.number == 1:
            name = text(inner, where=where)
        elif inner.number == 10:
            domain = text(inner, where=where)
    if domain in _STANDARD or domain == "com.microsoft":
        return  # it may not stand in for an operator that the runtime brings
    found.functions.add(f"{domain}:{name}")


def _function(message: memoryview, found: OnnxFile, place: _Place) -> None:
    where, prefix, depth = place
    for position, each in enumerate(fields(message, where=where)):
        if each.number == 7 and each.wire == BYTES:
            _node(each.payload, found, (where, f"{prefix}{position}", depth + 1))


def _node(message: memoryview, found: OnnxFile, place: _Place) -> None:
    where, prefix, depth = place
    domain = operator = name = ""
    attributes = []
    for each in fields(message, where=where):
        if each.number == 3:
            name = text(each, where=where)
        elif each.number == 4:
            operator = text(each, where=where)
        elif each.number == 7:
            domain = text(each, where=where)
        elif each.number == 5 and each.wire == BYTES:
            attributes.append(each.payload)
    found.operators.add(f"{domain}:{operator}")
    for attribute in attributes:
        _attribute(attribute, found, (where, f"{name or prefix + operator}/", depth))


def _attribute(message: memoryview, found: OnnxFile, place: _Place) -> None:
    where, prefix, depth = place
    by_number = grouped(message, where=where)
    name = "".join(text(each, where=where) for each in by_number.get(1, []))
    for each in by_number.get(5, []) + by_number.get(10, []):
        tensor = _tensor(each.payload, where)
        tensor.name = f"{name}/{tensor.name}" if tensor.name else name
        _keep(tensor, found, prefix, where)
    for each in by_number.get(6, []) + by_number.get(11, []):
        _graph(each.payload, found, (where, f"{prefix}{name}/", depth + 1))
    floats = [each.payload for each in by_number.get(7, [])]
    integers = _integers(by_number.get(8, []), where)
    if sum(map(len, floats)) > 4:
        _keep_list(found, f"{prefix}{name}", "float32", floats)
    elif len(integers) > 8:
        _keep_list(found, f"{prefix}{name}", "int64", integers)


def _keep(tensor: RawTensor, found: OnnxFile, prefix: str, where: str) -> None:
    if not tensor.name:
        raise BadModelFile(f"{where}: a tensor has no name")
    found.tensors[_unique(found, prefix + tensor.name)] = tensor


def _keep_list(
    found: OnnxFile, name: str, dtype: str, values: list[memoryview] | list[int]
) -> None:
    found.lists[_unique(found, name)] = (dtype, values)


def _unique(found: OnnxFile, name: str) -> str:
    number = 1
    unique = name
    while unique in found.tensors or unique in found.lists:
        number += 1
        unique = f"{name}#{number}"
    return unique


def _tensor(message: memoryview, where: str) -> RawTensor:
    by_number = grouped(message, where=where)
    if 3 in by_number:
        raise BadModelFile(f"{where}: segmented tensors are not supported")
    external = dict(_pair(each.payload, where) for each in by_number.get(13, []))
    located = _integers(by_number.get(14, []), where)
    raw = [each.payload for each in by_number.get(9, [])]
    values = [*by_number.get(5, []), *by_number.get(7, []), *by_number.get(11, [])]
    return RawTensor(
        name="".join(text(each, where=where) for each in by_number.get(8, [])),
        shape=_integers(by_number.get(1, []), where),
        data_type=sum(_integers(by_number.get(2, []), where)),
        raw=raw[-1] if raw else None,
        floats=[each.payload for each in by_number.get(4, []) + by_number.get(10, [])],
        integers=_integers(values, where),
        external=external,
        is_external=bool(external) or located == [1],
    )


def _integers(found: list[Field], where: str) -> list[int]:
    return [value for each in found for value in packed(each, where=where)]


def _pair(message: memoryview, where: str) -> tuple[str, str]:
    key = value = ""
    for each in fields(message, where=where):
        if each.number == 1:
            key = text(each, where=where)
        elif each.number == 2:
            value = text(each, where=where)
    return key, value


def external_files(found: OnnxFile) -> Iterator[tuple[str, RawTensor]]:
    """Yield tensors whose values stand in another file."""
    for name, tensor in found.tensors.items():
        if tensor.is_external:
            yield name, tensor
