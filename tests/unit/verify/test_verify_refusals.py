"""Every altered, swapped, regenerated or stale bundle is refused by name."""

import copy
import json
from base64 import b64decode
from pathlib import Path

import pytest
from tests.unit.verify.chain_maker import Block, anchor_block, anchored
from tests.unit.verify.maker import (
    ALICE,
    BOB,
    FILES,
    MALLORY,
    EdwardsKey,
    Json,
    TinyLog,
    Witness,
    b64,
    canonical,
    dataset_statement,
    key_statement,
    manifest_of,
    policy_of,
    sample_bundle,
    sample_log,
    statement,
)
from tests.unit.verify.test_verify_answers import trust_in

from diptych_verify.errors import (
    AnchorMismatch,
    BadSignature,
    DigestMismatch,
    DiptychError,
    MalformedError,
    NotIncluded,
    RequirementUnmet,
    Rollback,
    SplitView,
    UntrustedKey,
)
from diptych_verify.policy import TrustPolicy
from diptych_verify.verify import verify_bundle

LOG = sample_log()
BLOCK = anchor_block(LOG)
WITNESS = Witness()
ALICE_LISTED: Json = {"signers": [{"keyid": ALICE.keyid}]}


def refuse(
    kind: type[DiptychError], bundle: Json, *, path: Path | None = None, **trust: object
) -> DiptychError:
    policy = TrustPolicy.parse(policy_of(**trust)) if trust else None
    with pytest.raises(kind) as caught:
        verify_bundle(canonical(bundle), policy=policy, path=path)
    assert caught.value.code
    return caught.value


def full() -> Json:
    bundle = {
        **sample_bundle(LOG),
        "consistency": [LOG.head(2), LOG.head(5)],
        "manifest": b64(manifest_of(FILES)),
        "anchor": BLOCK.evidence(),
    }
    bundle["checkpoint"] += WITNESS.line(LOG.checkpoint().body(), 1_750_000_000)
    return bundle


TRUST = {**trust_in(BLOCK), "witnesses": [{"key": str(WITNESS.key)}]}


