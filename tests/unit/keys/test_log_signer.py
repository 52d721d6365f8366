"""Log and witness signatures are what the offline verifier expects, and stay in their domain."""

import pytest

from diptych.core.clock import fixed_clock
from diptych.provenance.keys.errors import BadSeed, WrongPurpose
from diptych.provenance.keys.log_signer import LogSigner, WitnessSigner
from diptych.provenance.keys.signer import ed25519_key, ed25519_public
from diptych_verify.errors import BadSignature
from diptych_verify.note import (
    Checkpoint,
    note_signature_line,
    verify_checkpoint,
    verify_cosignature,
)

ORIGIN = "diptych.log/" + "ab" * 16
CHECKPOINT = Checkpoint(ORIGIN, 3, b"\x05" * 32)


def signed_note(body: str, *lines: str) -> str:
    return f"{body}\n{''.join(lines)}"


def test_checkpoint_verifies_and_a_changed_one_does_not() -> None:
    signer = LogSigner(ORIGIN, b"\x01" * 32)
    body = CHECKPOINT.body()
    line = note_signature_line(ORIGIN, signer.key.key_hash, signer.sign(body.encode()))
    assert verify_checkpoint(signed_note(body, line), signer.key) == CHECKPOINT
    longer = Checkpoint(ORIGIN, 4, CHECKPOINT.root).body()
    with pytest.raises(BadSignature):
        verify_checkpoint(signed_note(longer, line), signer.key)


@pytest.mark.parametrize(
    "body", [b"", b"DSSEv1 2 {} 2 {}", b"diptych.log/other\n1\nAAAA\n", ORIGIN.encode() + b"x\n"]
)
def test_log_key_signs_its_own_origin_only(body: bytes) -> None:
    with pytest.raises(WrongPurpose):
        LogSigner(ORIGIN, b"\x01" * 32).sign(body)


def test_signatures_and_keys_are_those_of_another_library() -> None:
    signer, other = LogSigner(ORIGIN, b"\x01" * 32), ed25519_key(b"\x01" * 32)
    body = CHECKPOINT.body().encode()
    assert signer.sign(body) == other.sign(body)  # Ed25519 is deterministic
    assert signer.key.public_key == ed25519_public(other)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_seed_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(BadSeed, match=f"{size} bytes"):
        LogSigner(ORIGIN, b"\x01" * size)


def test_cosignature_states_the_time_and_is_bound_to_the_body() -> None:
    witness = WitnessSigner("witness.example", b"\x02" * 32, clock=fixed_clock(1_700_000_000.9))
    body = CHECKPOINT.body()
    line = note_signature_line(witness.key.name, witness.key.key_hash, witness.cosign(body))
    cosignature = verify_cosignature(signed_note(body, line), witness.key)
    assert (cosignature.name, cosignature.time_s) == ("witness.example", 1_700_000_000)
    with pytest.raises(BadSignature):
        verify_cosignature(signed_note(body.replace("\n3\n", "\n4\n"), line), witness.key)


def test_reprs_show_the_public_half_only() -> None:
    assert repr(LogSigner(ORIGIN, b"\x01" * 32)).startswith("LogSigner(diptych.log/")
    assert "0101" not in repr(WitnessSigner("w.example", b"\x01" * 32))
