"""Licence documents as bytes: the canonical form, its digest, and plain ODRL for other tools."""

import hashlib
from dataclasses import fields

from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue
from diptych_verify.licence import (
    FORMAT,
    Constraint,
    Licence,
    Rule,
    Terms,
    camel,
    parse_licence,
)

_ODRL_CONTEXT = "http://www.w3.org/ns/odrl.jsonld"


def dump_licence(licence: Licence) -> bytes:
    """Return the canonical JSON of a licence; the inverse of `parse_licence`.

    Raises:
        MalformedError: the licence holds what no document may hold.
    """
    raw = canonical_json(licence_json(licence))
    parse_licence(raw)
    return raw


def licence_digest(licence: Licence) -> str:
    """Return the hex SHA-256 of a licence's document: its name in records and on chain."""
    return hashlib.sha256(dump_licence(licence)).hexdigest()


def licence_json(licence: Licence) -> dict[str, JsonValue]:
    """Return the document as a JSON value."""
    return {
        "format": FORMAT,
        "name": licence.name,
        "spdx": licence.spdx,
        "uri": licence.uri,
        "type": "Offer" if licence.offer else "Set",
        "permission": [_rule_json(rule) for rule in licence.permissions],
        "prohibition": [_rule_json(rule) for rule in licence.prohibitions],
        "terms": _terms_json(licence.terms),
    }


def to_odrl(licence: Licence, target: str) -> dict[str, JsonValue]:
    """Return an ODRL 2.2 policy in JSON-LD, with the terms as an extension of our own name space.

    Args:
        licence: what to write.
        target: IRI of the asset.
    """
    return {
        "@context": [_ODRL_CONTEXT, {"pil": "urn:diptych:pil:", "diptych": "urn:diptych:odrl:"}],
        "@type": "Offer" if licence.offer else "Set",
        "uid": f"urn:diptych:licence:{licence_digest(licence)}",
        "profile": "urn:diptych:odrl:1",
        "permission": [_odrl_rule(rule, target) for rule in licence.permissions],
        "prohibition": [_odrl_rule(rule, target) for rule in licence.prohibitions],
        **{f"pil:{name}": value for name, value in _terms_json(licence.terms).items()},
    }


def _terms_json(terms: Terms) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {}
    for field in fields(terms):
        value = getattr(terms, field.name)
        found[camel(field.name)] = list(value) if isinstance(value, tuple) else value
    return found


def _rule_json(rule: Rule) -> dict[str, JsonValue]:
    return {
        "action": list(rule.actions),
        "constraint": [_constraint_json(constraint) for constraint in rule.constraints],
        "duty": list(rule.duties),
    }


def _constraint_json(constraint: Constraint) -> dict[str, JsonValue]:
    return {
        "leftOperand": constraint.operand,
        "operator": constraint.operator,
        "rightOperand": list(constraint.values),
    }


_OWN_ACTIONS = frozenset({"train", "test"})
_CC_DUTIES = {
    "notice": "cc:Notice",
    "shareAlike": "cc:ShareAlike",
    "stateChanges": "diptych:stateChanges",
}


def _odrl_rule(rule: Rule, target: str) -> dict[str, JsonValue]:
    actions = [f"diptych:{name}" if name in _OWN_ACTIONS else name for name in rule.actions]
    found: dict[str, JsonValue] = {"target": target, "action": list[JsonValue](actions)}
    if rule.constraints:
        found["constraint"] = [_odrl_constraint(constraint) for constraint in rule.constraints]
    if rule.duties:
        found["duty"] = [{"action": _CC_DUTIES.get(duty, duty)} for duty in rule.duties]
    return found


def _odrl_constraint(constraint: Constraint) -> dict[str, JsonValue]:
    own = constraint.operand == "assignee"
    found = _constraint_json(constraint)
    found["leftOperand"] = "diptych:assignee" if own else constraint.operand
    if constraint.operand in ("dateTime", "count"):
        kind = "xsd:dateTime" if constraint.operand == "dateTime" else "xsd:integer"
        found["rightOperand"] = {"@value": constraint.values[0], "@type": kind}
    return found
