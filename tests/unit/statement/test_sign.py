"""Statements are written canonically, signed completely, and refused when they break the format."""

import base64
import json
import math

import coincurve
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from diptych.core.canonical import NotCanonical
from diptych.provenance.keys.errors import BadSeed, WrongPurpose
from diptych.provenance.keys.signer import Ed25519Signer, Secp256k1Signer, Signer, eip191_hash
from diptych.provenance.statement import (
    MAX_ENVELOPE_BYTES,
    BadStatement,
    Draft,
    Edge,
    Subject,
    fast_canonical_json,
    pae,
    sign_statements,
    statement_payload,
)

SIGNERS: list[Signer] = [Ed25519Signer(b"\x01" * 32), Secp256k1Signer(b"\x02" * 32)]
HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


def draft(**changes: object) -> Draft:
    values: dict[str, object] = {
        "kind": "dataset",
        "subjects": (Subject("patients", {"diptychManifest1": "ab" * 32}),),
        "time_s": 1_763_888_400.0,
        "edges": (Edge("derivedFrom", "cd" * 32),),
        "fields": {"manifest": {"files": 12, "bytes": 34567}},
    }
    return Draft(**(values | changes))  # type: ignore[arg-type]


def test_payload_is_the_documented_canonical_statement() -> None:
    payload = statement_payload(draft())
    assert payload == rfc8785.dumps(json.loads(payload))
    assert json.loads(payload) == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "patients", "digest": {"diptychManifest1": "ab" * 32}}],
        "predicateType": "urn:diptych:dataset:1",
        "predicate": {
            "time": "2025-11-23T09:00:00Z",
            "edges": [{"rel": "derivedFrom", "record": "cd" * 32}],
            "manifest": {"files": 12, "bytes": 34567},
        },
    }


@pytest.mark.parametrize("signer", SIGNERS, ids=["ed25519", "secp256k1"])
def test_envelope_is_canonical_and_names_its_key(signer: Signer) -> None:
    (envelope,) = sign_statements([draft()], signer)
    parsed = json.loads(envelope)
    assert envelope == rfc8785.dumps(parsed)
    assert parsed["payloadType"] == "application/vnd.in-toto+json"
    assert [s["keyid"] for s in parsed["signatures"]] == [signer.keyid]
    assert base64.b64decode(parsed["payload"]) == statement_payload(draft())


def test_signing_is_deterministic_and_in_order() -> None:
    drafts = [draft(kind=f"kind-{n}") for n in range(5)]
    for signer in SIGNERS:
        batch = sign_statements(drafts, signer)
        assert batch == [sign_statements([one], signer)[0] for one in drafts]


def test_secp256k1_signature_is_eip191_over_pae_with_low_s() -> None:
    signer = SIGNERS[1]
    public = coincurve.PublicKey(bytes.fromhex(signer.keyid.removeprefix("secp256k1:")))
    for n in range(20):
        message = pae(b"%d" % n)
        signature = signer.sign([message])[0]
        assert len(signature) == 64
        assert int.from_bytes(signature[32:], "big") <= HALF_ORDER
        der = coincurve.ecdsa.cdata_to_der(coincurve.ecdsa.deserialize_compact(signature))
        assert public.verify(der, eip191_hash(message), hasher=None)
        assert not public.verify(der, eip191_hash(message + b"!"), hasher=None)


@pytest.mark.parametrize("signer", SIGNERS, ids=["ed25519", "secp256k1"])
def test_signers_refuse_messages_of_other_purposes(signer: Signer) -> None:
    with pytest.raises(WrongPurpose):
        signer.sign([pae(b"{}"), b"diptych.log/00\n1\nAAAA\n"])


@pytest.mark.parametrize("seed", [b"", b"\x01" * 31, b"\x01" * 33])
def test_seed_of_wrong_length_is_refused(seed: bytes) -> None:
    for kind in (Ed25519Signer, Secp256k1Signer):
        with pytest.raises(BadSeed):
            kind(seed)


def test_secp256k1_seed_outside_the_group_is_refused() -> None:
    for seed in (bytes(32), b"\xff" * 32):
        with pytest.raises(BadSeed):
            Secp256k1Signer(seed)


def test_reprs_do_not_show_the_seed() -> None:
    for signer in SIGNERS:
        assert signer.keyid in repr(signer)
        assert "0101" not in repr(signer).replace(signer.keyid, "")


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "Data set"},
        {"kind": ""},
        {"subjects": ()},
        {"subjects": (Subject("x", {}),)},
        {"subjects": (Subject("x", {"sha256": "AB" * 32}),)},
        {"subjects": (Subject("x", {"sha256": "a b "}),)},
        {"edges": (Edge("knows", "ab" * 32),)},
        {"edges": (Edge("used", "ab"),)},
        {"edges": (Edge("used"),)},
        {"fields": {"time": "now"}},
    ],
)
def test_drafts_that_break_the_format_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(BadStatement):
        statement_payload(draft(**changes))


def test_envelopes_stop_at_the_entry_limit() -> None:
    def sized(length: int) -> bytes:
        return sign_statements([draft(fields={"note": "x" * length})], SIGNERS[0])[0]

    fits = next(n for n in range(48_600, 48_000, -1) if _envelope_size(n) <= MAX_ENVELOPE_BYTES)
    assert len(sized(fits)) <= MAX_ENVELOPE_BYTES
    with pytest.raises(BadStatement, match="65535"):
        sized(fits + 3)


def _envelope_size(note: int) -> int:
    payload = len(statement_payload(draft(fields={"note": ""}))) + note
    frame = sign_statements([draft()], SIGNERS[0])[0]
    other = len(frame) - 4 * math.ceil(len(statement_payload(draft())) / 3)
    return other + 4 * math.ceil(payload / 3)


@pytest.mark.parametrize("value", [2**53, float("nan"), "\ud800"])
def test_values_without_canonical_form_are_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        statement_payload(draft(fields={"value": value}))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=6), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_fast_writer_equals_rfc8785(value: object) -> None:
    assert fast_canonical_json(value) == rfc8785.dumps(value)  # type: ignore[arg-type]
