"""Exported models: the same bytes each time, verified under a policy, with their origin."""

import json
import shutil
from pathlib import Path

import pytest
from tests.model_attacks.files import folder_model
from tests.unit.models.conftest import at_time

from diptych.app.verbs.model.package import TargetExists
from diptych.app.verbs.policy import policy_toml
from diptych.app.verbs.records import find_record
from diptych.app.workspace import Workspace
from diptych.models.errors import BadPackage
from diptych.models.package import read_package
from diptych.provenance.keys.signer import Ed25519Signer
from diptych_verify.errors import UntrustedKey
from diptych_verify.policy import TrustedSigner, TrustPolicy
from diptych_verify.verify import verify_bundle


@pytest.fixture
def published(book: Workspace) -> Workspace:
    folder_model(book.place.project / "model", seed=1)
    book.models.publish("model", "team/m", card={"limits": ["x"]}, licence="MIT")
    return book


@pytest.mark.parametrize("target", ["out", "out.zip"])
def test_there_and_back(published: Workspace, blank: Path, tmp_path: Path, target: str) -> None:
    policy = TrustPolicy.parse(policy_toml(published, pin=False))
    place = published.models.export("team/m", tmp_path / target)
    shutil.copytree(blank, tmp_path / "other")
    other = at_time(tmp_path / "other", published.clock())
    done = other.models.import_(place, policy)
    assert (done.name, done.version, done.new) == ("team/m", 1, True)
    model = other.models.load("team/m")
    assert model.card.limits == ("x",)
    assert model.card.licence == "MIT"
    with other.read_log() as log:
        said = find_record(other, log, "team/m").statement.predicate["model"]
    assert isinstance(said, dict)
    origin = said["imported"]
    assert isinstance(origin, dict)
    assert origin["log"] == published.models.load("team/m").evidence.verified.origin
    assert not other.models.import_(place, policy).new
    stranger = Ed25519Signer(bytes(32)).keyid
    with pytest.raises(UntrustedKey):
        other.models.import_(place, TrustPolicy(signers=(TrustedSigner(stranger, ""),)))


def test_an_export_is_verified_without_diptych_and_twice_the_same(
    published: Workspace, tmp_path: Path
) -> None:
    one = published.models.export("team/m", tmp_path / "a.zip").read_bytes()
    assert published.models.export("team/m", tmp_path / "b.zip").read_bytes() == one
    place = published.models.export("team/m", tmp_path / "out")
    raw = (place / "bundle.diptych.json").read_bytes()
    assert verify_bundle(raw, path=place / "files").answer("untampered").status == "self-asserted"
    assert json.loads((place / "card.json").read_bytes())["name"] == "team/m"
    assert (place / "card.md").read_text().startswith("# team/m, version 1")
    with pytest.raises(TargetExists):
        published.models.export("team/m", tmp_path / "out")


def test_what_is_no_package(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.zip").write_text("no zip")
    for name in ("empty", "text.zip"):
        with pytest.raises(BadPackage):
            read_package(tmp_path / name)
