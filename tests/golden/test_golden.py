"""Golden bundles verify for ever; every changed copy of them is refused."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from tests.golden.leaves import accepted_changes
from tests.golden.make import FOLDER, write_cases
from tests.golden.world import FILES, write_files

from diptych_verify.errors import DigestMismatch, VerificationError
from diptych_verify.evidence import PROVEN, SELF_ASSERTED, Evidence
from diptych_verify.policy import TrustPolicy
from diptych_verify.verify import verify_bundle

EXPECTED: dict[str, dict[str, Any]] = json.loads((FOLDER / "expected.json").read_bytes())
# Never changes: a new format version gets a folder of its own.
RELEASED = "89d7923dd578016de5598bc17d3e351c3093d31ec3ea40fa5494e7b451a9ea1b"
GOOD = sorted(name for name, case in EXPECTED.items() if not case["error"])
BAD = sorted(name for name, case in EXPECTED.items() if case["error"])


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("golden") / "trial", FILES)


def bundle_of(name: str) -> bytes:
    return (FOLDER / f"{name}.diptych.json").read_bytes()


def policy_of(name: str) -> TrustPolicy:
    return TrustPolicy.parse((FOLDER / f"{name}.policy.toml").read_bytes())


def verify(name: str, bundle: bytes, trial: Path, policy: TrustPolicy | None) -> Evidence:
    case = EXPECTED[name]
    return verify_bundle(
        bundle,
        policy=policy,
        path=trial if case["files"] else None,
        lineage=case["lineage"],
    )


@pytest.mark.parametrize("name", GOOD)
def test_golden_bundle_verifies_under_its_policy(name: str, trial: Path) -> None:
    policy = policy_of(name)
    evidence = verify(name, bundle_of(name), trial, policy)
    proven = {answer.question for answer in evidence.answers if answer.status == PROVEN}
    assert proven.issuperset(policy.require)


@pytest.mark.parametrize("name", GOOD)
def test_golden_bundle_proves_nothing_without_a_policy(name: str, trial: Path) -> None:
    evidence = verify(name, bundle_of(name), trial, None)
    assert PROVEN not in {answer.status for answer in evidence.answers}
    assert evidence.answer("who").status == SELF_ASSERTED


@pytest.mark.parametrize("name", BAD)
def test_bad_golden_bundle_fails_with_its_code(name: str, trial: Path) -> None:
    for policy in (policy_of(name), None):
        with pytest.raises(VerificationError) as caught:
            verify(name, bundle_of(name), trial, policy)
        assert caught.value.code == EXPECTED[name]["error"]


@pytest.mark.parametrize("name", GOOD)
def test_every_changed_leaf_is_refused(name: str, trial: Path) -> None:
    policy = policy_of(name)
    assert accepted_changes(bundle_of(name), lambda raw: verify(name, raw, trial, policy)) == []


@pytest.mark.parametrize("name", [name for name in GOOD if EXPECTED[name]["files"]])
def test_changed_files_are_refused(name: str, tmp_path: Path) -> None:
    for path in FILES:
        files = FILES | {path: FILES[path].replace(b"0", b"1").replace(b"none", b"nine")}
        folder = write_files(tmp_path / hashlib.sha256(path.encode()).hexdigest(), files)
        with pytest.raises(DigestMismatch) as caught:
            verify(name, bundle_of(name), folder, policy_of(name))
        if b'"manifest":' in bundle_of(name):
            assert caught.value.details["changed"] == [path]


def test_released_files_are_untouched() -> None:
    lines = (FOLDER / "SHA256SUMS").read_text().splitlines()
    sums = {line[66:]: line[:64] for line in lines}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in FOLDER.iterdir()
        if path.name != "SHA256SUMS"
    }
    assert found == sums
    assert hashlib.sha256((FOLDER / "SHA256SUMS").read_bytes()).hexdigest() == RELEASED


def test_today_s_writer_makes_the_same_bytes(tmp_path: Path) -> None:
    write_cases(tmp_path)
    for path in sorted(FOLDER.iterdir()):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name
