"""Envelopes: both signature schemes, and what is refused."""

import json

import pytest
from tests.unit.verify.maker import (
    ALICE,
    BOB,
    Json,
    WalletKey,
    b64,
    canonical,
    envelope,
    statement,
)

from diptych_verify.dsse import pae, parse_envelope, verify_envelope, verify_signature
from diptych_verify.eip191 import personal_message_hash
from diptych_verify.errors import BadSignature, MalformedError

NOTE = statement("note", {})
RAW = envelope(NOTE, ALICE, BOB)


def altered(**fields: object) -> bytes:
    return canonical({**json.loads(RAW), **fields})


def test_both_schemes_verify_in_one_envelope() -> None:
    found = verify_envelope(RAW)
    assert json.loads(found.payload) == NOTE
    assert [one.keyid for one in found.signatures] == [ALICE.keyid, BOB.keyid]


def test_personal_message_hash_is_that_of_wallets() -> None:
    # eth_account.messages.encode_defunct(b"hello") hashed.
    assert personal_message_hash(b"hello").hex() == (
        "50b2c43fd39106bafbba0da34fc430e1f91e3c96ea2acee2bc34119f92b37750"
    )


def test_signature_of_a_wallet_library_verifies() -> None:
    from eth_account import Account
    from eth_account.messages import encode_defunct

    account = Account.from_key((2).to_bytes(32, "big"))
    signed = account.sign_message(encode_defunct(b"hello"))
    verify_signature(BOB.keyid, b"hello", signed.signature[:64])
    with pytest.raises(BadSignature):
        verify_signature(BOB.keyid, b"hellO", signed.signature[:64])


def test_a_flipped_bit_in_payload_type_or_signature_is_refused() -> None:
    with pytest.raises(BadSignature):
        verify_envelope(altered(payload=b64(canonical({**NOTE, "subject": []}))))
    with pytest.raises(BadSignature):
        verify_envelope(altered(payloadType="application/json"))
    for position in (0, 1):
        signatures = json.loads(RAW)["signatures"]
        raw = bytearray(64)
        signatures[position]["sig"] = b64(bytes(raw))
        with pytest.raises(BadSignature):
            verify_envelope(altered(signatures=signatures))


def test_one_bad_signature_among_good_ones_is_enough() -> None:
    signatures = json.loads(RAW)["signatures"]
    signatures[1]["keyid"] = WalletKey(3).keyid
    with pytest.raises(BadSignature):
        verify_envelope(altered(signatures=signatures))


def test_high_s_twin_is_refused() -> None:
    verify_envelope(envelope(NOTE, WalletKey(2)))
    with pytest.raises(BadSignature, match="low-s"):
        verify_envelope(envelope(NOTE, WalletKey(2, high=True)))


def test_points_off_the_curve_are_refused() -> None:
    for point in ("02" + "ff" * 32, "03" + "00" * 31 + "05"):
        with pytest.raises((MalformedError, BadSignature)):
            verify_signature(f"secp256k1:{point}", b"m", bytes([1]) * 64)
    with pytest.raises(BadSignature):
        verify_signature("ed25519:" + "ff" * 32, b"m", bytes(64))


def one(**fields: object) -> Json:
    return {"keyid": ALICE.keyid, "sig": b64(bytes(64)), **fields}


@pytest.mark.parametrize(
    "fields",
    [
        {"signatures": []},
        {"signatures": [one(), one()]},
        {"signatures": [one(extra=1)]},
        {"signatures": [one(sig=b64(bytes(63)))]},
        {"signatures": [one(sig="!")]},
        {"signatures": [one(keyid="ed25519:" + "0" * 63)]},
        {"signatures": [one(keyid="ed25519:" + "A" * 64)]},
        {"signatures": [one(keyid="rsa:00")]},
        {"signatures": [one(keyid="")]},
        {"signatures": [one(keyid=None)]},
        {"signatures": {}},
        {"signatures": [[]]},
        {"signatures": [one(keyid=f"ed25519:{i:064x}") for i in range(17)]},
        {"payload": 1},
        {"payload": "%%"},
        {"payloadType": None},
        {"unknown": 1},
    ],
)
def test_malformed_envelopes(fields: Json) -> None:
    with pytest.raises(MalformedError):
        parse_envelope(altered(**fields))


def test_missing_fields_and_size() -> None:
    for name in ("payload", "payloadType", "signatures"):
        value = json.loads(RAW)
        del value[name]
        with pytest.raises(MalformedError, match=name):
            parse_envelope(canonical(value))
    with pytest.raises(MalformedError):
        parse_envelope(altered(payload=b64(bytes(60_000))))
    with pytest.raises(MalformedError):
        parse_envelope(RAW + b"x")


def test_pae_counts_bytes_not_characters() -> None:
    assert pae("é", b"") == b"DSSEv1 2 \xc3\xa9 0 "
