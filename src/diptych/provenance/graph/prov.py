"""A lineage as W3C PROV-JSON (https://www.w3.org/submissions/prov-json/), for other tools.

Relations that PROV has are used only between the types that it allows; the others become
`wasDerivedFrom` or `wasInfluencedBy` with our own relation as `prov:type`.
"""

import json
from typing import Final

from diptych.core.clock import iso_utc
from diptych.core.errors import JsonValue
from diptych.provenance.graph.lineage import Lineage, LineageEdge, LineageNode
from diptych.provenance.graph.terms import NodeType

NAMESPACE: Final = "urn:diptych:prov:"
_DERIVED: Final = frozenset({"derivedFrom", "trainedOn", "testedOn", "fineTunedFrom", "used"})
_Section = dict[str, dict[str, JsonValue]]


def prov_json(lineage: Lineage) -> str:
    """Return the lineage as a PROV-JSON document."""
    document: dict[str, JsonValue] = {"prefix": {"dt": NAMESPACE}}
    sections: dict[str, _Section] = {}
    nodes = {node.key: node for node in lineage.nodes}
    for node in lineage.nodes:
        sections.setdefault(node.type.value, {})[_name(node)] = _about(node)
        _signers(sections, node)
    for number, edge in enumerate(lineage.edges):
        name, members = _relation(edge, nodes[edge.source], nodes[edge.target])
        sections.setdefault(name, {})[f"_:e{number}"] = members
    document.update({name: dict(section) for name, section in sections.items()})
    return json.dumps(document, ensure_ascii=True, indent=1, sort_keys=True)


def _about(node: LineageNode) -> dict[str, JsonValue]:
    about: dict[str, JsonValue] = {
        "prov:label": node.name,
        "prov:type": {
            "$": f"dt:{node.kind if node.kind != '?' else 'unknown'}",
            "type": "xsd:QName",
        },
    }
    if node.state is not None:
        about["dt:state"] = node.state.value
    if node.index is not None:
        about["dt:index"] = node.index
    if node.time_s is not None:
        about["dt:claimedTime"] = iso_utc(node.time_s)
    return about


def _signers(sections: dict[str, _Section], node: LineageNode) -> None:
    """Whoever signed a record answers for it."""
    for number, keyid in enumerate(node.signers):
        agent = f"dt:key-{_token(keyid)}"
        sections.setdefault("agent", {}).setdefault(agent, {"prov:label": keyid})
        activity = node.type is NodeType.ACTIVITY
        name = "wasAssociatedWith" if activity else "wasAttributedTo"
        subject = "prov:activity" if activity else "prov:entity"
        members: dict[str, JsonValue] = {subject: _name(node), "prov:agent": agent}
        sections.setdefault(name, {})[f"_:s{node.key}-{number}"] = members


def _relation(
    edge: LineageEdge, source: LineageNode, target: LineageNode
) -> tuple[str, dict[str, JsonValue]]:
    ours: dict[str, JsonValue] = {"prov:type": {"$": f"dt:{edge.relation}", "type": "xsd:QName"}}
    for key, value in edge.extra.items():
        if key in {"role", "share"} and isinstance(value, str):
            ours[f"dt:{key}"] = value
    left, right = _name(source), _name(target)
    types = (source.type, target.type)
    entity, activity = NodeType.ENTITY, NodeType.ACTIVITY
    if target.type is NodeType.AGENT:
        if source.type is activity:
            return "wasAssociatedWith", {"prov:activity": left, "prov:agent": right, **ours}
        return "wasAttributedTo", {"prov:entity": left, "prov:agent": right, **ours}
    if types == (activity, entity) and edge.relation == "used":
        return "used", {"prov:activity": left, "prov:entity": right, **ours}
    if types == (entity, activity) and edge.relation == "generated":
        return "wasGeneratedBy", {"prov:entity": left, "prov:activity": right, **ours}
    if types == (entity, entity) and edge.relation in _DERIVED:
        return "wasDerivedFrom", {
            "prov:generatedEntity": left,
            "prov:usedEntity": right,
            **ours,
        }
    return "wasInfluencedBy", {"prov:influencee": left, "prov:influencer": right, **ours}


def _name(node: LineageNode) -> str:
    if node.type is NodeType.AGENT:
        return f"dt:agent-{_token(node.name)}"
    return f"dt:record-{node.record}"


def _token(text: str) -> str:
    """Return text as the local part of a qualified name; other characters as code points."""
    return "".join(
        char if char.isascii() and char.isalnum() else f"_{ord(char):x}_" for char in text
    )
