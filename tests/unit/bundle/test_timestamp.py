"""Time stamps: our request, an authority's answer (made by OpenSSL), the token beside the log."""

import hashlib
from pathlib import Path

import pytest
from tests.golden.evidence import authority, der, pem, token_for
from tests.golden.world import World

from diptych.core.errors import MalformedError
from diptych.provenance.bundle import BundleRequest, build_bundle
from diptych.provenance.timestamp import (
    TimestampRefused,
    UnknownTimestamp,
    attach_timestamp,
    stored_timestamps,
    timestamp_request,
    token_of_response,
    write_request,
)
from diptych_verify.errors import BadSignature, UntrustedKey
from diptych_verify.evidence import PROVEN
from diptych_verify.policy import TrustPolicy
from diptych_verify.verify import verify_bundle

ANSWERS = Path(__file__).parent / "openssl"
ANSWER = (ANSWERS / "answer.tsr").read_bytes()
OPENSSL = (ANSWERS / "certificate.pem").read_text()
OURS = pem(authority()[1])


def test_request_is_the_der_of_rfc_3161() -> None:
    digest = hashlib.sha256(b"body\n").hexdigest()
    assert timestamp_request(b"body\n", nonce=0x80).hex() == (
        "303b" + "020101" + "302f" + "300b" + "0609608648016503040201" + f"0420{digest}"
        "02020080" + "0101ff"
    )
    assert timestamp_request(b"body\n") != timestamp_request(b"body\n")


def test_answer_of_openssl_is_kept_and_bundled(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "timestamps"
    request = write_request(world.log, folder)
    assert request.name == "1.tsq"
    world.notes(4)
    kept = attach_timestamp(world.log, folder, ANSWER, authorities=[OPENSSL])
    assert (kept.size, kept.timestamp.trusted) == (1, True)
    assert kept.timestamp.authority == "CN=test-only OpenSSL TSA"
    assert stored_timestamps(world.log, folder, authorities=[OPENSSL]) == [kept]
    bundle = build_bundle(world.log, 0, BundleRequest(timestamps=(kept.token,), at_size=kept.size))
    policy = TrustPolicy(timestamp_authorities=(OPENSSL,), require=("when",))
    assert verify_bundle(bundle, policy=policy).answer("when").status == PROVEN


def test_token_alone_is_accepted_like_a_response(world: World, tmp_path: Path) -> None:
    token = token_of_response(ANSWER)
    assert token in ANSWER
    assert token_of_response(token) == token
    assert attach_timestamp(world.log, tmp_path, token).token == token


def test_other_authorities_are_refused(world: World, tmp_path: Path) -> None:
    with pytest.raises(UntrustedKey):
        attach_timestamp(world.log, tmp_path, ANSWER, authorities=[OURS])
    assert list(tmp_path.glob("*.tst")) == []


def test_token_over_an_unrequested_checkpoint_is_refused(world: World, tmp_path: Path) -> None:
    world.notes(4)
    with pytest.raises(UnknownTimestamp):
        attach_timestamp(world.log, tmp_path, ANSWER, authorities=[OPENSSL])
    write_request(world.log, tmp_path, size=1)
    attach_timestamp(world.log, tmp_path, ANSWER, authorities=[OPENSSL])


def test_refusal_of_the_authority_is_told(world: World, tmp_path: Path) -> None:
    refusal = der(0x30, der(0x30, der(0x02, b"\x02"), der(0x03, b"\x05\x20")))
    with pytest.raises(TimestampRefused, match="status 2"):
        attach_timestamp(world.log, tmp_path, refusal)


@pytest.mark.parametrize("raw", [b"", b"\x30", ANSWER[:-1], ANSWER + b"\x00", b"<html></html>"])
def test_answers_that_are_not_rfc_3161_are_refused(
    world: World, tmp_path: Path, raw: bytes
) -> None:
    with pytest.raises(MalformedError):
        attach_timestamp(world.log, tmp_path, raw)


def test_forged_and_altered_tokens_are_noticed(world: World, tmp_path: Path) -> None:
    body = world.log.head().body().encode()
    kept = attach_timestamp(world.log, tmp_path, token_for(body), authorities=[OURS])
    with pytest.raises(UntrustedKey):
        attach_timestamp(world.log, tmp_path, token_for(body, name="x"), authorities=[OPENSSL])
    kept.path.write_bytes(kept.token[:-1] + bytes([kept.token[-1] ^ 1]))
    with pytest.raises(BadSignature):
        stored_timestamps(world.log, tmp_path, authorities=[OURS])
