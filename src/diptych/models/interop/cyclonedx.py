"""A CycloneDX 1.6 bill of materials of a model: files, digests, data sets and model card.

Source: https://cyclonedx.org/docs/1.6/json/ (components of type `machine-learning-model`).
"""

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from diptych.core.errors import JsonValue
from diptych.models.card.parts import Metric, Port
from diptych.models.card.schema import NOT_STATED, Card

_EXPRESSION = re.compile(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*")
_NAMESPACE = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")  # RFC 4122, ISO object ids
_Object = dict[str, JsonValue]


@dataclass(frozen=True)
class ModelFile:
    """A file of the model: path, size in bytes, digests by algorithm name of CycloneDX."""

    path: str
    size: int
    digests: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Listed:
    """What is listed besides the card.

    Attributes:
        record: hex id of the model's record.
        origin: of its log.
        time: claimed, RFC 3339 in UTC.
        files: of the model.
    """

    record: str
    origin: str
    time: str
    files: tuple[ModelFile, ...]


def dump_cyclonedx(card: Card, listed: Listed) -> bytes:
    """Return the bill of materials; the same record gives the same bytes."""
    reference = f"urn:diptych:record:{listed.record}"
    data = [(one, f"data-{number}") for number, one in enumerate(card.data, 1)]
    sources: list[JsonValue] = [_source(one.name, one.role, one.record, ref) for one, ref in data]
    leaves: list[JsonValue] = [{"ref": ref} for _, ref in data]
    made: _Object = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, reference)}",
        "version": 1,
        "metadata": {
            "timestamp": listed.time,
            "component": _model(card, listed, reference, [ref for _, ref in data]),
        },
        "components": sources,
        "dependencies": [
            {"ref": reference, "dependsOn": [ref for _, ref in data]},
            *leaves,
        ],
    }
    return json.dumps(made, indent=1, ensure_ascii=False).encode() + b"\n"


def _model(card: Card, listed: Listed, reference: str, data: Sequence[str]) -> _Object:
    made: _Object = {
        "type": "machine-learning-model",
        "bom-ref": reference,
        "name": card.name,
        "version": str(card.version),
        "modelCard": _card(card, data),
        "components": [_file(one) for one in listed.files],
        "properties": [
            {"name": name, "value": value}
            for name, value in (
                ("diptych:record", listed.record),
                ("diptych:log", listed.origin),
                ("diptych:manifest", card.manifest),
                ("diptych:tensors", card.tensors),
                ("diptych:format", card.format),
                ("diptych:parameters", str(card.parameters)),
                ("diptych:seed", "" if card.seed is None else str(card.seed)),
                ("diptych:code:commit", card.code.commit),
                ("diptych:code:sha256", card.code.sha256),
            )
            if value
        ],
    }
    if card.summary:
        made["description"] = card.summary
    if card.contributors:
        made["authors"] = [{"name": one.name} for one in card.contributors]
    if card.licence:
        plain = _EXPRESSION.fullmatch(card.licence)
        made["licenses"] = [
            {"expression": card.licence} if plain else {"license": {"name": card.licence}}
        ]
    return made


def _card(card: Card, data: Sequence[str]) -> _Object:
    parameters: _Object = {"datasets": [{"ref": ref} for ref in data]}
    if card.task != NOT_STATED:
        parameters["task"] = card.task
    for key, ports in (("inputs", card.inputs), ("outputs", card.outputs)):
        if ports:
            parameters[key] = [{"format": _port(one)} for one in ports]
    made: _Object = {"modelParameters": parameters}
    if card.metrics:
        made["quantitativeAnalysis"] = {"performanceMetrics": list(map(_metric, card.metrics))}
    considerations: _Object = {}
    if card.intended_use != NOT_STATED:
        considerations["useCases"] = [card.intended_use]
    if card.limits:
        considerations["technicalLimitations"] = list(card.limits)
    if considerations:
        made["considerations"] = considerations
    return made


def _metric(one: Metric) -> JsonValue:
    made: _Object = {"type": one.name, "value": f"{one.value:.17g}"}
    place = ", ".join(filter(None, (one.data, one.group)))
    if place:
        made["slice"] = place
    if one.low is not None and one.high is not None:
        made["confidenceInterval"] = {
            "lowerBound": f"{one.low:.17g}",
            "upperBound": f"{one.high:.17g}",
        }
    return made


def _port(one: Port) -> str:
    shape = ", ".join("?" if axis is None else str(axis) for axis in one.shape)
    return f"{one.name}: {one.dtype} [{shape}]"


def _source(name: str, role: str, record: str, reference: str) -> JsonValue:
    kind = "machine-learning-model" if role == "base" else "data"
    made: _Object = {"type": kind, "bom-ref": reference, "name": name, "description": role}
    if kind == "data":
        made["data"] = [{"type": "dataset", "name": name}]
    if record:
        made["properties"] = [{"name": "diptych:record", "value": record}]
    return made


def _file(one: ModelFile) -> JsonValue:
    hashes: list[JsonValue] = [{"alg": name, "content": text} for name, text in one.digests]
    size: JsonValue = [{"name": "diptych:bytes", "value": str(one.size)}]
    return {
        "type": "file",
        "bom-ref": f"file:{one.path}",
        "name": one.path,
        "hashes": hashes,
        "properties": size,
    }
