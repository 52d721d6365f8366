"""Golden bundles with licences: added beside v1, and verified for ever like it.

`python -m tests.golden.test_golden_use` writes the folder again; released files stay as they are.
"""

import hashlib
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from tests.golden.leaves import accepted_changes
from tests.golden.world import World, open_world

from diptych.core.errors import JsonValue
from diptych.provenance.bundle.build import BundleRequest, assemble_bundle
from diptych.provenance.bundle.dump import dump_bundle
from diptych.provenance.licence import dump_licence, preset
from diptych.provenance.statement import Draft, Edge, Subject
from diptych.provenance.trust import dump_policy, workspace_policy
from diptych_verify.evidence import PROVEN, SELF_ASSERTED
from diptych_verify.merkle import leaf_hash
from diptych_verify.policy import TrustPolicy
from diptych_verify.verify import verify_bundle

FOLDER = Path(__file__).parent / "v1-use"
NAMES = ("named", "later", "granted")
RELEASED = "20c56adc0c20ee25530e5683ec1075e7f431dde1261921c76ec8970e53da31d8"


def _append(
    world: World, kind: str, edges: tuple[Edge, ...], fields: dict[str, JsonValue]
) -> tuple[int, str]:
    subject = Subject(kind, {"sha256": hashlib.sha256(kind.encode()).hexdigest()})
    (index,) = world.append([Draft(kind, (subject,), world.now_s(), edges, fields)], world.alice)
    return index, leaf_hash(world.log.entry(index)).hex()


def _licence(world: World, name: str, *edges: Edge) -> tuple[int, str, bytes]:
    document = dump_licence(preset(name))
    digest = hashlib.sha256(document).hexdigest()
    claim: JsonValue = {"digest": digest, "spdx": preset(name).spdx, "licensor": True}
    return *_append(world, "licence", edges, {"licence": claim}), document


def golden_files() -> dict[str, bytes]:
    """Build every bundle and its policy in a scratch folder."""
    written: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as scratch, open_world(Path(scratch), "use ") as world:
        terms, terms_id, research = _licence(world, "research")
        index, asset = _append(world, "note", (Edge("licensedUnder", terms_id),), {})
        grant: JsonValue = {"licensee": "hmac:" + "0f" * 20, "until": "2027-11-23T09:00:00Z"}
        edges = (Edge("used", asset), Edge("licensedUnder", terms_id))
        granted, _ = _append(world, "grant", edges, {"grant": grant})
        newer, _, free = _licence(world, "CC-BY-4.0", Edge("used", asset))
        world.notes(20)
        policy = replace(workspace_policy(world.log), require=("use",))
        for name, subject, licences in (
            ("named", index, ((terms, research),)),
            ("later", index, ((terms, research), (newer, free))),
            ("granted", granted, ((terms, research),)),
        ):
            bundle = assemble_bundle(world.log, subject, BundleRequest(licences=licences))
            written[f"{name}.diptych.json"] = dump_bundle(bundle)
            written[f"{name}.policy.toml"] = dump_policy(policy)
    sums = "".join(f"{hashlib.sha256(written[n]).hexdigest()}  {n}\n" for n in sorted(written))
    return written | {"SHA256SUMS": sums.encode()}


def _bundle(name: str) -> bytes:
    return (FOLDER / f"{name}.diptych.json").read_bytes()


def _policy(name: str) -> TrustPolicy:
    return TrustPolicy.parse((FOLDER / f"{name}.policy.toml").read_bytes())


@pytest.mark.parametrize("name", NAMES)
def test_golden_use_is_proven_under_its_policy_only(name: str) -> None:
    assert verify_bundle(_bundle(name), policy=_policy(name)).answer("use").status == PROVEN
    assert verify_bundle(_bundle(name)).answer("use").status == SELF_ASSERTED


def test_golden_answers_say_what_holds() -> None:
    texts = {name: verify_bundle(_bundle(name)).answer("use").text for name in NAMES}
    assert texts["named"].startswith("LicenseRef-diptych-research: licensees with a grant may")
    assert texts["later"].startswith("CC-BY-4.0: anybody may")
    assert texts["granted"].startswith("granted to hmac:0f0f")


@pytest.mark.parametrize("name", NAMES)
def test_every_changed_leaf_is_refused(name: str) -> None:
    policy = _policy(name)
    assert accepted_changes(_bundle(name), lambda raw: verify_bundle(raw, policy=policy)) == []


def test_released_files_are_untouched_and_today_s_writer_makes_them() -> None:
    found = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    assert found == golden_files()
    assert hashlib.sha256(found["SHA256SUMS"]).hexdigest() == RELEASED


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, content in golden_files().items():
        (FOLDER / file).write_bytes(content)
