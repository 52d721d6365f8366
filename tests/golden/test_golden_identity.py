"""Golden bundles with identities: added beside v1, and verified for ever like it.

`python -m tests.golden.test_golden_identity` writes the folder again; released files stay as they
are.
"""

import hashlib
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from tests.golden.leaves import accepted_changes
from tests.golden.world import World, open_world
from tests.unit.identity.makers import (
    claims,
    did_document,
    ed25519,
    issue,
    issuer_key,
    proven,
    public_of,
    root,
    subject,
)

from diptych.provenance.bundle.build import BundleRequest, assemble_bundle
from diptych.provenance.bundle.dump import dump_bundle
from diptych.provenance.identity import (
    dump_evidence,
    identity_draft,
    message_to_bind,
    revocation_draft,
)
from diptych.provenance.statement import Draft, Subject
from diptych.provenance.trust import dump_policy, workspace_policy
from diptych_verify.evidence import PROVEN, SELF_ASSERTED
from diptych_verify.identity.document import IdentityEvidence
from diptych_verify.identity.public_key import key_of
from diptych_verify.merkle import leaf_hash
from diptych_verify.policy import TrustedIdentity, TrustPolicy
from diptych_verify.verify import verify_bundle

FOLDER = Path(__file__).parent / "v1-identity"
NAMES = ("bound", "credential", "did-web", "revoked", "x509")
RELEASED = "868776345472e697645212b3db9a88674c2507bb3a58ef3bd97c9f80b33c3cd3"
DID, MINISTRY = "did:web:hospital.example", ed25519("golden ministry")


def _evidence(keyid: str) -> dict[str, IdentityEvidence]:
    key, issuer = key_of(keyid), issuer_key(MINISTRY)
    leaf = issue(subject("Ann", "Hospital A"), public_of(keyid), by=root())
    ann = issue(subject("Ann", "Hospital A"), ed25519("golden ann").public_key(), by=root())
    signature = ed25519("golden ann").sign(message_to_bind(keyid))
    credential = proven(claims(issuer.did, key.did), MINISTRY, f"{issuer.did}#{issuer.multikey}")
    return {
        "x509": IdentityEvidence(keyid, "x509", chain=(leaf.der,)),
        "bound": IdentityEvidence(keyid, "x509", chain=(ann.der,), binding=signature),
        "did-web": IdentityEvidence(keyid, "did:web", did=DID, document=did_document(DID, key)),
        "credential": IdentityEvidence(keyid, "vc", credential=credential),
        "revoked": IdentityEvidence(keyid, "x509", chain=(leaf.der, root().der)),
    }


def _identify(world: World, evidence: IdentityEvidence) -> tuple[int, bytes]:
    raw = dump_evidence(evidence)
    (index,) = world.append([identity_draft(raw, time_s=world.now_s())], world.alice)
    return index, raw


def golden_files() -> dict[str, bytes]:
    """Build every bundle and its policy in a scratch folder."""
    written: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as scratch, open_world(Path(scratch), "identity ") as world:
        note = Draft("note", (Subject("a note", {"sha256": "00" * 32}),), world.now_s())
        (index,) = world.append([note], world.alice)
        evidence = _evidence(world.alice.keyid)
        logged = {name: _identify(world, one) for name, one in evidence.items()}
        gone = leaf_hash(world.log.entry(logged["revoked"][0])).hex()
        draft = revocation_draft(gone, reason="left", time_s=world.now_s())
        (end,) = world.append([draft], world.alice)
        world.notes(20)
        pinned = (
            TrustedIdentity(DID, hashlib.sha256(evidence["did-web"].document).digest()),
            TrustedIdentity(issuer_key(MINISTRY).did, name="Ministry"),
        )
        listed = workspace_policy(world.log)
        policy = replace(listed, signers=(), identities=pinned, identity_roots=(root().pem,))
        for name, identity in logged.items():
            revocations = (end,) if name == "revoked" else ()
            request = BundleRequest(identities=(identity,), revocations=revocations)
            written[f"{name}.diptych.json"] = dump_bundle(
                assemble_bundle(world.log, index, request)
            )
            written[f"{name}.policy.toml"] = dump_policy(policy)
    sums = "".join(f"{hashlib.sha256(written[n]).hexdigest()}  {n}\n" for n in sorted(written))
    return written | {"SHA256SUMS": sums.encode()}


def _bundle(name: str) -> bytes:
    return (FOLDER / f"{name}.diptych.json").read_bytes()


def _policy(name: str) -> TrustPolicy:
    return TrustPolicy.parse((FOLDER / f"{name}.policy.toml").read_bytes())


@pytest.mark.parametrize("name", NAMES)
def test_golden_identities_are_proven_under_their_policy_only(name: str) -> None:
    wanted = SELF_ASSERTED if name == "revoked" else PROVEN
    assert verify_bundle(_bundle(name), policy=_policy(name)).answer("who").status == wanted
    assert verify_bundle(_bundle(name)).answer("who").status == SELF_ASSERTED


def test_golden_answers_say_who() -> None:
    texts = {n: verify_bundle(_bundle(n), policy=_policy(n)).answer("who").text for n in NAMES}
    for name in ("bound", "x509"):
        assert 'is "Ann, Hospital A" (X.509, chain to root "Root R", valid at' in texts[name]
    assert 'is "hospital.example" (did:web:hospital.example, document pinned' in texts["did-web"]
    assert 'is "Hospital A" (credential of "Ministry"' in texts["credential"]
    assert 'was said to be "Ann, Hospital A"' in texts["revoked"]


@pytest.mark.parametrize("name", NAMES)
def test_every_changed_leaf_is_refused(name: str) -> None:
    policy = _policy(name)
    assert accepted_changes(_bundle(name), lambda raw: verify_bundle(raw, policy=policy)) == []


def test_released_files_are_untouched_and_today_s_writer_makes_them() -> None:
    found = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    assert found == golden_files()
    assert hashlib.sha256(found["SHA256SUMS"]).hexdigest() == RELEASED


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, content in golden_files().items():
        (FOLDER / file).write_bytes(content)
