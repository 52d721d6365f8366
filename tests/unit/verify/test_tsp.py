"""RFC 3161 tokens: ours and OpenSSL's verify under a pinned certificate, altered ones do not."""

import contextlib
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from tests.unit.verify.maker import b64, canonical, policy_of, sample_bundle, sample_log
from tests.unit.verify.tsp_maker import (
    CERTIFICATE_V2,
    CONTENT_TYPE,
    FIXTURES,
    MESSAGE,
    MESSAGE_DIGEST,
    SHA256,
    STATED_S,
    TST_INFO,
    Token,
    attribute,
    authority,
    integer,
    make_with_openssl,
    oid,
    sequence,
    tlv,
)

from diptych_verify.errors import (
    BadSignature,
    DigestMismatch,
    DiptychError,
    MalformedError,
    UntrustedKey,
)
from diptych_verify.policy import TrustPolicy
from diptych_verify.tsp import verify_timestamp
from diptych_verify.tsp_token import parse_token
from diptych_verify.verify import verify_bundle

CURVE = ec.SECP256R1()
CA = authority(ec.derive_private_key(11, CURVE), "ca", is_ca=True, stamping=False)
TSA = authority(ec.derive_private_key(12, CURVE), "tsa", issuer=CA)
GOOD = Token(TSA)


def test_fixture_of_openssl_verifies() -> None:
    token = (FIXTURES / "token.der").read_bytes()
    message = (FIXTURES / "message.bin").read_bytes()
    for name in ("ca.pem", "tsa.pem"):
        stamp = verify_timestamp(token, message, authorities=[(FIXTURES / name).read_text()])
        assert (stamp.authority, stamp.trusted) == ("CN=Test time stamps", True)
        # 2 s above genTime: accuracy of 1.5 s, rounded up.
        assert stamp.time_s == parse_token(token).info.stated_s + 2
    with pytest.raises(DigestMismatch):
        verify_timestamp(token, message + b"x", authorities=[])
    with pytest.raises(UntrustedKey):
        verify_timestamp(token, message, authorities=[CA.pem])


@pytest.mark.parametrize("algorithm", ["ec", "rsa"])
def test_openssl_program_agrees(tmp_path: Path, algorithm: str) -> None:
    make_with_openssl(tmp_path, algorithm)
    token, pinned = (tmp_path / "token.der").read_bytes(), (tmp_path / "ca.pem").read_text()
    assert verify_timestamp(token, MESSAGE, authorities=[pinned]).trusted


@pytest.mark.parametrize(
    "key",
    [
        ed25519.Ed25519PrivateKey.from_private_bytes(bytes([4]) * 32),
        rsa.generate_private_key(65537, 2048),
        ec.derive_private_key(13, ec.SECP384R1()),
    ],
    ids=["ed25519", "rsa", "p384"],
)
def test_each_kind_of_key(key: ed25519.Ed25519PrivateKey) -> None:
    signer = authority(key, "other", issuer=CA)
    stamp = verify_timestamp(Token(signer).der(), MESSAGE, authorities=[CA.pem])
    assert (stamp.time_s, stamp.trusted) == (STATED_S, True)
    with pytest.raises(BadSignature):
        verify_timestamp(Token(signer, signature=bytes(64)).der(), MESSAGE, authorities=[CA.pem])


def test_pinned_certificate_or_its_direct_authority() -> None:
    for pinned in ([TSA.pem], [CA.pem], [CA.pem, TSA.pem]):
        assert verify_timestamp(GOOD.der(), MESSAGE, authorities=pinned).trusted
    without = replace(GOOD, embedded=()).der()
    assert verify_timestamp(without, MESSAGE, authorities=[TSA.pem]).trusted
    with pytest.raises(UntrustedKey):
        verify_timestamp(without, MESSAGE, authorities=[CA.pem])


