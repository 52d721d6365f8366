"""What an honest bundle proves, with and without a trust policy."""

from pathlib import Path

import pytest
from tests.unit.verify.chain_maker import CHAIN_ID, CONTRACT, LOG_ID, Block, anchor_block
from tests.unit.verify.maker import (
    ALICE,
    BOB,
    FILES,
    Json,
    TinyLog,
    Witness,
    b64,
    canonical,
    dataset_statement,
    derived_from,
    key_statement,
    manifest_of,
    policy_of,
    sample_bundle,
    sample_log,
    statement,
)

from diptych_verify.errors import AnchorMismatch, DigestMismatch, RequirementUnmet
from diptych_verify.evidence import Evidence
from diptych_verify.policy import QUESTIONS, TrustPolicy
from diptych_verify.verify import verify_bundle

LOG = sample_log()
MANIFEST = manifest_of(FILES)


def verify(
    bundle: Json, *, path: Path | None = None, lineage: bool = False, **trust: object
) -> Evidence:
    policy = TrustPolicy.parse(policy_of(**trust)) if trust else None
    return verify_bundle(canonical(bundle), policy=policy, path=path, lineage=lineage)


def statuses(evidence: Evidence) -> dict[str, str]:
    return {answer.question: answer.status for answer in evidence.answers}