def leaves(value: object, prefix: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [path for key in value for path in leaves(value[key], (*prefix, key))]
    if isinstance(value, list):
        return [path for key in range(len(value)) for path in leaves(value[key], (*prefix, key))]
    return [prefix]


def test_the_full_bundle_is_good() -> None:
    verify_bundle(canonical(full()), policy=TrustPolicy.parse(policy_of(**TRUST)))


@pytest.mark.parametrize("path", leaves(full()), ids=str)
def test_any_single_field_altered_is_refused(path: tuple[str | int, ...]) -> None:
    bundle = full()
    target: object = bundle
    for step in path[:-1]:
        target = target[step]  # type: ignore[index]
    value = target[path[-1]]  # type: ignore[index]
    for altered in neighbours(value):
        target[path[-1]] = altered  # type: ignore[index]
        refuse(DiptychError, bundle, **TRUST)


def neighbours(value: object) -> list[object]:
    if isinstance(value, int):
        return [value + 1, value - 1]
    assert isinstance(value, str)
    found: list[object] = []
    for position in (0, len(value) // 3, len(value) * 2 // 3, len(value) - 1):
        swap = "B" if value[position] != "B" else "C"
        found.append(value[:position] + swap + value[position + 1 :])
    return found


@pytest.mark.parametrize("part", ["records", "consistency"])
def test_dropped_doubled_and_foreign_items_are_refused(part: str) -> None:
    for position in range(len(full()[part])):
        doubled = full()
        doubled[part].append(doubled[part][position])
        refuse(MalformedError, doubled, **TRUST)
    foreign = sample_log({"other": b"other"})
    mixed = full()
    mixed["records"][0] = foreign.record(4)
    refuse(NotIncluded, mixed, **TRUST)


def test_records_that_serve_nothing_are_refused() -> None:
    bundle = sample_bundle(LOG)
    bundle["records"].append(LOG.record(2))
    assert "not related" in refuse(MalformedError, bundle).message
    swapped = sample_bundle(LOG)
    swapped["records"][0], swapped["records"][1] = swapped["records"][1], swapped["records"][0]
    refuse(MalformedError, swapped)


def test_without_its_key_records_a_signer_is_unknown() -> None:
    indexes: tuple[int, ...]
    for indexes in ((4, 1), (4, 1, 0), (4, 1, 3)):
        refuse(UntrustedKey, LOG.bundle(*indexes))
    for indexes in ((4, 1), (4, 1, 0)):
        refuse(UntrustedKey, LOG.bundle(*indexes), logs=[str(LOG.key)], **ALICE_LISTED)


def test_a_revoked_or_replaced_key_no_longer_signs() -> None:
    for action, key, replaces in (("revoke", BOB, None), ("rotate", EdwardsKey(5), BOB)):
        log = TinyLog()
        log.add(key_statement("add", ALICE), ALICE)
        log.add(key_statement("add", BOB), ALICE)
        log.add(dataset_statement(manifest_of(FILES)), BOB)
        log.add(key_statement(action, key, replaces=replaces), ALICE)
        log.add(dataset_statement(manifest_of({"x": b""})), BOB)
        trust: Json = {"logs": [str(log.key)], **ALICE_LISTED}
        policy = TrustPolicy.parse(policy_of(**trust))
        before = verify_bundle(canonical(log.bundle(2, 0, 1, 3)), policy=policy)
        assert "ended later, at index 3" in before.answer("who").text
        refuse(UntrustedKey, log.bundle(4, 0, 1, 3), **trust)
        refuse(UntrustedKey, log.bundle(4, 0, 1, 3))


def test_everything_regenerated_with_new_keys() -> None:
    fake = TinyLog(signer=EdwardsKey(201))
    fake.add(key_statement("add", MALLORY), MALLORY)
    fake.add(dataset_statement(manifest_of({"a.csv": b"forged"})), MALLORY)
    bundle = fake.bundle(1, 0)
    honest = verify_bundle(canonical(bundle))
    assert {answer.status for answer in honest.answers} == {"self-asserted", "not shown"}
    refuse(UntrustedKey, bundle, logs=[str(LOG.key)])
    refuse(UntrustedKey, bundle, **ALICE_LISTED)
    refuse(UntrustedKey, bundle, logs=[str(fake.key)], **ALICE_LISTED)


def test_introductions_replayed_into_another_log_are_not_believed() -> None:
    """Bob's key leaked and was revoked; the thief's log leaves the revocation out."""
    thief = TinyLog(origin="diptych.log/ff", signer=EdwardsKey(201))
    thief.entries += [LOG.entries[0], LOG.entries[3]]
    thief.add(dataset_statement(manifest_of({"x": b"forged"})), BOB)
    refuse(UntrustedKey, thief.bundle(2, 0, 1), **ALICE_LISTED)
    refuse(UntrustedKey, thief.bundle(2, 0, 1), logs=[str(LOG.key)], **ALICE_LISTED)


def test_checkpoint_not_signed_by_the_log() -> None:
    bundle = sample_bundle(LOG)
    bundle["checkpoint"] = TinyLog(signer=EdwardsKey(3), entries=LOG.entries).note()
    refuse(UntrustedKey, bundle)
    body, line = LOG.note().split("\n\n")
    bundle["checkpoint"] = body.replace("\n6\n", "\n7\n") + "\n\n" + line
    refuse(BadSignature, bundle)


def seen(log: TinyLog, size: int, root: bytes | None = None) -> Json:
    head = log.checkpoint(size)
    return {"origin": head.origin, "size": size, "root": b64(root or head.root)}


def test_split_view_and_rollback_show_both_roots() -> None:
    longer = sample_log()
    longer.add(statement("note", {}), ALICE)
    error = refuse(Rollback, sample_bundle(LOG), checkpoints=[seen(longer, 7)])
    assert {"seen_root", "root"} <= error.details.keys()
    other = sample_log({"other": b"other"})
    for size in (6, 5):
        bundle = {**sample_bundle(LOG), "consistency": [LOG.head(5)]}
        error = refuse(SplitView, bundle, checkpoints=[seen(other, size)])
        assert error.details["seen_root"] == b64(other.checkpoint(size).root)
        assert error.details["root"] == b64(LOG.checkpoint(size).root)
    forged = {**sample_bundle(LOG), "consistency": [other.head(5)]}
    refuse(SplitView, forged)


def test_a_checkpoint_seen_before_must_be_connected() -> None:
    error = refuse(RequirementUnmet, sample_bundle(LOG), checkpoints=[seen(LOG, 5)])
    assert "consistency proof from size 5" in error.hint
    connected = {**sample_bundle(LOG), "consistency": [LOG.head(5)]}
    for size in (5, 6):
        policy = TrustPolicy.parse(policy_of(checkpoints=[seen(LOG, size)]))
        verify_bundle(canonical(connected), policy=policy)
    elsewhere = {**seen(LOG, 5), "origin": "diptych.log/another"}
    policy = TrustPolicy.parse(policy_of(checkpoints=[elsewhere]))
    verify_bundle(canonical(sample_bundle(LOG)), policy=policy)


def test_chain_evidence_outside_the_policy_is_refused() -> None:
    bundle = {**sample_bundle(LOG), "anchor": BLOCK.evidence()}
    trust = trust_in(BLOCK)
    for key, value in (
        ("contract", "0x" + "cc" * 20),
        ("log_id", "0x" + "cc" * 32),
        ("chain_id", 2),
    ):
        altered = copy.deepcopy(trust)
        altered["anchors"][0][key] = value
        refuse(AnchorMismatch, bundle, **altered)
    for key, value in (("hash", "0x" + "cc" * 32), ("chain_id", 2)):
        altered = copy.deepcopy(trust)
        altered["blocks"][0][key] = value
        refuse(AnchorMismatch, bundle, **altered)


@pytest.mark.parametrize(
    "event",
    [
        anchored(6, bytes(32)),
        anchored(5, LOG.checkpoint().root),
        anchored(7, LOG.checkpoint().root),
        anchored(2**48 + 6, LOG.checkpoint().root),
        anchored(6, LOG.checkpoint().root, log_id=bytes(32)),
        anchored(6, LOG.checkpoint().root, contract=bytes(20)),
        anchored(6, LOG.checkpoint().root + bytes(32)),
        [*anchored(6, LOG.checkpoint().root)[:1], [bytes(32)], b""],
    ],
)
def test_events_that_anchor_something_else(event: object) -> None:
    block = Block([event])
    bundle = {**sample_bundle(LOG), "anchor": block.evidence()}
    refuse(AnchorMismatch, bundle)


def test_witness_outside_the_policy() -> None:
    bundle = full()
    refuse(UntrustedKey, bundle, witnesses=[{"key": str(Witness(signer=EdwardsKey(8)).key)}])
    forged = sample_bundle(LOG)
    forged["checkpoint"] += WITNESS.line(LOG.checkpoint(5).body(), 1)
    refuse(BadSignature, forged, witnesses=[{"key": str(WITNESS.key)}])
    strange = sample_bundle(LOG)
    strange["checkpoint"] += "— stranger QUJDREU=\n"
    refuse(MalformedError, strange)


def test_changed_files_are_named(tmp_path: Path) -> None:
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    bundle = {**sample_bundle(LOG), "manifest": b64(manifest_of(FILES))}
    (tmp_path / "a.csv").write_bytes(b"id,age\n1,45\n")
    error = refuse(DigestMismatch, bundle, path=tmp_path)
    assert error.details["changed"] == ["a.csv"]
    refuse(DigestMismatch, sample_bundle(LOG), path=tmp_path)
    (tmp_path / "a.csv").write_bytes(FILES["a.csv"])
    (tmp_path / "b/c.txt").rename(tmp_path / "b/d.txt")
    error = refuse(DigestMismatch, bundle, path=tmp_path)
    assert (error.details["removed"], error.details["added"]) == (["b/c.txt"], ["b/d.txt"])


def test_manifest_of_something_else() -> None:
    for manifest in (
        manifest_of({"x": b""}),
        manifest_of(FILES) + b'["zz",0,"' + b"0" * 64 + b'"]\n',
    ):
        refuse(DigestMismatch, {**sample_bundle(LOG), "manifest": b64(manifest)})
    for raw in (b"", b"x", manifest_of(FILES)[:-1]):
        refuse(DiptychError, {**sample_bundle(LOG), "manifest": b64(raw)})
    refuse(MalformedError, {**LOG.bundle(0), "manifest": b64(manifest_of(FILES))})


def test_bytes_flipped_in_the_logged_envelope() -> None:
    bundle = sample_bundle(LOG)
    raw = bundle["records"][0]["envelope"].encode()
    statement_of_record = json.loads(b64decode(json.loads(raw)["payload"]))
    assert statement_of_record["subject"][0]["name"] == "patients"
    for position in range(0, len(raw), 97):
        altered = bytearray(raw)
        altered[position] ^= 1
        bundle["records"][0]["envelope"] = altered.decode()
        refuse(NotIncluded, bundle)


def test_included_but_badly_signed() -> None:
    log = sample_log()
    good = json.loads(log.entries[4])
    good["signatures"][0]["sig"] = b64(bytes(64))
    log.entries.append(canonical(good))
    refuse(BadSignature, log.bundle(6, 0, 3))