def test_without_pinned_certificates_nothing_is_trusted() -> None:
    stamp = verify_timestamp(GOOD.der(), MESSAGE, authorities=[])
    assert (stamp.trusted, stamp.authority, stamp.time_s) == (False, "CN=tsa", STATED_S)
    bare = verify_timestamp(replace(GOOD, embedded=()).der(), MESSAGE, authorities=[])
    assert (bare.trusted, bare.authority) == (False, "")
    with pytest.raises(BadSignature):
        verify_timestamp(replace(GOOD, signature=bytes(70)).der(), MESSAGE, authorities=[])


def test_signers_that_nobody_vouches_for() -> None:
    key = ec.derive_private_key(14, CURVE)
    no_stamps = authority(key, "web", issuer=CA, stamping=False)
    expired = authority(key, "old", issuer=CA, years=(2000, 2020))
    stranger = authority(key, "stranger")
    namesake = authority(ec.derive_private_key(15, CURVE), "ca", is_ca=True)
    forged = authority(key, "tsa", issuer=namesake)
    no_ca = authority(ec.derive_private_key(16, CURVE), "leaf", issuer=CA)
    below = authority(key, "below", issuer=no_ca)
    for signer, pinned in (
        (no_stamps, CA),
        (expired, CA),
        (expired, expired),
        (stranger, CA),
        (forged, CA),
        (below, no_ca),
        (below, CA),
    ):
        token = Token(signer, embedded=(signer.der, no_ca.der)).der()
        with pytest.raises(UntrustedKey):
            verify_timestamp(token, MESSAGE, authorities=[pinned.pem])


def test_same_name_and_serial_do_not_replace_the_pinned_certificate() -> None:
    double = authority(ec.derive_private_key(17, CURVE), "tsa", issuer=CA)
    with pytest.raises(BadSignature):
        verify_timestamp(Token(double).der(), MESSAGE, authorities=[TSA.pem])


@pytest.mark.parametrize(
    ("gen_time", "accuracy", "time_s"),
    [
        (b"20270115080000.5Z", b"", STATED_S + 1),
        (b"20270115080000.25Z", sequence(integer(2)), STATED_S + 3),
        (b"20270115080000Z", sequence(tlv(0x80, b"\x01")), STATED_S + 1),
        (
            b"20270115080000Z",
            sequence(integer(1), tlv(0x80, b"\x01"), tlv(0x81, b"\x01")),
            STATED_S + 2,
        ),
    ],
)
def test_time_is_the_upper_bound(gen_time: bytes, accuracy: bytes, time_s: int) -> None:
    token = replace(GOOD, gen_time=gen_time, accuracy=accuracy).der()
    assert verify_timestamp(token, MESSAGE, authorities=[CA.pem]).time_s == time_s


SIGNED = (
    attribute(CONTENT_TYPE, oid(TST_INFO)),
    attribute(MESSAGE_DIGEST, tlv(0x04, bytes(32))),
)


@pytest.mark.parametrize(
    ("alter", "kind"),
    [
        (lambda t: replace(t, message=b"other"), DigestMismatch),
        (lambda t: replace(t, content_digest=bytes(32)), BadSignature),
        (lambda t: replace(t, certificate_hash=bytes(32)), BadSignature),
        (lambda t: replace(t, signature=bytes(70)), BadSignature),
        (lambda t: replace(t, version=2), MalformedError),
        (lambda t: replace(t, gen_time=b"20270115080000"), MalformedError),
        (lambda t: replace(t, gen_time=b"20270115080000.50Z"), MalformedError),
        (lambda t: replace(t, gen_time=b"20271315080000Z"), MalformedError),
        (lambda t: replace(t, accuracy=sequence(integer(90_000))), MalformedError),
        (lambda t: replace(t, attributes=SIGNED[:1]), MalformedError),
        (lambda t: replace(t, attributes=SIGNED[1:]), MalformedError),
        (lambda t: replace(t, attributes=SIGNED * 2), MalformedError),
        (lambda t: replace(t, attributes=()), MalformedError),
        (lambda t: replace(t, embedded=(b"\x30\x00",)), MalformedError),
        (lambda t: replace(t, embedded=(b"\x05\x00",)), MalformedError),
        (lambda t: replace(t, embedded=(TSA.der,) * 9), MalformedError),
        (lambda t: replace(t, digest_algorithm=sequence(oid("2b0e03021a"))), MalformedError),
    ],
)
def test_one_altered_part(alter: Callable[[Token], Token], kind: type[DiptychError]) -> None:
    with pytest.raises(kind):
        verify_timestamp(alter(GOOD).der(), MESSAGE, authorities=[CA.pem])