def trust_in(block: Block, chain_id: int = CHAIN_ID) -> Json:
    anchor = {"contract": f"0x{CONTRACT.hex()}", "log_id": f"0x{LOG_ID.hex()}"}
    return {
        "logs": [str(LOG.key)],
        "signers": [{"keyid": ALICE.keyid, "name": "Hospital A"}],
        "anchors": [{"chain_id": chain_id, **anchor}],
        "blocks": [{"chain_id": chain_id, "hash": f"0x{block.block_hash.hex()}"}],
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        target = tmp_path / "data" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return tmp_path / "data"


def test_everything_is_proven_under_a_policy_that_covers_it(folder: Path) -> None:
    block = anchor_block(LOG)
    bundle = {**sample_bundle(LOG), "manifest": b64(MANIFEST), "anchor": block.evidence()}
    evidence = verify(
        bundle,
        path=folder,
        **trust_in(block),
        require=["untampered", "who", "derived_from", "when"],
    )
    assert statuses(evidence) == {
        "untampered": "proven",
        "who": "proven",
        "derived_from": "proven",
        "when": "proven",
        "use": "not shown",
    }
    assert (evidence.index, evidence.kind, evidence.subject) == (4, "dataset", "patients")
    assert "2027-01-15T08:00:00Z" in evidence.answer("when").text
    assert "index 1" in evidence.answer("derived_from").text
    assert "as of log size 6, on the log's word" in evidence.answer("who").text


def test_without_a_policy_nothing_is_proven(folder: Path) -> None:
    bundle = {
        **sample_bundle(LOG),
        "manifest": b64(MANIFEST),
        "anchor": anchor_block(LOG).evidence(),
    }
    found = statuses(verify(bundle, path=folder))
    assert set(found.values()) == {"self-asserted", "not shown"}
    assert found["untampered"] == found["who"] == found["when"] == "self-asserted"


def test_what_is_missing_reads_not_shown() -> None:
    evidence = verify(LOG.bundle(4, 0, 3), logs=[str(LOG.key)])
    assert statuses(evidence) == {
        "untampered": "not shown",
        "who": "self-asserted",
        "derived_from": "not shown",
        "when": "not shown",
        "use": "not shown",
    }
    assert "the files were not shown" in evidence.answer("untampered").text
    assert "2026-11-23T09:00:00Z" in evidence.answer("when").text


def test_evidence_is_json_in_question_order() -> None:
    shown = verify(sample_bundle(LOG), lineage=True).to_json()
    answers = shown["answers"]
    assert isinstance(answers, list)
    assert [a["question"] for a in answers if isinstance(a, dict)] == list(QUESTIONS)
    assert canonical(shown)


def test_a_listed_signer_needs_no_key_records() -> None:
    found = verify(LOG.bundle(4), signers=[{"keyid": BOB.keyid, "name": "Bob"}])
    assert found.answer("who").status == "proven"
    assert "Bob" in found.answer("who").text


def test_lineage_returns_every_ancestor_or_names_the_missing() -> None:
    evidence = verify(sample_bundle(LOG), lineage=True)
    assert [node["index"] for node in evidence.lineage] == [4, 1]
    with pytest.raises(RequirementUnmet) as caught:
        verify(LOG.bundle(4, 0, 3), lineage=True)
    missing = caught.value.details["missing"]
    assert missing == [derived_from(LOG.entries[1])["record"]]


def test_lineage_of_a_long_chain_and_a_diamond() -> None:
    log = TinyLog()
    log.add(key_statement("add", ALICE), ALICE)
    log.add(dataset_statement(manifest_of({"0": b"0"}), name="0"), ALICE)
    for number in range(2, 120):
        edges = [derived_from(log.entries[number - 1], "trainedOn"), derived_from(log.entries[1])]
        manifest = manifest_of({str(number): b"x"})
        log.add(dataset_statement(manifest, *edges, name=str(number)), ALICE)
    evidence = verify(log.bundle(119, *range(119)), lineage=True)
    assert len(evidence.lineage) == 119


def test_a_record_without_edges_or_files() -> None:
    evidence = verify(LOG.bundle(0), logs=[str(LOG.key)])
    assert evidence.answer("derived_from").text == "the record names no sources"
    assert evidence.answer("untampered").status == "proven"


def test_single_file_by_plain_digest(tmp_path: Path) -> None:
    file = tmp_path / "raw"
    file.write_bytes(b"raw")
    bundle = LOG.bundle(1, 0)
    assert verify(bundle, path=file).answer("untampered").status == "self-asserted"
    file.write_bytes(b"rav")
    with pytest.raises(DigestMismatch):
        verify(bundle, path=file)


def test_other_kinds_are_compared_by_their_digest(tmp_path: Path) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(b"abc")
    digest = {"sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}
    log = sample_log()
    index = log.add(statement("model", {}, digest=digest), ALICE)
    assert "matches" in verify(log.bundle(index, 0), path=file).answer("untampered").text
    file.write_bytes(b"abd")
    with pytest.raises(DigestMismatch):
        verify(log.bundle(index, 0), path=file)
    with pytest.raises(DigestMismatch, match="no digest"):
        verify(log.bundle(index, 0), path=tmp_path)


def test_witness_time_is_proven_only_if_listed() -> None:
    witness = Witness()
    bundle = sample_bundle(LOG)
    bundle["checkpoint"] += witness.line(LOG.checkpoint().body(), 1_750_000_000)
    proven = verify(bundle, witnesses=[{"key": str(witness.key)}]).answer("when")
    assert (proven.status, proven.evidence["latest"]) == ("proven", "2025-06-15T15:06:40Z")
    assert verify(bundle).answer("when").status == "not shown"


def test_the_earliest_trusted_time_wins() -> None:
    witness, block = Witness(), anchor_block(LOG)
    bundle = {**sample_bundle(LOG), "anchor": block.evidence()}
    bundle["checkpoint"] += witness.line(LOG.checkpoint().body(), 1_750_000_000)
    both = verify(bundle, witnesses=[{"key": str(witness.key)}], **trust_in(block))
    assert both.answer("when").evidence["latest"] == "2025-06-15T15:06:40Z"
    late = anchor_block(LOG, time_s=1_700_000_000)
    bundle["anchor"] = late.evidence()
    unlisted = verify(bundle, witnesses=[{"key": str(witness.key)}]).answer("when")
    assert (unlisted.status, unlisted.evidence["latest"]) == ("proven", "2025-06-15T15:06:40Z")


def test_an_older_anchored_head_counts_if_it_covers_the_record() -> None:
    block = anchor_block(LOG, 5)
    bundle = {**sample_bundle(LOG), "consistency": [LOG.head(5)], "anchor": block.evidence()}
    assert verify(bundle, **trust_in(block)).answer("when").status == "proven"
    early = anchor_block(LOG, 4)
    bundle = {**sample_bundle(LOG), "consistency": [LOG.head(4)], "anchor": early.evidence()}
    with pytest.raises(AnchorMismatch, match="does not cover"):
        verify(bundle, **trust_in(early))


@pytest.mark.parametrize("chain_id", [0x0D1D00000000, 0x0D1D12345678, 0x0D1DFFFFFFFF])
def test_time_of_an_embedded_chain_is_never_proven(chain_id: int) -> None:
    block = anchor_block(LOG)
    bundle = {**sample_bundle(LOG), "anchor": block.evidence(chain_id=chain_id)}
    answer = verify(bundle, **trust_in(block, chain_id)).answer("when")
    assert answer.status == "self-asserted"
    assert "embedded" in answer.text
    with pytest.raises(RequirementUnmet):
        verify(bundle, require=["when"], **trust_in(block, chain_id))


@pytest.mark.parametrize("question", QUESTIONS)
def test_requirements_are_enforced(question: str) -> None:
    with pytest.raises(RequirementUnmet) as caught:
        verify(sample_bundle(LOG), require=[question])
    assert caught.value.details["question"] == question


def test_the_anchor_alone_vouches_for_untampered(folder: Path) -> None:
    block = anchor_block(LOG)
    trust = trust_in(block)
    del trust["logs"], trust["signers"]
    bundle = {**sample_bundle(LOG), "anchor": block.evidence()}
    assert verify(bundle, path=folder, **trust).answer("untampered").status == "proven"
    del trust["anchors"]
    assert verify(bundle, path=folder, **trust).answer("untampered").status == "self-asserted"
