"""Exported models: the same bytes each time, verified under a policy, with their origin."""

import json
import shutil
from pathlib import Path

import pytest
from tests.model_attacks.files import folder_model
from tests.unit.models.conftest import at_time

from diptych.app.verbs.model.package import TargetExists, export_tensor
from diptych.app.verbs.policy import policy_toml
from diptych.app.verbs.records import find_record
from diptych.app.workspace import Workspace
from diptych.models.errors import BadPackage, LicenceRefused
from diptych.models.package import read_package
from diptych.provenance.keys.signer import Ed25519Signer
from diptych.provenance.licence.inherit import LicenceConflict
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


@pytest.mark.parametrize("later", [False, True])
def test_licence_comes_along_and_binds_the_receiver(
    published: Workspace, blank: Path, tmp_path: Path, later: bool
) -> None:
    """The one it was published under, or the one that was given later."""
    if later:
        published.models.license("team/m", "CC-BY-NC-4.0")
    policy = TrustPolicy.parse(policy_toml(published, pin=False))
    place = published.models.export("team/m", tmp_path / "out.zip")
    other = at_time(shutil.copytree(blank, tmp_path / "other"), published.clock())
    assert other.models.import_(place, policy).new
    assert not other.models.import_(place, policy).new
    card = other.models.load("team/m", purpose="research").card
    assert card.licence == ("CC-BY-NC-4.0" if later else "MIT")
    if not later:
        other.models.load("team/m", purpose="advertising")
        return
    with pytest.raises(LicenceRefused, match="commercialUse"):
        other.models.load("team/m", purpose="advertising")
    folder_model(other.place.project / "tuned", seed=2)
    with pytest.raises(LicenceConflict):
        other.models.publish("tuned", "ours", fine_tuned_from=["team/m"], licence="MIT")


def test_export_without_the_terms_of_its_licence_is_refused(
    published: Workspace, blank: Path, tmp_path: Path
) -> None:
    policy = TrustPolicy.parse(policy_toml(published, pin=False))
    place = published.models.export("team/m", tmp_path / "out")
    bundle = place / "bundle.diptych.json"
    members = json.loads(bundle.read_bytes())
    other = at_time(shutil.copytree(blank, tmp_path / "other"), published.clock())
    del members["licences"]
    bundle.write_text(json.dumps(members))
    with pytest.raises(LicenceRefused, match="terms"):
        other.models.import_(place, policy)


def test_one_tensor_says_all_that_is_known_of_its_model(
    published: Workspace, tmp_path: Path
) -> None:
    """Licence, time and names, as the bundle of the whole model does; nothing of other tensors."""
    place = export_tensor(published, "team/m", "W", tmp_path / "layer")
    raw = (place / "bundle.diptych.json").read_bytes()
    found = verify_bundle(raw, path=place / "values.bin")
    assert "MIT" in found.answer("use").text
    assert len(json.loads(raw)["tensors"]) == 1
    published.models.publish("model", "bare", card={"limits": ["x"]})
    place = export_tensor(published, "bare", "W", tmp_path / "bare")
    raw = (place / "bundle.diptych.json").read_bytes()
    assert verify_bundle(raw).answer("use").status == "not shown"
