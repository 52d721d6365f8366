"""DID documents and public keys: which keys count, and what is no document or key."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.golden.world import seed
from tests.unit.identity.makers import did_document, ed25519, issuer_key, p256

from diptych.provenance.keys.signer import Secp256k1Signer
from diptych_verify.errors import BadSignature, MalformedError
from diptych_verify.identity.did import did_web_url, is_did_web, parse_did_document
from diptych_verify.identity.public_key import (
    PublicKey,
    b64url,
    base58,
    key_of,
    read_base58,
    read_did_key,
    read_jwk,
    read_multikey,
    verify_jose,
)
from diptych_verify.jsonio import ObjectReader

DID = "did:web:hospital.example"
KEY = issuer_key(ed25519("did"))
# RFC 8037 appendix A.
RFC8037 = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
RFC8037_JWS = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PG"
    "cvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)


def test_a_document_names_its_keys() -> None:
    assert parse_did_document(did_document(DID, KEY), DID).holds(KEY)
    assert not parse_did_document(did_document(DID, KEY), DID).holds(issuer_key(ed25519("x")))


def test_jwk_relative_and_embedded_methods_are_understood() -> None:
    own = key_of(Secp256k1Signer(seed("eth")).keyid)
    method = {"id": "#key-1", "type": "JsonWebKey", "controller": DID, "publicKeyJwk": RFC8037}
    document = {"id": DID, "verificationMethod": [method], "assertionMethod": ["#key-1"]}
    found = parse_did_document(json.dumps(document).encode(), DID)
    assert found.holds(read_jwk(ObjectReader(dict(RFC8037), "jwk")) or KEY)
    embedded = {"id": f"{DID}#2", "controller": DID, "publicKeyMultibase": own.multikey}
    document = {"id": DID, "assertionMethod": [embedded]}
    assert parse_did_document(json.dumps(document).encode(), DID).holds(own)


@pytest.mark.parametrize(
    "changes",
    [
        {"assertionMethod": []},
        {"assertionMethod": [f"{DID}#key-2"]},
        {"authentication": [f"{DID}#key-1"], "assertionMethod": []},
        {"method": {"controller": "did:web:other.example"}},
        {"method": {"id": "did:web:other.example#key-1"}},
        {"method": {"publicKeyMultibase": "z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc"}},
    ],
)
def test_a_key_that_may_not_assert_does_not_count(changes: dict[str, Any]) -> None:
    assert not parse_did_document(did_document(DID, KEY, **changes), DID).holds(KEY)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b'{"id":"did:web:hospital.example","id":"did:web:hospital.example"}',
        did_document("did:web:other.example", KEY),
        did_document(DID, KEY, verificationMethod="x"),
        did_document(DID, KEY, method={"publicKeyJwk": RFC8037}),
        did_document(DID, KEY, method={"publicKeyMultibase": 7}),
        did_document(DID, KEY, padding="x" * 20_000),
        did_document(DID, KEY, deep=[[[[[[[[[[[[[]]]]]]]]]]]]]),
        did_document(DID, KEY, verificationMethod=[{}] * 33),
    ],
)
def test_what_is_no_document_of_the_did_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_did_document(raw, DID)


def test_addresses_of_documents() -> None:
    assert did_web_url(DID) == "https://hospital.example/.well-known/did.json"
    assert did_web_url("did:web:a.example%3A8443:labs:x") == (
        "https://a.example:8443/labs/x/did.json"
    )


@pytest.mark.parametrize(
    "did",
    [
        *("did:web:", "did:web:A.example", "did:web:a/b", "did:web:a@b.example", "did:web:a:..:b"),
        *("did:web:a%2Fb", "did:web:a?x", "did:web:a#b", "did:key:z6", "did:web:-a", "did:web:a:"),
        *("did:web:a%3A0", "did:web:a.example\n", f"did:web:{'a' * 64}"),
    ],
)
def test_hostile_dids_lead_nowhere(did: str) -> None:
    assert not is_did_web(did)
    with pytest.raises(MalformedError):
        did_web_url(did)


@given(st.binary(max_size=80))
def test_base58_round_trip(raw: bytes) -> None:
    if raw:
        assert read_base58(base58(raw)) == raw


def test_keys_round_trip_and_known_did_keys() -> None:
    for key in (KEY, issuer_key(p256("x")), key_of(Secp256k1Signer(seed("eth")).keyid)):
        assert read_multikey(key.multikey) == read_did_key(key.did) == key
    # https://w3c-ccg.github.io/did-key-spec/, example of Ed25519.
    known = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
    assert read_did_key(known).kind == "ed25519"
    assert read_did_key(known).did == known


@pytest.mark.parametrize(
    "text",
    [
        *("", "z", "zO0Il", "u7QE", "z" + "1" * 200, KEY.multikey[:-1], KEY.multikey + "1"),
        PublicKey("secp256k1", b"\x05" + bytes(32)).multikey,
        PublicKey("p256", b"\x02" + b"\xff" * 32).multikey,
    ],
)
def test_what_is_no_multikey_is_malformed(text: str) -> None:
    with pytest.raises(MalformedError):
        read_multikey(text)


@pytest.mark.parametrize(
    "changes",
    [
        {"d": "nWGxne_9WmC6hEr0kuwsERJxWl7MmkZcDusAxyuf2A0"},
        {"x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUR"},
        {"x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp"},
        {"kty": "EC", "crv": "P-256", "y": RFC8037["x"]},
        {"kty": 1},
    ],
)
def test_bad_jwks_are_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        read_jwk(ObjectReader(RFC8037 | changes, "jwk"))


def test_signature_of_rfc_8037() -> None:
    key = read_jwk(ObjectReader(dict(RFC8037), "jwk"))
    assert key is not None
    message, _, signature = RFC8037_JWS.rpartition(".")
    verify_jose(key, "EdDSA", message.encode(), b64url(signature))
    for algorithm in ("ES256", "ES256K", "HS256", "none", ""):
        with pytest.raises(BadSignature, match="algorithm"):
            verify_jose(key, algorithm, message.encode(), b64url(signature))
    with pytest.raises(BadSignature, match="does not verify"):
        verify_jose(key, "EdDSA", message.encode() + b"x", b64url(signature))