def test_no_certificate_hash_is_not_enough() -> None:
    import hashlib

    digest = hashlib.sha256(GOOD.info).digest()
    bare = (SIGNED[0], attribute(MESSAGE_DIGEST, tlv(0x04, digest)))
    with pytest.raises(MalformedError, match="signing certificate"):
        verify_timestamp(replace(GOOD, attributes=bare).der(), MESSAGE, authorities=[CA.pem])
    named = attribute(CERTIFICATE_V2, sequence(sequence(sequence(SHA256, tlv(0x04, bytes(32))))))
    with pytest.raises(BadSignature):
        verify_timestamp(replace(GOOD, attributes=(*bare, named)).der(), MESSAGE, authorities=[])


def test_no_flipped_bit_is_believed() -> None:
    """A bit may only flip where nothing is signed and nothing is read, and then nothing changes."""
    raw = GOOD.der()
    good = verify_timestamp(raw, MESSAGE, authorities=[TSA.pem])
    source = random.Random(3)
    for _ in range(1500):
        altered = bytearray(raw)
        altered[source.randrange(len(raw))] ^= 1 << source.randrange(8)
        with contextlib.suppress(DiptychError):
            assert verify_timestamp(bytes(altered), MESSAGE, authorities=[TSA.pem]) == good


def test_garbage_never_raises_anything_else() -> None:
    source = random.Random(5)
    raw = GOOD.der()
    for size in range(0, len(raw), 3):
        with pytest.raises(MalformedError):
            verify_timestamp(raw[:size], MESSAGE, authorities=[])
    for _ in range(800):
        altered = bytearray(raw)
        start = source.randrange(len(raw))
        altered[start : start + source.randrange(20)] = source.randbytes(source.randrange(20))
        with contextlib.suppress(DiptychError):
            verify_timestamp(bytes(altered), MESSAGE, authorities=[CA.pem])
    for junk in (
        b"",
        b"\x30",
        b"\x30\x80\x00\x00",
        b"\x30\x82\xff\xff",
        bytes(70_000),
        b"\x1f\x1f",
    ):
        with pytest.raises(MalformedError):
            parse_token(junk)
    with pytest.raises(MalformedError):
        verify_timestamp(raw, MESSAGE, authorities=["-----BEGIN CERTIFICATE-----\nAAAA\n"])


def test_token_in_a_bundle() -> None:
    log = sample_log()
    body = log.checkpoint().body().encode()
    token = Token(TSA, message=body).der()
    bundle = canonical({**sample_bundle(log), "timestamps": [b64(token)]})
    pinned = [{"certificate": CA.pem}]
    policy = TrustPolicy.parse(policy_of(timestamp_authorities=pinned, require=["when"]))
    answer = verify_bundle(bundle, policy=policy).answer("when")
    assert (answer.status, answer.evidence["latest"]) == ("proven", "2027-01-15T08:00:00Z")
    assert verify_bundle(bundle).answer("when").status == "self-asserted"
    older = Token(TSA, message=log.checkpoint(5).body().encode()).der()
    with pytest.raises(DigestMismatch):
        verify_bundle(canonical({**sample_bundle(log), "timestamps": [b64(older)]}))
