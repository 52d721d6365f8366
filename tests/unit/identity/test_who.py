"""`who` with identities: proven under the policy, else said only; never for another key."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from tests.golden.world import World, open_world
from tests.unit.identity.makers import (
    claims,
    did_document,
    ed25519,
    issue,
    issuer_key,
    jwt,
    public_of,
    root,
    subject,
)

from diptych.core.canonical import canonical_json
from diptych.provenance.bundle import BundleRequest, build_bundle
from diptych.provenance.identity import dump_evidence, identity_draft, revocation_draft
from diptych.provenance.keys.signer import Signer
from diptych.provenance.statement import Draft, Subject
from diptych.provenance.trust import dump_policy, workspace_policy
from diptych_verify.errors import (
    DigestMismatch,
    IdentityMismatch,
    MalformedError,
    RequirementUnmet,
    UntrustedKey,
)
from diptych_verify.evidence import PROVEN, SELF_ASSERTED, Answer
from diptych_verify.identity.document import IdentityEvidence
from diptych_verify.identity.public_key import key_of
from diptych_verify.merkle import leaf_hash
from diptych_verify.policy import TrustedIdentity, TrustPolicy
from diptych_verify.verify import verify_bundle

DID = "did:web:hospital.example"
MULTIKEY = issuer_key(ed25519("pinned")).multikey
DIGEST = 'document_sha256 = "' + "0" * 64 + '"'


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path / "world") as made:
        yield made


def note(world: World, signer: Signer | None = None) -> int:
    draft = Draft("note", (Subject("a note", {"sha256": "00" * 32}),), world.now_s())
    return world.append([draft], signer or world.alice)[0]


def identify(
    world: World, evidence: IdentityEvidence, signer: Signer | None = None
) -> tuple[int, bytes]:
    raw = dump_evidence(evidence)
    draft = identity_draft(raw, time_s=world.now_s())
    return world.append([draft], signer or world.alice)[0], raw


def revoke(world: World, index: int) -> int:
    record = leaf_hash(world.log.entry(index)).hex()
    draft = revocation_draft(record, reason="left", time_s=world.now_s())
    return world.append([draft], world.alice)[0]


def who(world: World, index: int, *, policy: TrustPolicy | None = None, **request: Any) -> Answer:
    raw = build_bundle(world.log, index, BundleRequest(**request))
    if policy is not None:
        assert TrustPolicy.parse(dump_policy(policy)) == policy
    return verify_bundle(raw, policy=policy).answer("who")


def web(world: World) -> IdentityEvidence:
    keyid = world.alice.keyid
    return IdentityEvidence(keyid, "did:web", did=DID, document=did_document(DID, key_of(keyid)))


def certified(world: World) -> IdentityEvidence:
    leaf = issue(subject("Ann", "Hospital A"), public_of(world.alice.keyid), by=root())
    return IdentityEvidence(world.alice.keyid, "x509", chain=(leaf.der,))


def test_without_identity_the_bare_key_is_shown(world: World) -> None:
    answer = who(world, note(world))
    assert (answer.status, "identities" in answer.evidence) == (SELF_ASSERTED, False)
    assert "which" not in answer.text


def test_x509_under_a_pinned_root_is_proven_and_shown_with_its_root(world: World) -> None:
    index = note(world)
    identity = identify(world, certified(world))
    answer = who(
        world, index, identities=(identity,), policy=TrustPolicy(identity_roots=(root().pem,))
    )
    assert answer.status == PROVEN
    assert 'is "Ann, Hospital A" (X.509, chain to root "Root R", valid at' in answer.text
    assert "(claimed by the signer), certificate revocation not checked)" in answer.text


@pytest.mark.parametrize("roots", [(), (root("Root S").pem,)])
def test_x509_without_its_root_is_said_only(world: World, roots: tuple[str, ...]) -> None:
    index, identity = note(world), identify(world, certified(world))
    answer = who(world, index, identities=(identity,), policy=TrustPolicy(identity_roots=roots))
    assert answer.status == SELF_ASSERTED
    assert 'says it is "Ann, Hospital A" (X.509, chain to no pinned root' in answer.text


def test_did_web_counts_by_its_pinned_document_or_key_only(world: World) -> None:
    index, evidence = note(world), web(world)
    identity = identify(world, evidence)
    digest = hashlib.sha256(evidence.document).digest()
    key = key_of(world.alice.keyid).multikey
    for pinned, status in (
        (TrustedIdentity(DID, digest, name="A"), PROVEN),
        (TrustedIdentity(DID, key=key), PROVEN),
        (TrustedIdentity(DID, bytes(32)), SELF_ASSERTED),
        (TrustedIdentity("did:web:other.example", digest), SELF_ASSERTED),
    ):
        policy = TrustPolicy(identities=(pinned,))
        assert who(world, index, identities=(identity,), policy=policy).status == status, pinned


def test_a_credential_counts_if_its_issuer_is_pinned(world: World) -> None:
    issuer = ed25519("ministry")
    did = issuer_key(issuer).did
    credential = jwt(claims(did, key_of(world.alice.keyid).did), issuer, "EdDSA")
    evidence = IdentityEvidence(world.alice.keyid, "vc", credential=credential)
    index, identity = note(world), identify(world, evidence)
    policy = TrustPolicy(identities=(TrustedIdentity(did, name="Ministry"),))
    answer = who(world, index, identities=(identity,), policy=policy)
    assert answer.status == PROVEN
    assert f'is "Hospital A" (credential of "Ministry" ({did})' in answer.text
    assert who(world, index, identities=(identity,)).status == SELF_ASSERTED


def test_a_policy_can_require_who_by_identity_alone(world: World) -> None:
    index, identity = note(world), identify(world, certified(world))
    policy = TrustPolicy(require=("who",), identity_roots=(root().pem,))
    assert who(world, index, identities=(identity,), policy=policy).status == PROVEN
    with pytest.raises(RequirementUnmet):
        who(world, index, policy=policy)


def test_an_identity_does_not_open_a_policy_that_lists_signers(world: World) -> None:
    world.key("add", world.carol.keyid, world.alice)
    leaf = issue(subject("Carol"), public_of(world.carol.keyid), by=root())
    evidence = IdentityEvidence(world.carol.keyid, "x509", chain=(leaf.der,))
    identity, index = identify(world, evidence, world.carol), note(world, world.carol)
    policy = TrustPolicy.parse(
        dump_policy(TrustPolicy(identity_roots=(root().pem,)))
        + f'[[signers]]\nkeyid = "{world.alice.keyid}"\n'.encode()
    )
    with pytest.raises(UntrustedKey):
        who(world, index, identities=(identity,), policy=policy)


def test_nobody_can_claim_another_key(world: World) -> None:
    world.key("add", world.carol.keyid, world.alice)
    identity = identify(world, certified(world), world.carol)
    with pytest.raises(IdentityMismatch, match="not signed by that key itself"):
        who(world, note(world, world.carol), identities=(identity,))


def test_a_rotated_key_does_not_inherit_the_name(world: World) -> None:
    identity = identify(world, certified(world))
    world.key("rotate", world.carol.keyid, world.alice, replaces=world.alice.keyid)
    answer = who(world, note(world, world.carol))
    assert "which" not in answer.text
    with pytest.raises(Exception, match="not related to the subject"):
        who(world, note(world, world.carol), identities=(identity,))


def test_an_ended_key_cannot_take_a_name(world: World) -> None:
    before = note(world)
    world.key("rotate", world.carol.keyid, world.alice, replaces=world.alice.keyid)
    identity = identify(world, certified(world))
    with pytest.raises(UntrustedKey, match="revoked or replaced"):
        who(world, before, identities=(identity,))


def test_a_revoked_identity_is_shown_as_such_and_proves_nothing(world: World) -> None:
    index, identity = note(world), identify(world, certified(world))
    ended = revoke(world, identity[0])
    policy = TrustPolicy(identity_roots=(root().pem,))
    answer = who(world, index, identities=(identity,), revocations=(ended,), policy=policy)
    assert answer.status == SELF_ASSERTED
    assert f"revoked at index {ended}" in answer.text
    assert 'was said to be "Ann, Hospital A"' in answer.text


def test_evidence_that_no_record_names_is_refused(world: World) -> None:
    from diptych.provenance.bundle.build import assemble_bundle
    from diptych.provenance.bundle.dump import dump_bundle

    index, (at, _) = note(world), identify(world, certified(world))
    other = dump_evidence(web(world))
    bundle = assemble_bundle(world.log, index, BundleRequest(identities=((at, other),)))
    with pytest.raises(DigestMismatch, match="no identity record"):
        verify_bundle(dump_bundle(bundle))
    bare = dump_bundle(replace(bundle, identities=()))
    assert "which" not in verify_bundle(bare).answer("who").text


def test_a_listed_signer_keeps_the_name_of_the_policy(world: World) -> None:
    index, identity = note(world), identify(world, web(world))
    policy = workspace_policy(world.log, names={world.alice.keyid: "Alice"})
    answer = who(world, index, identities=(identity,), policy=policy)
    assert answer.status == PROVEN
    assert "signed by Alice (ed25519:" in answer.text
    assert 'says it is "hospital.example"' in answer.text


def dated(world: World, valid: tuple[datetime, datetime]) -> IdentityEvidence:
    leaf = issue(subject("Ann"), public_of(world.alice.keyid), by=root(), valid=valid)
    return IdentityEvidence(world.alice.keyid, "x509", chain=(leaf.der,))


PINNED = TrustPolicy(identity_roots=(root().pem,))
BEFORE = (datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
AFTER = (datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("valid", "said"),
    [(BEFORE, "expired at 2026-01-01"), (AFTER, "not valid before 2026-12-01")],
)
def test_a_certificate_outside_its_validity_proves_nothing(
    world: World, valid: tuple[datetime, datetime], said: str
) -> None:
    index, identity = note(world), identify(world, dated(world, valid))
    answer = who(world, index, identities=(identity,), policy=PINNED)
    assert (answer.status, said in answer.text) == (SELF_ASSERTED, True)
    assert 'is said to be "Ann"' in answer.text


def test_a_proven_time_is_said_to_be_proven(world: World) -> None:
    index, identity = note(world), identify(world, certified(world))
    world.cosign()
    policy = replace(PINNED, witnesses=(world.witness.key,))
    answer = who(world, index, identities=(identity,), policy=policy)
    assert "valid at 2026-11-23T10:00:00Z (proven)" in answer.text


def test_several_methods_stand_side_by_side_best_first(world: World) -> None:
    index = note(world)
    both = (identify(world, web(world)), identify(world, certified(world)))
    answer = who(world, index, identities=both, policy=PINNED)
    shown = cast("list[dict[str, str]]", answer.evidence["identities"])
    assert [one["method"] for one in shown] == ["x509", "did:web"]
    assert 'is "Ann, Hospital A"' in answer.text


def test_hostile_names_cannot_leave_their_quotes(world: World) -> None:
    name = 'Ann" is proven\n\x1b[2J\u202e, which is "A" (pinned'
    leaf = issue(subject(name), public_of(world.alice.keyid), by=root())
    evidence = IdentityEvidence(world.alice.keyid, "x509", chain=(leaf.der,))
    text = who(world, note(world), identities=(identify(world, evidence),)).text
    assert text.count('"') == 2
    assert not any(one in text for one in "\n\x1b\u202e")


@pytest.mark.parametrize(
    "table",
    [
        '[[identities]]\ndid = "did:web:a.example"',
        '[[identities]]\ndid = "did:web:a.example"\ndocument_sha256 = "00"',
        f'[[identities]]\ndid = "did:web:a.example"\nkey = "{MULTIKEY}"\n{DIGEST}',
        '[[identities]]\ndid = "did:web:a.example"\nkey = "z6Mk"',
        '[[identities]]\ndid = "did:key:z6Mk"',
        f'[[identities]]\ndid = "https://a.example"\nkey = "{MULTIKEY}"',
        f'[[identities]]\ndid = "did:web:a.example"\nkey = "{MULTIKEY}"\nurl = "x"',
        f'[[identities]]\ndid = "did:key:{MULTIKEY}"\nkey = "{MULTIKEY}"',
        '[[identity_roots]]\ncertificate = "x"',
        "identities = []",
    ],
)
def test_policies_with_half_an_identity_are_refused(table: str) -> None:
    with pytest.raises(MalformedError):
        TrustPolicy.parse(f'format = "diptych-policy/1"\n{table}\n'.encode())
    fine = f'format = "diptych-policy/1"\n[[identities]]\ndid = "did:key:{MULTIKEY}"\n'
    assert TrustPolicy.parse(fine.encode()).identities[0].public_key is not None


def test_changed_evidence_is_refused(world: World) -> None:
    index, identity = note(world), identify(world, certified(world))
    raw = json.loads(build_bundle(world.log, index, BundleRequest(identities=(identity,))))
    text = raw["identities"][0]
    for at in range(0, len(text), 97):
        other = "A" if text[at] != "A" else "B"
        raw["identities"] = [text[:at] + other + text[at + 1 :]]
        with pytest.raises((DigestMismatch, MalformedError)):
            verify_bundle(canonical_json(raw))
