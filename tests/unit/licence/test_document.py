"""Licence documents: canonical, strict, bounded, readable."""

import json

import pytest
from hypothesis import given
from tests.unit.licence.strategies import licences

from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue, MalformedError
from diptych.provenance.licence import dump_licence, licence_digest, preset
from diptych.provenance.licence.document import licence_json, to_odrl
from diptych.provenance.licence.presets import PRESETS, UnknownPreset
from diptych_verify.licence import MAX_LICENCE_BYTES, Licence, parse_licence, read_licence
from diptych_verify.licence_text import terms_lines, use_sentence


@given(licences())
def test_parse_inverts_dump(licence: Licence) -> None:
    assert parse_licence(dump_licence(licence)) == licence


@given(licences())
def test_a_licence_can_be_said_in_words(licence: Licence) -> None:
    assert use_sentence(licence).startswith(licence.spdx)
    assert all(line.endswith(")") for line in terms_lines(licence))


def test_a_digest_names_one_licence() -> None:
    digests = {licence_digest(one) for one in PRESETS.values()}
    assert len(digests) == len(PRESETS)


def test_another_form_of_the_same_licence_is_refused() -> None:
    loose = json.dumps(licence_json(preset("MIT")), indent=1).encode()
    assert read_licence(json.loads(loose)) == preset("MIT")
    with pytest.raises(MalformedError, match="canonical"):
        parse_licence(loose)


def _changed(path: str, value: JsonValue) -> bytes:
    document: JsonValue = licence_json(preset("research"))
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    inner = document
    for step in steps:
        inner = inner[step]  # type: ignore[index]
    inner[last] = value  # type: ignore[index]
    return canonical_json(document)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("format", "diptych-licence/2"),
        ("type", "Agreement"),
        ("type", "Set"),  # its expiration counts from a grant
        ("name", ""),
        ("name", "a\nb"),
        ("spdx", "not an id"),
        ("uri", "javascript:alert(1)"),
        ("extra", 1),
        ("permission.0.action", []),
        ("permission.0.action", ["train", "derive"]),
        ("permission.0.action", ["derive", "derive"]),
        ("permission.0.action", ["steal"]),
        ("permission.0.duty", ["sing"]),
        ("prohibition.0.duty", ["attribute"]),
        ("permission.0.constraint.0.leftOperand", "weather"),
        ("permission.0.constraint.0.operator", "lt"),
        ("permission.0.constraint.0.rightOperand", []),
        ("permission.0.constraint.0.rightOperand", "research"),
        ("permission.0.constraint.0.rightOperand", ["Research"]),
        ("permission.0.constraint.0.rightOperand", ["b", "a"]),
        ("permission", [{"action": ["use"], "constraint": [], "duty": []}] * 65),
        ("terms.commercialUse", 1),
        ("terms.expiration", -1),
        ("terms.commercialRevShare", 100_000_001),
        ("terms.commercialRevCeiling", "01"),
        ("terms.derivativeRevCeiling", 5),
        ("terms.territory", ["ch"]),
        ("terms.unknown", True),
    ],
)
def test_what_no_licence_may_say_is_refused(path: str, value: JsonValue) -> None:
    with pytest.raises(MalformedError):
        parse_licence(_changed(path, value))


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b"\xff", b'{"a":1,"a":2}', b"[" * 40])
def test_what_is_no_document_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_licence(raw)


def test_a_large_document_is_refused_before_it_is_read() -> None:
    with pytest.raises(MalformedError, match="at most"):
        parse_licence(b" " * (MAX_LICENCE_BYTES + 1))


def test_odrl_names_target_actions_and_duties() -> None:
    policy = to_odrl(preset("research"), "urn:asset:1")
    assert policy["@type"] == "Offer"
    text = json.dumps(policy)
    assert '"diptych:train"' in text
    assert '"target": "urn:asset:1"' in text
    assert policy["pil:commercialUse"] is False


def test_an_unknown_preset_lists_those_there_are() -> None:
    with pytest.raises(UnknownPreset, match="CC-BY-4"):
        preset("GPL-9")
