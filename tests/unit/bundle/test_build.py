"""Bundles carry what a verifier needs, no more, and refuse parts that do not belong together."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.golden.evidence import anchor_of, token_for, trusted_anchor, trusted_block
from tests.golden.world import FILES, World, log_signer, open_world, seed, write_files

from diptych.provenance.bundle import (
    BadBundleRequest,
    BundleRequest,
    MissingAncestor,
    build_bundle,
    dump_bundle,
)
from diptych.provenance.log.errors import NoSuchEntry
from diptych.provenance.statement import Draft, Edge, Subject
from diptych.provenance.trust import workspace_policy
from diptych_verify.bundle import parse_bundle
from diptych_verify.errors import BadSignature, DigestMismatch, UntrustedKey
from diptych_verify.evidence import PROVEN
from diptych_verify.note import Checkpoint, note_signature_line, parse_note
from diptych_verify.policy import TrustPolicy
from diptych_verify.verify import verify_bundle


def indexes(bundle: bytes) -> list[int]:
    return [record.index for record in parse_bundle(bundle).records]


def test_record_can_be_named_by_index_or_id(world: World) -> None:
    sealed = world.dataset("trial", FILES)
    assert build_bundle(world.log, sealed.index) == build_bundle(world.log, sealed.record_id)
    for unknown in (sealed.index + 1, -1, bytes(32)):
        with pytest.raises(BadBundleRequest, match="not among the first 2 entries"):
            build_bundle(world.log, unknown)


def test_bundle_is_canonical_and_small(world: World) -> None:
    sealed = world.dataset("patients", FILES)
    world.notes(1000)
    bundle = build_bundle(world.log, sealed.index)
    assert len(bundle) <= 4096
    anchor = anchor_of(world.log.key, world.log.head())
    anchored = build_bundle(world.log, sealed.index, BundleRequest(anchor=anchor))
    assert len(anchored) <= 16_384
    assert json.loads(bundle).keys() == {"format", "log", "checkpoint", "records"}


def test_bundle_stays_small_in_a_log_of_a_million_entries(world: World) -> None:
    sealed = world.dataset("patients", FILES)
    early = world.log.head()
    world.notes(1)
    anchor = anchor_of(world.log.key, early)
    signer = log_signer()
    note = Checkpoint(world.log.origin, 1_000_000, bytes(32)).body()
    line = note_signature_line(signer.key.name, signer.key.key_hash, signer.sign(note.encode()))

    def grown(request: BundleRequest) -> int:
        bundle = parse_bundle(build_bundle(world.log, sealed.index, request))
        records = tuple(
            replace(one, index=one.index and 999_998, proof=(seed("hash"),) * 20)
            for one in bundle.records
        )
        heads = tuple(
            replace(head, size=999_997, proof=(seed("hash"),) * 21) for head in bundle.consistency
        )
        checkpoint = parse_note(f"{note}\n{line}")
        return len(
            dump_bundle(replace(bundle, checkpoint=checkpoint, records=records, consistency=heads))
        )

    assert grown(BundleRequest()) <= 4096
    assert grown(BundleRequest(anchor=anchor)) <= 16_384


def test_signer_is_shown_by_all_key_records_about_it(world: World) -> None:
    added = world.key("add", world.bob.keyid, world.alice)
    mine = world.dataset("mine", FILES)
    theirs = world.dataset("theirs", FILES, signer=world.bob)
    assert indexes(build_bundle(world.log, mine.index)) == [mine.index, 0]
    assert indexes(build_bundle(world.log, theirs.index)) == [theirs.index, 0, added]
    revoked = world.key("revoke", world.bob.keyid, world.alice)
    bundle = build_bundle(world.log, theirs.index)
    assert indexes(bundle) == [theirs.index, 0, added, revoked]
    who = verify_bundle(bundle).answer("who")
    assert f"ended later, at index {revoked}" in who.text


def test_rotation_shows_both_keys(world: World) -> None:
    old = world.dataset("old", FILES)
    rotated = world.key("rotate", world.carol.keyid, world.alice, replaces=world.alice.keyid)
    new = world.dataset("new", FILES, signer=world.carol)
    assert indexes(build_bundle(world.log, old.index)) == [old.index, 0, rotated]
    assert indexes(build_bundle(world.log, new.index)) == [new.index, 0, rotated]
    first_only = replace(workspace_policy(world.log), require=("who",))
    first_only = replace(first_only, signers=first_only.signers[:1])
    verify_bundle(build_bundle(world.log, new.index), policy=first_only)


def test_records_of_invalid_signers_are_not_bundled(world: World) -> None:
    never = world.dataset("never", FILES, signer=world.bob)
    with pytest.raises(UntrustedKey):
        build_bundle(world.log, never.index)
    world.key("add", world.bob.keyid, world.alice)
    with pytest.raises(UntrustedKey, match="added later"):
        build_bundle(world.log, never.index)


def test_lineage_takes_every_ancestor_once(world: World) -> None:
    one = world.dataset("one", {"a": b"1"})
    two = world.dataset("two", {"b": b"2"}, sources=[one.record_id])
    three = world.dataset("three", {"c": b"3"}, sources=[one.record_id, two.record_id])
    plain = build_bundle(world.log, three.index)
    assert indexes(plain) == [three.index, 0]
    traced = build_bundle(world.log, three.index, BundleRequest(lineage=True))
    assert indexes(traced) == [three.index, one.index, two.index, 0]
    evidence = verify_bundle(traced, policy=workspace_policy(world.log), lineage=True)
    assert evidence.answer("derived_from").status == PROVEN
    assert len(evidence.lineage) == 3


def test_lineage_out_of_the_log_is_named(world: World) -> None:
    elsewhere = "ab" * 32
    lost = world.dataset("lost", FILES, sources=[bytes.fromhex(elsewhere)])
    build_bundle(world.log, lost.index)
    with pytest.raises(MissingAncestor) as caught:
        build_bundle(world.log, lost.index, BundleRequest(lineage=True))
    assert caught.value.details["missing"] == [elsewhere]


def test_edges_that_are_no_ancestry_are_not_followed(world: World) -> None:
    old = world.dataset("v1", {"a": b"1"})
    edge = Edge("supersedes", old.record_id.hex())
    draft = Draft("note", (Subject("v2", {"sha256": "ab" * 32}),), world.now_s(), (edge,))
    (new,) = world.append([draft], world.alice)
    assert indexes(build_bundle(world.log, new, BundleRequest(lineage=True))) == [new, 0]


def test_manifest_lets_a_changed_file_be_named(world: World, tmp_path: Path) -> None:
    sealed = world.dataset("trial", FILES)
    other = world.dataset("other", {"x": b"1"})
    bundle = build_bundle(world.log, sealed.index, BundleRequest(manifest=sealed.manifest))
    folder = write_files(tmp_path / "trial", FILES)
    verify_bundle(bundle, path=folder)
    (folder / "readings/b.csv").write_bytes(b"forged")
    with pytest.raises(DigestMismatch) as caught:
        verify_bundle(bundle, path=folder)
    assert caught.value.details["changed"] == ["readings/b.csv"]
    for manifest in (other.manifest, b""):
        with pytest.raises(BadBundleRequest):
            build_bundle(world.log, sealed.index, BundleRequest(manifest=manifest))


def test_disclosed_fields_belong_to_a_private_seal(world: World) -> None:
    index, tree = world.private([("name", "Ada"), ("age", 36)])
    sealed = world.dataset("trial", FILES)
    request = BundleRequest(disclosed=(tree.reveal(1),))
    bundle = build_bundle(world.log, index, request)
    assert b"Ada" not in bundle
    assert "1 of 2 fields shown" in verify_bundle(bundle).answer("untampered").text
    with pytest.raises(BadBundleRequest):
        build_bundle(world.log, sealed.index, request)


def test_anchor_is_proven_under_its_own_and_a_later_checkpoint(world: World) -> None:
    sealed = world.dataset("trial", FILES)
    head = world.log.head()
    anchor = anchor_of(world.log.key, head)
    world.notes(20)
    uncovered = world.dataset("late", FILES)
    policy = TrustPolicy(
        require=("when",), anchors=(trusted_anchor(anchor),), blocks=(trusted_block(anchor),)
    )
    for request in (
        BundleRequest(anchor=anchor, at_size=head.size),
        BundleRequest(anchor=anchor),
    ):
        bundle = build_bundle(world.log, sealed.index, request)
        assert verify_bundle(bundle, policy=policy).answer("when").status == PROVEN
    with pytest.raises(BadBundleRequest, match=f"the anchor covers {head.size} entries"):
        build_bundle(world.log, uncovered.index, BundleRequest(anchor=anchor))


def test_anchor_of_another_log_is_refused(world: World, tmp_path: Path) -> None:
    sealed = world.dataset("trial", FILES)
    with open_world(tmp_path / "other", "other ") as other:
        other.dataset("trial", FILES)
        foreign = anchor_of(other.log.key, other.log.head())
    with pytest.raises(BadBundleRequest, match="is not of log"):
        build_bundle(world.log, sealed.index, BundleRequest(anchor=foreign))


def test_consistency_connects_to_what_the_receiver_saw(world: World) -> None:
    sealed = world.dataset("trial", FILES)
    policy = workspace_policy(world.log)
    seen = world.log.size
    world.notes(5)
    request = BundleRequest(consistency_with=(0, seen, world.log.size))
    bundle = build_bundle(world.log, sealed.index, request)
    assert [head.size for head in parse_bundle(bundle).consistency] == [seen]
    verify_bundle(bundle, policy=policy)
    with pytest.raises(BadBundleRequest):
        build_bundle(world.log, sealed.index, BundleRequest(consistency_with=(seen + 100,)))


def test_checkpoint_can_be_an_older_signed_one(world: World) -> None:
    sealed = world.dataset("trial", FILES)
    size = world.log.size
    world.cosign()
    world.notes(7)
    older = build_bundle(world.log, sealed.index, BundleRequest(at_size=size))
    assert verify_bundle(older).size == size
    assert world.witness.key.name in str(parse_bundle(older).checkpoint)
    with pytest.raises(NoSuchEntry):
        build_bundle(world.log, sealed.index, BundleRequest(at_size=size + 3))
    with pytest.raises(BadBundleRequest):
        build_bundle(world.log, sealed.index, BundleRequest(at_size=sealed.index))


def test_timestamps_must_be_over_the_chosen_checkpoint(world: World) -> None:
    sealed = world.dataset("trial", FILES)
    size, token = world.log.size, token_for(world.log.head().body().encode())
    build_bundle(world.log, sealed.index, BundleRequest(timestamps=(token,)))
    world.notes(3)
    with pytest.raises(DigestMismatch):
        build_bundle(world.log, sealed.index, BundleRequest(timestamps=(token,)))
    build_bundle(world.log, sealed.index, BundleRequest(timestamps=(token,), at_size=size))


def test_log_entries_that_are_no_envelopes_fail_cleanly(world: World) -> None:
    envelope = json.loads(world.log.entry(0))
    envelope["signatures"][0]["sig"] = "A" * 86 + "=="
    with world.log.writer() as writer:
        (forged,) = writer.append([json.dumps(envelope).encode()])
    with pytest.raises(BadSignature):
        build_bundle(world.log, forged)
