"""Each node's state comes from the logged bytes, never from the graph file."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from tests.unit.graph.book import NOON, OTHER, OWN, Book

from diptych.provenance.graph.assemble import StaleGraph, assemble, require_same
from diptych.provenance.graph.lineage import Lineage
from diptych.provenance.graph.states import Judge, State
from diptych.provenance.graph.terms import ENDINGS
from diptych.provenance.graph.walking import WalkOptions, walk
from diptych.provenance.keys.records import append_key_record, key_draft
from diptych.provenance.log import Log
from diptych.provenance.statement import Draft, Subject, sign_statements
from diptych.provenance.trust import workspace_policy
from diptych_verify.policy import TrustedSigner, TrustPolicy


def lineage_of(
    book: Book, start: str, policy: TrustPolicy | None = None, log: Log | None = None
) -> Lineage:
    """Do what the verb does, without a workspace."""
    log = log or book.log
    options = WalkOptions()
    with book.graph() as graph:
        walked = walk(graph, book.index[start], size=log.size, options=options)
        endings = list(graph.edges_to(list(walked.hops), ENDINGS, size=log.size, limit=999))
    judge = Judge(log, policy or workspace_policy(log))
    judged = judge.judge_all(walked.hops, endings)
    require_same(walked, judged, options)
    return assemble(walked, judged, start=book.index[start], origin=log.origin, size=log.size)


def state(found: Lineage, book: Book, name: str) -> State | None:
    return found.node(str(book.index[name])).state


def test_all_verified(study: Book) -> None:
    found = lineage_of(study, "model")
    assert found.count(State.VERIFIED) == 6
    assert [node.kind for node in found.nodes if node.state is None] == ["agent"]
    edge = next(edge for edge in found.edges if edge.relation == "attributedTo")
    assert (edge.target, edge.extra["share"]) == ("agent:Hospital A", "0.5")


def test_a_signer_outside_the_policy_is_self_asserted(study: Book) -> None:
    study.introduce(OTHER)
    study.add("guest", "dataset", ("derivedFrom", "raw"), signer=OTHER)
    policy = TrustPolicy(signers=(TrustedSigner(OWN.keyid, "us"),))
    found = lineage_of(study, "guest", policy)
    assert state(found, study, "guest") is State.SELF_ASSERTED
    assert state(found, study, "raw") is State.VERIFIED
    with_log = replace(policy, logs=(study.log.key,))
    assert state(lineage_of(study, "guest", with_log), study, "guest") is State.VERIFIED


def test_without_a_policy_nothing_is_verified(study: Book) -> None:
    found = lineage_of(study, "model", TrustPolicy())
    assert found.count(State.VERIFIED) == 0
    assert found.count(State.SELF_ASSERTED) == 6


@pytest.mark.parametrize("relation", ["revokes"])
def test_revoked_with_its_reason(study: Book, relation: str) -> None:
    fields = {"revocation": {"reason": "labels were swapped"}}
    study.add("no", "revocation", (relation, "clean2"), fields=fields)  # type: ignore[arg-type]
    node = lineage_of(study, "model").node(str(study.index["clean2"]))
    assert node.state is State.REVOKED
    assert "labels were swapped" in node.reason


@pytest.mark.parametrize(
    ("claim", "expected", "leaves"),
    [
        ({"scope": "all"}, State.ERASED, 0),
        ({"scope": "leaves", "leaves": [[4, 2], [9, 1]]}, State.VERIFIED, 3),
        ({"nonsense": 1}, State.ERASED, 0),
    ],
)
def test_erased_in_whole_or_in_part(
    study: Book, claim: dict[str, object], expected: State, leaves: int
) -> None:
    study.add("gone", "erased", ("erased", "raw"), fields={"erased": claim})  # type: ignore[dict-item]
    node = lineage_of(study, "model").node(str(study.index["raw"]))
    assert (node.state, node.erased_leaves) == (expected, leaves)
    assert "erased" in node.reason


def test_a_revocation_by_a_key_that_is_not_valid_counts_for_nothing(study: Book) -> None:
    study.add("forged", "revocation", ("revokes", "clean2"), signer=OTHER)
    assert state(lineage_of(study, "model"), study, "clean2") is State.VERIFIED


def test_a_key_that_was_revoked_before_is_refused(study: Book) -> None:
    study.introduce(OTHER)
    study.add("good", signer=OTHER)
    with study.log.writer() as writer:
        draft = key_draft("revoke", OTHER.keyid, time_s=NOON)
        append_key_record(study.log, writer, draft, OWN)
    study.add("bad", "dataset", ("derivedFrom", "good"), signer=OTHER)
    found = lineage_of(study, "bad")
    assert state(found, study, "bad") is State.REFUSED
    assert state(found, study, "good") is State.VERIFIED


def test_a_forged_signature_is_refused(study: Book) -> None:
    draft = Draft("dataset2", (Subject("x", {"sha256": "00"}),), NOON)
    envelope = sign_statements([draft], OWN)[0]
    at = envelope.index(b'"sig":"') + 9
    forged = envelope[:at] + (b"A" if envelope[at : at + 1] != b"A" else b"B") + envelope[at + 1 :]
    study.append("forged", forged)
    assert state(lineage_of(study, "forged"), study, "forged") is State.REFUSED


def test_an_edited_entry_is_refused(study: Book) -> None:
    study.graph().close()
    draft = Draft("dataset2", (Subject("raw", {"sha256": "00"}),), NOON)
    other = sign_statements([draft], OWN)[0]
    with closing(sqlite3.connect(study.path)) as raw:
        raw.execute("UPDATE entries SET envelope=? WHERE idx=?", (other, study.index["raw"]))
        raw.commit()
    with Log.open(study.path) as log:
        node = Judge(log, workspace_policy(log)).judge(study.index["raw"])
    assert node.state is State.REFUSED


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM edges WHERE src=(SELECT idx FROM nodes WHERE name='net@1')",
        "UPDATE edges SET dst=1 WHERE dst=3",
        "UPDATE edges SET dst=NULL, pointer=zeroblob(32) WHERE dst=3 AND src=7",
        "INSERT INTO edges SELECT 7, 99, rel, 2, NULL, NULL FROM edges LIMIT 1",
    ],
)
def test_a_graph_file_that_lies_is_found_out(study: Book, change: str) -> None:
    study.graph().close()
    lineage_of(study, "model")
    with closing(sqlite3.connect(study.graph_path)) as other:
        assert other.execute(change).rowcount > 0
        other.commit()
    with pytest.raises(StaleGraph):
        lineage_of(study, "model")


def test_missing_ends_have_their_state(book: Book) -> None:
    book.add("derived", "dataset", ("derivedFrom", "ab" * 32))
    found = lineage_of(book, "derived")
    assert found.node("ab" * 32).state is State.MISSING
    assert found.to_json()["nodes"]
