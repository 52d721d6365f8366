"""Credentials: JWT and Data Integrity, made here, by another library, and by the W3C's vectors."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.golden.world import seed
from tests.unit.identity.makers import (
    claims,
    did_document,
    ed25519,
    issuer_key,
    jwt,
    p256,
    proven,
    scalar,
)

from diptych.provenance.identity import check_evidence, dump_evidence
from diptych.provenance.keys.signer import Ed25519Signer
from diptych_verify.errors import BadSignature, IdentityMismatch, MalformedError
from diptych_verify.identity.bind import Binding
from diptych_verify.identity.credential import parse_credential
from diptych_verify.identity.document import IdentityEvidence, parse_evidence
from diptych_verify.identity.public_key import key_of, read_multikey
from diptych_verify.policy import TrustedIdentity, TrustPolicy

KEYID = Ed25519Signer(seed("signer")).keyid
ABOUT = key_of(KEYID).did
ISSUER = ed25519("ministry")
ISSUER_KEY = issuer_key(ISSUER)
WEB = "did:web:ministry.example"
# TestVectors/eddsa-jcs-2022/signedJCS.json of https://github.com/w3c/vc-di-eddsa
VECTOR: dict[str, Any] = {
    "@context": [
        "https://www.w3.org/ns/credentials/v2",
        "https://www.w3.org/ns/credentials/examples/v2",
    ],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
    "proof": {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": "2023-02-24T23:36:38Z",
        "verificationMethod": "https://vc.example/issuers/5678"
        "#z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
        "proofPurpose": "assertionMethod",
        "proofValue": "z3P6rHMUaWG6e3Ac6xYFht8aEvoVXndgKTtEY8kzWYXzk8dKmAo2GJeZiJw4qoZ2PGp4ug"
        "daHx3oQiLpeFBLDqP2M",
    },
}
VECTOR_KEY = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"


def bound(credential: bytes, *pinned: TrustedIdentity, document: bytes = b"") -> Binding:
    evidence = IdentityEvidence(KEYID, "vc", credential=credential, document=document)
    raw = dump_evidence(evidence)
    assert parse_evidence(raw) == evidence
    return check_evidence(raw, TrustPolicy(identities=pinned))


def test_the_w3c_vector_verifies_and_its_changes_do_not() -> None:
    key = read_multikey(VECTOR_KEY)
    parse_credential(json.dumps(VECTOR).encode()).proof.verify(key)
    for part in ("id", "validFrom", "issuer"):
        changed = VECTOR | {part: VECTOR[part].replace("5", "6").replace("3", "4")}
        with pytest.raises(BadSignature):
            parse_credential(json.dumps(changed).encode()).proof.verify(key)
    with pytest.raises(BadSignature):
        parse_credential(json.dumps(VECTOR).encode()).proof.verify(ISSUER_KEY)
    with pytest.raises(IdentityMismatch):
        bound(json.dumps(VECTOR).encode())


def test_jwt_and_proof_of_a_did_key_issuer() -> None:
    credential, pin = claims(ISSUER_KEY.did, ABOUT), TrustedIdentity(ISSUER_KEY.did)
    method = f"{ISSUER_KEY.did}#{ISSUER_KEY.multikey}"
    for raw in (jwt(credential, ISSUER, "EdDSA"), proven(credential, ISSUER, method)):
        assert bound(raw, pin).trusted
        assert not bound(raw).trusted
        assert bound(raw).name == "Hospital A"


@pytest.mark.parametrize(
    ("private", "algorithm"),
    [
        (ISSUER, "EdDSA"),
        (p256("issuer"), "ES256"),
        (ec.derive_private_key(scalar("k1"), ec.SECP256K1()), "ES256K"),
    ],
)
def test_tokens_of_another_library_are_accepted(private: Any, algorithm: str) -> None:
    key = issuer_key(private)
    credential = claims(WEB, ABOUT)
    headers = {"typ": "vc+jwt", "kid": f"{WEB}#1"}
    raw = pyjwt.encode(credential, private, algorithm=algorithm, headers=headers).encode()
    assert bound(raw, TrustedIdentity(WEB, key=key.multikey)).trusted
    public = private.public_key()
    ours = jwt(credential, private, algorithm).decode()
    options: Any = {"verify_iat": False}
    assert pyjwt.decode(ours, public, algorithms=[algorithm], options=options) == credential
    with pytest.raises(BadSignature):
        bound(raw, TrustedIdentity(WEB, key=issuer_key(p256("else")).multikey))


def test_algorithms_that_are_no_signatures_are_refused() -> None:
    credential = claims(ISSUER_KEY.did, ABOUT)
    pin = TrustedIdentity(ISSUER_KEY.did)
    plain = pyjwt.encode(credential, "", algorithm="none").encode()
    # The classic confusion: the public key, known to all, used as the secret of an HMAC.
    shared = pyjwt.encode(credential, ISSUER_KEY.raw, algorithm="HS256").encode()
    for raw in (plain, shared, jwt(credential, ISSUER, "none"), jwt(credential, ISSUER, "RS256")):
        with pytest.raises(BadSignature, match="algorithm"):
            bound(raw, pin)
    for algorithm in ("ES256", "ES256K"):
        with pytest.raises(BadSignature, match="for a key of kind ed25519"):
            bound(jwt(credential, ISSUER, algorithm), pin)


@pytest.mark.parametrize("name", ["crit", "jwk", "jku", "x5c", "b64", "zip"])
def test_headers_that_bring_keys_or_change_meaning_are_refused(name: str) -> None:
    raw = jwt(claims(ISSUER_KEY.did, ABOUT), ISSUER, "EdDSA", **{name: "x"})
    with pytest.raises(MalformedError, match="header"):
        bound(raw)


def test_a_credential_of_another_key_cannot_be_replayed() -> None:
    other = claims(ISSUER_KEY.did, issuer_key(ed25519("bob")).did)
    with pytest.raises(IdentityMismatch, match="not about"):
        bound(jwt(other, ISSUER, "EdDSA"), TrustedIdentity(ISSUER_KEY.did))


def test_an_issuer_cannot_sign_for_another() -> None:
    mallory = ed25519("mallory")
    credential = claims(ISSUER_KEY.did, ABOUT)
    key = issuer_key(mallory)
    for raw in (
        jwt(credential, mallory, "EdDSA"),
        jwt(credential, mallory, "EdDSA", kid=f"{key.did}#{key.multikey}"),
        proven(credential, mallory, f"{key.did}#{key.multikey}"),
        proven(credential, mallory, f"{ISSUER_KEY.did}#{ISSUER_KEY.multikey}"),
    ):
        with pytest.raises(BadSignature):
            bound(raw, TrustedIdentity(ISSUER_KEY.did))


def test_an_issuer_known_by_its_pinned_document() -> None:
    document = did_document(WEB, ISSUER_KEY)
    pin = TrustedIdentity(WEB, hashlib.sha256(document).digest())
    raw = jwt(claims(WEB, ABOUT), ISSUER, "EdDSA", kid=f"{WEB}#key-1")
    assert bound(raw, pin, document=document).trusted
    assert not bound(raw, replace(pin, document_sha256=bytes(32)), document=document).trusted
    assert "signature is not checked" in bound(raw, pin).basis
    with pytest.raises(BadSignature, match="no key"):
        bound(jwt(claims(WEB, ABOUT), ISSUER, "EdDSA", kid="#key-2"), pin, document=document)
    forged = did_document(WEB, issuer_key(ed25519("mallory")))
    with pytest.raises(BadSignature):
        bound(raw, document=forged)


def test_the_window_is_the_narrowest_of_all_dates() -> None:
    credential = claims(ISSUER_KEY.did, ABOUT, nbf=1_770_000_000, exp=1_780_000_000)
    found = bound(jwt(credential, ISSUER, "EdDSA"))
    assert (found.valid_from_s, found.valid_until_s) == (1_770_000_000, 1_780_000_000)
    method = f"{ISSUER_KEY.did}#{ISSUER_KEY.multikey}"
    raw = proven(claims(ISSUER_KEY.did, ABOUT), ISSUER, method, expires="2026-03-01T00:00:00Z")
    assert bound(raw).valid_until_s == 1_772_323_200


def test_a_status_list_is_said_to_be_unchecked() -> None:
    plain = claims(ISSUER_KEY.did, ABOUT)
    listed = plain | {"credentialStatus": {"type": "BitstringStatusListEntry"}}
    assert bound(jwt(plain, ISSUER, "EdDSA")).about == ""
    found = bound(jwt(listed, ISSUER, "EdDSA"))
    assert (found.about, found.standing.good_at_s) == ("credential", None)


@pytest.mark.parametrize(
    "changes",
    [
        {"@context": ["https://www.w3.org/2018/credentials/v1"]},
        {"type": ["VerifiablePresentation"]},
        {"issuer": 7},
        {"iss": "did:web:other.example"},
        {"sub": "did:key:z6"},
        {"validFrom": "yesterday"},
        {"validUntil": "2026-02-30T00:00:00Z"},
        {"exp": 1.5},
        {"credentialSubject": [{"id": ABOUT}]},
        {"credentialSubject": {"id": ABOUT}},
        {"credentialSubject": {"name": "Hospital A"}},
    ],
)
def test_malformed_credentials_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        bound(jwt(claims(ISSUER_KEY.did, ABOUT) | changes, ISSUER, "EdDSA"))


@pytest.mark.parametrize(
    "raw",
    [b"", b"a.b", b"a.b.c", b"....", b"\xff.\xff.\xff", b"{", b"{}", b'{"a":1,"a":2}', b"[" * 9000],
)
def test_what_is_no_credential_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_credential(raw)


def test_large_evidence_is_refused() -> None:
    with pytest.raises(MalformedError):
        parse_credential(b"x" * 20_000)
    with pytest.raises(MalformedError):
        bound(json.dumps(claims(WEB, ABOUT, padding="x" * 17_000)).encode())


@pytest.mark.parametrize(
    "change",
    [
        {"cryptosuite": "eddsa-rdfc-2022"},
        {"proofPurpose": "authentication"},
        {"type": "Ed25519Signature2020"},
        {"proofValue": "u7QE"},
        {"@context": ["https://evil.example"]},
    ],
)
def test_other_proofs_are_refused(change: dict[str, Any]) -> None:
    changed = VECTOR | {"proof": VECTOR["proof"] | change}
    with pytest.raises(MalformedError):
        parse_credential(json.dumps(changed).encode())
