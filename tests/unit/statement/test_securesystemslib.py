"""securesystemslib (the in-toto reference) verifies our Ed25519 envelopes, and we verify theirs."""

import json

import pytest
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey  # type: ignore[attr-defined]

from diptych.provenance.keys.signer import Ed25519Signer
from diptych.provenance.statement import (
    PAYLOAD_TYPE,
    Draft,
    Subject,
    sign_statements,
    statement_payload,
)
from diptych_verify.dsse import verify_envelope
from diptych_verify.errors import BadSignature
from diptych_verify.statement import statement_of

DRAFT = Draft("dataset-note", (Subject("patients", {"sha256": "ab" * 32}),), 0.0)


def theirs(keyid: str, public_hex: str) -> SSlibKey:
    return SSlibKey(keyid, "ed25519", "ed25519", {"public": public_hex})


def test_they_verify_ours() -> None:
    signer = Ed25519Signer(b"\x01" * 32)
    raw = sign_statements([DRAFT], signer)[0]
    envelope = Envelope.from_dict(json.loads(raw))
    key = theirs(signer.keyid, signer.keyid.removeprefix("ed25519:"))
    assert set(envelope.verify([key], 1)) == {signer.keyid}
    assert envelope.payload == statement_payload(DRAFT)
    other = Ed25519Signer(b"\x02" * 32).keyid
    with pytest.raises(VerificationError):
        envelope.verify([theirs(signer.keyid, other.removeprefix("ed25519:"))], 1)


def test_we_verify_theirs() -> None:
    made = CryptoSigner.generate_ed25519()
    public = made.public_key.keyval["public"]
    made.public_key.keyid = f"ed25519:{public}"
    envelope = Envelope(statement_payload(DRAFT), PAYLOAD_TYPE, {})
    envelope.sign(made)
    raw = json.dumps(envelope.to_dict(), indent=1).encode()
    checked = verify_envelope(raw)
    assert checked.signatures[0].keyid == f"ed25519:{public}"
    assert statement_of(checked).subjects[0].name == "patients"


def test_we_refuse_theirs_when_the_payload_was_swapped() -> None:
    made = CryptoSigner.generate_ed25519()
    made.public_key.keyid = f"ed25519:{made.public_key.keyval['public']}"
    envelope = Envelope(statement_payload(DRAFT), PAYLOAD_TYPE, {})
    envelope.sign(made)
    envelope.payload = envelope.payload.replace(b"patients", b"Patients")
    with pytest.raises(BadSignature):
        verify_envelope(json.dumps(envelope.to_dict()).encode())
