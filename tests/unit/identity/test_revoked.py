"""Revocation lists and status lists: revoked is refused, nothing at hand is never good news."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from tests.golden.world import World, open_world
from tests.unit.identity.makers import (
    EARLY,
    FROM,
    LIST,
    UNTIL,
    Authority,
    _b64url,
    claims,
    crl,
    ed25519,
    issue,
    issuer_key,
    jwt,
    p256,
    proven,
    public_of,
    root,
    status_claims,
    status_entry,
    subject,
)
from tests.unit.identity.test_who import identify, note, who

from diptych.provenance.identity import check_evidence, dump_evidence
from diptych.provenance.trust import dump_policy
from diptych_verify.errors import BadSignature, DiptychError, IdentityRevoked, MalformedError
from diptych_verify.identity.crl import path_standing, to_der_crl
from diptych_verify.identity.document import IdentityEvidence, parse_evidence
from diptych_verify.identity.public_key import key_of
from diptych_verify.identity.standing import Standing
from diptych_verify.identity.status_list import parse_status_list
from diptych_verify.policy import TrustedIdentity, TrustPolicy

LATE = EARLY + timedelta(days=30)
MINISTRY = ed25519("ministry")
ISSUER = issuer_key(MINISTRY).did
GOOD = Standing(int(FROM.timestamp()), int(UNTIL.timestamp()))
PLACE = x509.UniformResourceIdentifier("http://ca.example/1.crl")


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path / "world") as made:
        yield made


def leaf(*extensions: x509.ExtensionType, by: Authority | None = None, **more: Any) -> Authority:
    return issue(subject("Ann"), ed25519("ann"), *extensions, by=by or root(), **more)


def standing(*lists: bytes, path: tuple[Authority, ...] = (), anchored: bool = True) -> Standing:
    chain = path or (leaf(), root())
    return path_standing([one.certificate for one in chain], lists, anchored=anchored)


def limit(**changes: Any) -> x509.IssuingDistributionPoint:
    fields: dict[str, Any] = dict.fromkeys(
        ("full_name", "relative_name", "only_some_reasons"), None
    ) | dict.fromkeys(
        (
            "only_contains_user_certs",
            "only_contains_ca_certs",
            "indirect_crl",
            "only_contains_attribute_certs",
        ),
        False,
    )
    return x509.IssuingDistributionPoint(**(fields | changes))


def test_a_list_says_good_or_since_when_revoked() -> None:
    assert standing(crl(root())) == GOOD
    assert standing(crl(root(), leaf())) == Standing(revoked_at_s=seconds(EARLY))
    assert standing(crl(root(), leaf()), crl(root(), made=(LATE, UNTIL))).revoked_at_s
    known_bad = x509.InvalidityDate(FROM.replace(tzinfo=None))
    assert standing(crl(root(), leaf(), reason=(known_bad,))).revoked_at_s == seconds(FROM)


def test_lists_of_others_or_of_another_key_of_the_same_name_say_nothing() -> None:
    assert standing() == standing(crl(root("Root S"), leaf())) == Standing()
    renewed = issue(subject("Root R"), ed25519("renewed"), ca=True)
    ids = [
        x509.SubjectKeyIdentifier.from_public_key(one.key.public_key()) for one in (root(), renewed)
    ]
    own = issue(subject("Root R"), ed25519("Root R"), ids[0], ca=True)
    by_other = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ids[1])
    path = (leaf(by=own), own)
    assert standing(crl(renewed, leaf(), extensions=(by_other,)), path=path) == Standing()
    by_own = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ids[0])
    assert standing(crl(own, leaf(), extensions=(by_own,)), path=path).revoked_at_s


def test_a_list_that_its_issuer_did_not_sign_is_refused() -> None:
    fake = issue(subject("Root R"), ed25519("mallory"), ca=True)
    with pytest.raises(BadSignature, match="not signed by its key"):
        standing(crl(fake))
    raw = bytearray(crl(root()))
    raw[-1] ^= 1
    with pytest.raises(BadSignature):
        standing(bytes(raw))
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment")
    more = ("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    for allowed in (True, False):
        usage = dict.fromkeys((*names, *more), False) | {"key_cert_sign": True, "crl_sign": allowed}
        ca = issue(subject("CA"), p256("ca"), x509.KeyUsage(**usage), ca=True)
        path = (leaf(by=ca), ca)
        if allowed:
            assert standing(crl(ca), path=path) == GOOD
        else:
            with pytest.raises(BadSignature):
                standing(crl(ca), path=path)
    with pytest.raises(MalformedError, match="bad revocation list"):
        standing(b"0")


def test_every_certificate_below_the_root_needs_a_list() -> None:
    middle = issue(subject("CA 2"), ed25519("ca2"), by=root(), ca=True)
    path = (leaf(by=middle), middle, root())
    assert standing(crl(root()), path=path) == standing(crl(middle), path=path) == Standing()
    assert standing(crl(root()), crl(middle), path=path) == GOOD
    ended = standing(crl(root(), middle), crl(middle), path=path)
    assert ended.revoked_at_s == seconds(EARLY)
    open_end = (leaf(by=middle), middle)
    assert standing(crl(middle), path=open_end, anchored=False) == Standing()
    assert standing(crl(middle), path=open_end) == GOOD
    assert standing(crl(root()), path=(root(),)) == Standing()


@pytest.mark.parametrize(
    ("point", "good", "judged"),
    [
        (limit(only_contains_user_certs=True), True, True),
        (limit(only_contains_ca_certs=True), False, True),
        (limit(full_name=[PLACE]), True, True),
        (limit(full_name=[x509.UniformResourceIdentifier("http://ca.example/2.crl")]), False, True),
        (limit(indirect_crl=True), False, False),
        (limit(only_contains_attribute_certs=True), False, False),
        (x509.DeltaCRLIndicator(1), False, False),
    ],
)
def test_partial_lists_say_no_more_than_they_hold(
    point: x509.ExtensionType, *, good: bool, judged: bool
) -> None:
    named = x509.CRLDistributionPoints([x509.DistributionPoint([PLACE], None, None, None)])
    path = (leaf(named, critical=False), root())
    assert (standing(crl(root(), extensions=(point,)), path=path) == GOOD) is good
    ended = standing(crl(root(), path[0], extensions=(point,)), path=path)
    assert (ended.revoked_at_s is not None) is judged


def test_a_list_made_after_the_end_of_a_certificate_may_have_dropped_it() -> None:
    path = (leaf(valid=(FROM, EARLY)), root())
    assert standing(crl(root(), made=(LATE, UNTIL)), path=path) == Standing()
    assert standing(crl(root(), path[0], made=(LATE, UNTIL)), path=path).revoked_at_s


def test_lists_are_read_as_pem_and_der() -> None:
    raw = crl(root())
    pem = x509.load_der_x509_crl(raw).public_bytes
    from cryptography.hazmat.primitives.serialization import Encoding

    assert to_der_crl(pem(Encoding.PEM)) == to_der_crl(raw) == raw
    with pytest.raises(MalformedError):
        to_der_crl(b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")


def certified(world: World, *crls: bytes) -> IdentityEvidence:
    one = issue(subject("Ann"), public_of(world.alice.keyid), by=root())
    return IdentityEvidence(world.alice.keyid, "x509", chain=(one.der,), crls=crls)


def answer(world: World, evidence: IdentityEvidence, policy: TrustPolicy) -> tuple[str, str]:
    index, identity = note(world), identify(world, evidence)
    assert parse_evidence(identity[1]) == evidence
    found = who(world, index, identities=(identity,), policy=policy)
    return found.status, found.text


def rooted(*lists: bytes) -> TrustPolicy:
    return TrustPolicy(identity_roots=(root().pem,), identity_crls=lists)


def around(world: World) -> tuple[datetime, datetime]:
    now = datetime.fromtimestamp(world.now_s(), tz=UTC)
    return now - timedelta(days=1), now + timedelta(days=1)


@pytest.mark.parametrize("carried", [True, False])
def test_the_answer_says_as_of_when_or_that_the_list_is_old(world: World, *, carried: bool) -> None:
    before, after = around(world)

    def said(raw: bytes) -> str:
        given = certified(world, raw) if carried else certified(world)
        status, text = answer(world, given, rooted() if carried else rooted(raw))
        assert status == "proven"
        return text

    assert "certificate not revoked as of 2" in said(crl(root(), made=(before, after)))
    stale = said(crl(root(), made=(before - timedelta(days=9), before)))
    assert "certificate revocation not checked: its list ended at 2" in stale
    assert "certificate revocation not checked)" in said(crl(root("Root S")))


@pytest.mark.parametrize("carried", [True, False])
def test_a_revoked_certificate_is_refused(world: World, *, carried: bool) -> None:
    one = issue(subject("Ann"), public_of(world.alice.keyid), by=root())
    raw = crl(root(), one, at=around(world)[1])
    given = certified(world, raw) if carried else certified(world)
    with pytest.raises(IdentityRevoked, match="the certificate behind the signing key"):
        answer(world, given, rooted() if carried else rooted(raw))
    assert answer(world, certified(world), rooted())[0] == "proven"


def test_what_was_signed_before_for_sure_outlives_a_revocation() -> None:
    ended = Standing(revoked_at_s=200)
    assert "revoked at 1970-01-01T00:03:20Z, after that" in ended.at("x", signed_s=1, proven_s=199)
    for proven_s in (None, 200, 300):
        with pytest.raises(IdentityRevoked):
            ended.at("x", signed_s=1, proven_s=proven_s)
    with pytest.raises(IdentityRevoked):
        Standing(revoked_at_s=0).at("x", signed_s=1, proven_s=1)
    known = Standing.of_lists([Standing(100, 150), Standing(revoked_at_s=0)])
    assert known == Standing(revoked_at_s=100)


def listed(world: World, *lists: bytes, **entry: Any) -> IdentityEvidence:
    about = key_of(world.alice.keyid).did
    raw = jwt(claims(ISSUER, about, **status_entry(5, **entry)), MINISTRY, "EdDSA")
    return IdentityEvidence(world.alice.keyid, "vc", credential=raw, status_lists=lists)


def dated(world: World, taken: tuple[int, ...] = (), **changes: Any) -> dict[str, Any]:
    first, last = (one.isoformat(timespec="seconds") for one in around(world))
    return status_claims(ISSUER, taken) | {"validFrom": first, "validUntil": last} | changes


def pinned(*lists: bytes) -> TrustPolicy:
    known = (TrustedIdentity(ISSUER),)
    return TrustPolicy(identities=known, identity_status_lists=lists)


@pytest.mark.parametrize("form", ["jwt", "proof"])
@pytest.mark.parametrize("carried", [True, False])
def test_a_bit_in_a_status_list_ends_a_credential(
    world: World, form: str, *, carried: bool
) -> None:
    def said(taken: tuple[int, ...], **changes: Any) -> str:
        made = dated(world, taken, **changes)
        method = f"{ISSUER}#{ISSUER.removeprefix('did:key:')}"
        raw = jwt(made, MINISTRY, "EdDSA") if form == "jwt" else proven(made, MINISTRY, method)
        given = listed(world, raw) if carried else listed(world)
        return answer(world, given, pinned() if carried else pinned(raw))[1]

    assert "credential not revoked as of 2" in said((4, 6))
    with pytest.raises(IdentityRevoked, match="credential behind the signing key"):
        said((5,))
    old = {"validUntil": "2026-01-02T00:00:00Z"}
    assert "credential revocation not checked: its list ended at" in said((4,), **old)
    assert "credential revocation not checked)" in said((4,), id=f"{LIST}/other")


def test_only_the_issuer_can_say_that_a_credential_is_good(world: World) -> None:
    other = issuer_key(ed25519("mallory")).did
    foreign = jwt(dated(world, issuer=other), ed25519("mallory"), "EdDSA")
    assert (
        "credential revocation not checked)" in answer(world, listed(world, foreign), pinned())[1]
    )
    forged = jwt(dated(world), ed25519("mallory"), "EdDSA")
    with pytest.raises(BadSignature):
        answer(world, listed(world, forged), pinned())


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "StatusList2021Entry"},
        {"statusSize": 2},
        {"statusListIndex": "05"},
        {"statusListIndex": 5},
        {"statusPurpose": "suspension"},
    ],
)
def test_entries_that_no_list_answers_are_not_checked(world: World, entry: dict[str, Any]) -> None:
    raw = jwt(dated(world, (5,)), MINISTRY, "EdDSA")
    _, text = answer(world, listed(world, raw, **entry), pinned())
    assert "credential revocation not checked)" in text


def test_suspended_is_refused_like_revoked_and_messages_are_not_judged(world: World) -> None:
    both = ["suspension", "message"]
    bits = status_claims(ISSUER, (5,), statusPurpose=both)["credentialSubject"]
    raw = jwt(dated(world, credentialSubject=bits), MINISTRY, "EdDSA")
    with pytest.raises(IdentityRevoked):
        answer(world, listed(world, raw, statusPurpose="suspension"), pinned())
    status, text = answer(world, listed(world, raw, statusPurpose="message"), pinned())
    assert (status, "credential revocation" in text) == ("proven", False)


def test_without_the_issuers_key_a_list_is_worth_nothing(world: World) -> None:
    web = claims("did:web:ministry.example", key_of(world.alice.keyid).did, **status_entry(5))
    lists = (jwt(dated(world, issuer="did:web:ministry.example"), MINISTRY, "EdDSA"),)
    raw = jwt(web, MINISTRY, "EdDSA")
    given = IdentityEvidence(world.alice.keyid, "vc", credential=raw, status_lists=lists)
    assert check_evidence(dump_evidence(given)).standing == Standing()


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        bytes(1 << 14),
        gzip.compress(bytes((1 << 14) - 1), mtime=0),
        gzip.compress(bytes(64 << 20), mtime=0),
        gzip.compress(bytes(1 << 14), mtime=0)[:-1],
        gzip.compress(bytes(1 << 14), mtime=0) + b"more",
    ],
    ids=["empty", "not packed", "too short", "a bomb", "cut off", "more behind"],
)
def test_bits_are_one_gzip_of_bounded_size(packed: bytes) -> None:
    fine = parse_status_list(jwt(status_claims(ISSUER, {0, 9}), MINISTRY, "EdDSA"))
    assert [index for index in range(64) if fine.is_set(index)] == [0, 9]
    with pytest.raises(MalformedError):
        fine.is_set(8 * len(fine.bits))
    changed = status_claims(ISSUER, encodedList=f"u{_b64url(packed)}")
    with pytest.raises(MalformedError, match="status list"):
        parse_status_list(jwt(changed, MINISTRY, "EdDSA"))


def test_other_credentials_are_no_status_lists() -> None:
    for changes in (
        {"type": ["VerifiableCredential"]},
        {"credentialSubject": {"type": "BitstringStatusList2", "encodedList": "u"}},
        {"id": 4},
    ):
        with pytest.raises(MalformedError):
            parse_status_list(jwt(status_claims(ISSUER) | changes, MINISTRY, "EdDSA"))
    no_base = status_claims(ISSUER, encodedList="zzz")
    with pytest.raises(MalformedError, match="base64url"):
        parse_status_list(jwt(no_base, MINISTRY, "EdDSA"))


def test_lists_in_a_policy_are_parsed_written_and_refused_when_broken() -> None:
    good = TrustPolicy(
        identity_crls=(crl(root()),),
        identity_status_lists=(jwt(status_claims(ISSUER), MINISTRY, "EdDSA"),),
    )
    raw = dump_policy(good)
    assert TrustPolicy.parse(raw) == good
    for before, after in ((b"X509 CRL", b"X509 CRT"), (b'credential = "ey', b'credential = "ex')):
        assert before in raw
        with pytest.raises(DiptychError):
            TrustPolicy.parse(raw.replace(before, after))


def test_evidence_with_empty_or_doubled_lists_is_refused(world: World) -> None:
    one = crl(root())
    for lists in ((b"",), (one, one)):
        with pytest.raises(MalformedError, match="crls"):
            dump_evidence(replace(certified(world), crls=lists))
