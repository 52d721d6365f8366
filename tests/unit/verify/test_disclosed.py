"""Private seals: single fields are opened, the rest stays hidden, nothing can be swapped."""

import copy
import hashlib
import hmac
from pathlib import Path

import pytest
from tests.unit.verify.maker import (
    ALICE,
    FILES,
    Json,
    TinyLog,
    b64,
    canonical,
    key_statement,
    path_to,
    policy_of,
    root_of,
    statement,
)

from diptych_verify.errors import DigestMismatch, DiptychError, MalformedError, NotIncluded
from diptych_verify.evidence import Evidence
from diptych_verify.merkle import leaf_hash
from diptych_verify.policy import TrustPolicy
from diptych_verify.verify import verify_bundle

FIELDS: list[tuple[str, object]] = [
    ("file", [path, len(content), hashlib.sha256(content).hexdigest()])
    for path, content in FILES.items()
]
FIELDS.append(("subject", {"age": 44, "weight": 70.5, "name": "Zoë"}))
SALTS = [bytes([i + 1]) * 32 for i in range(4)]
LEAVES = [
    leaf_hash(hmac.digest(salt, canonical([name, value]), "sha256"))
    for salt, (name, value) in zip(SALTS, FIELDS, strict=True)
]


def private_log() -> TinyLog:
    log = TinyLog()
    log.add(key_statement("add", ALICE), ALICE)
    root = root_of(LEAVES).hex()
    predicate = {"private": {"root": root, "object": "00" * 32}}
    digest = {"diptychPrivate1": root}
    log.add(statement("private", predicate, name="private", digest=digest), ALICE)
    return log


LOG = private_log()


def bundle_of(*indexes: int) -> Json:
    bundle = LOG.bundle(1, 0)
    if indexes:
        bundle["disclosed"] = [
            {
                "name": FIELDS[index][0],
                "value": FIELDS[index][1],
                "salt": b64(SALTS[index]),
                "index": index,
                "leaves": 4,
                "proof": b64(b"".join(path_to(index, LEAVES))),
            }
            for index in indexes
        ]
    return bundle


def verify(bundle: Json, path: Path | None = None) -> Evidence:
    policy = TrustPolicy.parse(policy_of(logs=[str(LOG.key)]))
    return verify_bundle(canonical(bundle), policy=policy, path=path)


def test_disclosed_fields_are_proven_and_the_rest_is_not_shown() -> None:
    answer = verify(bundle_of(3, 0)).answer("untampered")
    assert (answer.status, "2 of 4 fields" in answer.text) == ("proven", True)
    assert verify(bundle_of()).answer("untampered").status == "not shown"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "subjekt"),
        ("value", {"age": 45, "weight": 70.5, "name": "Zoë"}),
        ("value", {"age": 44, "weight": 70.5}),
        ("value", None),
        ("salt", b64(bytes(32))),
        ("index", 2),
        ("index", 4),
        ("leaves", 3),
        ("leaves", 8),
        ("proof", ""),
        ("proof", b64(LEAVES[0] * 2)),
    ],
)
def test_any_altered_part_is_refused(key: str, value: object) -> None:
    bundle = bundle_of(3)
    bundle["disclosed"][0][key] = value
    with pytest.raises(NotIncluded):
        verify(bundle)


def test_doubled_misplaced_and_malformed_fields() -> None:
    doubled = bundle_of(3, 3)
    with pytest.raises(MalformedError):
        verify(doubled)
    mixed = bundle_of(3, 2)
    mixed["disclosed"][1]["leaves"] = 8
    with pytest.raises(DiptychError):
        verify(mixed)
    misplaced = LOG.bundle(0)
    misplaced["disclosed"] = bundle_of(3)["disclosed"]
    with pytest.raises(MalformedError, match="no private seal"):
        verify(misplaced)
    for value in (["../x", 1, "00" * 32], ["/x", 1, "00" * 32], ["x", 1], "x", ["x", "1", "00"]):
        bundle = copy.deepcopy(bundle_of(0))
        bundle["disclosed"][0]["value"] = value
        with pytest.raises(DiptychError):
            verify(bundle)


def test_disclosed_files_are_compared_with_those_on_disk(tmp_path: Path) -> None:
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert verify(bundle_of(0, 1, 3), tmp_path).answer("untampered").status == "proven"
    assert verify(bundle_of(0), tmp_path / "a.csv").answer("untampered").status == "proven"
    (tmp_path / "a.csv").write_bytes(b"id,age\n1,45\n")
    for path in (tmp_path, tmp_path / "a.csv"):
        with pytest.raises(DigestMismatch) as caught:
            verify(bundle_of(0), path)
        assert caught.value.details["changed"] == ["a.csv"]
    with pytest.raises(DigestMismatch, match="no file"):
        verify(bundle_of(3), tmp_path)
    (tmp_path / "a.csv").unlink()
    with pytest.raises(DiptychError):
        verify(bundle_of(0), tmp_path)
