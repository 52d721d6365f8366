"""A workspace's own policy reads back unchanged and accepts its own bundles only."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.golden.evidence import authority, pem
from tests.golden.world import FILES, World, open_world, seed

from diptych.provenance.bundle import BundleRequest, build_bundle
from diptych.provenance.keys.log_signer import LogSigner, WitnessSigner
from diptych.provenance.keys.signer import Ed25519Signer
from diptych.provenance.trust import dump_policy, workspace_policy
from diptych_verify.errors import Rollback, SplitView, UntrustedKey
from diptych_verify.note import Checkpoint
from diptych_verify.policy import (
    QUESTIONS,
    TrustedAnchor,
    TrustedBlock,
    TrustedSigner,
    TrustPolicy,
)
from diptych_verify.verify import verify_bundle

HASH = st.binary(min_size=32, max_size=32)
NAME = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
LOG = LogSigner("diptych.log/" + "0" * 32, seed("log")).key
SIGNERS = st.builds(
    TrustedSigner, st.binary(min_size=32, max_size=32).map(lambda s: Ed25519Signer(s).keyid), NAME
)
CHAIN = st.integers(1, 2**53 - 1)


def several(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=3, unique=True).map(tuple)


POLICIES = st.builds(
    TrustPolicy,
    logs=st.sampled_from([(), (LOG,)]),
    require=several(st.sampled_from(QUESTIONS)),
    signers=several(SIGNERS),
    anchors=several(st.builds(TrustedAnchor, CHAIN, st.binary(min_size=20, max_size=20), HASH)),
    blocks=several(st.builds(TrustedBlock, CHAIN, HASH)),
    witnesses=st.sampled_from([(), (WitnessSigner("w.example", seed("w")).key,)]),
    checkpoints=several(st.builds(Checkpoint, st.just(LOG.name), st.integers(0, 2**53 - 1), HASH)),
    timestamp_authorities=st.sampled_from([(), (pem(authority()[1]),)]),
)


@given(POLICIES)
def test_parse_inverts_dump(policy: TrustPolicy) -> None:
    assert TrustPolicy.parse(dump_policy(policy)) == policy


def test_policy_names_log_keys_and_newest_checkpoint(world: World) -> None:
    world.key("rotate", world.carol.keyid, world.alice, replaces=world.alice.keyid)
    policy = workspace_policy(world.log, names={world.carol.keyid: "Hospital A"})
    assert policy.logs == (world.log.key,)
    assert policy.signers == (
        TrustedSigner(world.alice.keyid, ""),
        TrustedSigner(world.carol.keyid, "Hospital A"),
    )
    assert policy.checkpoints == (world.log.head(),)


def test_further_categories_are_kept(world: World) -> None:
    extra = TrustPolicy(
        require=("who",),
        signers=(TrustedSigner(world.alice.keyid, "mine"), TrustedSigner(world.bob.keyid, "")),
        witnesses=(world.witness.key,),
    )
    policy = workspace_policy(world.log, extra=extra)
    assert (policy.require, policy.witnesses) == (extra.require, extra.witnesses)
    assert policy.signers == extra.signers


def test_own_bundles_pass_and_a_twin_of_the_log_does_not(world: World, tmp_path: Path) -> None:
    sealed = world.dataset("trial", FILES)
    policy = replace(workspace_policy(world.log), require=("who",))
    verify_bundle(build_bundle(world.log, sealed.index), policy=policy)
    with open_world(tmp_path / "twin", "twin ") as twin:
        copied = twin.dataset("trial", FILES)
        with pytest.raises(UntrustedKey):
            verify_bundle(build_bundle(twin.log, copied.index), policy=policy)


def test_rollback_and_split_view_show_against_the_policy(world: World, tmp_path: Path) -> None:
    sealed = world.dataset("trial", FILES)
    size = world.log.size
    world.notes(5)
    policy = workspace_policy(world.log)
    with pytest.raises(Rollback):
        verify_bundle(
            build_bundle(world.log, sealed.index, BundleRequest(at_size=size)), policy=policy
        )
    with open_world(tmp_path / "same keys") as forked:
        forged = forked.dataset("trial", FILES)
        forked.notes(4)
        forked.dataset("instead", {"x": b"1"})
        with pytest.raises(SplitView) as caught:
            verify_bundle(build_bundle(forked.log, forged.index), policy=policy)
    assert caught.value.details["seen_root"] != caught.value.details["root"]
