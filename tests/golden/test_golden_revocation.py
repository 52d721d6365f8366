"""Golden bundles with revocation and status lists: good ones verify, revoked ones never do again.

`python -m tests.golden.test_golden_revocation` writes the folder again; released files stay as they
are.
"""

import hashlib
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from tests.golden.leaves import accepted_changes
from tests.golden.world import open_world
from tests.unit.identity.makers import (
    claims,
    crl,
    ed25519,
    issue,
    issuer_key,
    jwt,
    proven,
    public_of,
    root,
    status_claims,
    status_entry,
    subject,
)

from diptych.provenance.bundle.build import BundleRequest, assemble_bundle
from diptych.provenance.bundle.dump import dump_bundle
from diptych.provenance.identity import dump_evidence, identity_draft
from diptych.provenance.statement import Draft, Subject
from diptych.provenance.trust import dump_policy, workspace_policy
from diptych_verify.errors import IdentityRevoked
from diptych_verify.evidence import PROVEN
from diptych_verify.identity.document import IdentityEvidence
from diptych_verify.identity.public_key import key_of
from diptych_verify.policy import TrustedIdentity, TrustPolicy
from diptych_verify.verify import verify_bundle

FOLDER = Path(__file__).parent / "v1-revocation"
NAMES = ("credential", "x509")
RELEASED = "38f9ced9563b64cc65d4053ee3a96bf7b744620230cb14e5aaceb8de1b0fd35a"
# GZIP of 16 KiB in which bit 3 is set; as text, since other versions of zlib pack otherwise.
PACKED = "uH4sIAAAAAAACA-3BIQEAAAACICf4f60zLEADAAAAAAAAAAAAAAAAAAAAvA16YgrEAEAAAA"
PACKED_LATER = "uH4sIAAAAAAACA-3BIQEAAAACIKP_FzvDAjQAAAAAAAAAAAAAAAAAAADA2wD4ivucAEAAAA"  # bit 4
MINISTRY = ed25519("golden ministry")


def golden_files() -> dict[str, bytes]:
    """Build each bundle, its policy, and one with the list that ends it, in a scratch folder."""
    written: dict[str, bytes] = {}
    issuer = issuer_key(MINISTRY)
    method = f"{issuer.did}#{issuer.multikey}"
    status = proven(status_claims(issuer.did, encodedList=PACKED), MINISTRY, method)
    with tempfile.TemporaryDirectory() as scratch, open_world(Path(scratch), "revoked ") as world:
        keyid = world.alice.keyid
        leaf = issue(subject("Ann", "Hospital A"), public_of(keyid), by=root())
        about = claims(issuer.did, key_of(keyid).did, **status_entry(4))
        told = jwt(about, MINISTRY, "EdDSA")
        evidence = {
            "x509": IdentityEvidence(keyid, "x509", chain=(leaf.der,), crls=(crl(root()),)),
            "credential": IdentityEvidence(keyid, "vc", credential=told, status_lists=(status,)),
        }
        note = Draft("note", (Subject("a note", {"sha256": "00" * 32}),), world.now_s())
        (index,) = world.append([note], world.alice)
        logged = {name: dump_evidence(one) for name, one in evidence.items()}
        drafts = [identity_draft(raw, time_s=world.now_s()) for raw in logged.values()]
        places = world.append(drafts, world.alice)
        world.notes(20)
        policy = replace(
            workspace_policy(world.log),
            signers=(),
            identities=(TrustedIdentity(issuer.did, name="Ministry"),),
            identity_roots=(root().pem,),
        )
        later = status_claims(issuer.did, encodedList=PACKED_LATER)
        ended = {
            "x509": replace(policy, identity_crls=(crl(root(), leaf),)),
            "credential": replace(policy, identity_status_lists=(jwt(later, MINISTRY, "EdDSA"),)),
        }
        for place, (name, raw) in zip(places, logged.items(), strict=True):
            made = assemble_bundle(world.log, index, BundleRequest(identities=((place, raw),)))
            written[f"{name}.diptych.json"] = dump_bundle(made)
            written[f"{name}.policy.toml"] = dump_policy(policy)
            written[f"{name}.ended.toml"] = dump_policy(ended[name])
    sums = "".join(f"{hashlib.sha256(written[n]).hexdigest()}  {n}\n" for n in sorted(written))
    return written | {"SHA256SUMS": sums.encode()}


def _bundle(name: str) -> bytes:
    return (FOLDER / f"{name}.diptych.json").read_bytes()


def _policy(name: str) -> TrustPolicy:
    return TrustPolicy.parse((FOLDER / name).read_bytes())


@pytest.mark.parametrize("name", NAMES)
def test_golden_lists_are_shown_and_later_ones_end_it(name: str) -> None:
    answer = verify_bundle(_bundle(name), policy=_policy(f"{name}.policy.toml")).answer("who")
    what = "certificate" if name == "x509" else "credential"
    assert (answer.status, f"{what} not revoked as of 2026-01-01" in answer.text) == (PROVEN, True)
    with pytest.raises(IdentityRevoked, match=f"the {what} behind the signing key"):
        verify_bundle(_bundle(name), policy=_policy(f"{name}.ended.toml"))


@pytest.mark.parametrize("name", NAMES)
def test_every_changed_leaf_is_refused(name: str) -> None:
    policy = _policy(f"{name}.policy.toml")
    assert accepted_changes(_bundle(name), lambda raw: verify_bundle(raw, policy=policy)) == []


def test_released_files_are_untouched_and_today_s_writer_makes_them() -> None:
    found = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    assert found == golden_files()
    assert hashlib.sha256(found["SHA256SUMS"]).hexdigest() == RELEASED


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, content in golden_files().items():
        (FOLDER / file).write_bytes(content)
