"""Golden bundles with tensors of a model: added beside v1, and verified for ever like it.

`python -m tests.golden.test_golden_tensors` writes the folder again; released files stay as they
are.
"""

import hashlib
import struct
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from tests.golden.leaves import accepted_changes
from tests.golden.world import World, manifest_of, open_world

from diptych.core.errors import JsonValue
from diptych.models.tensors.tree import TensorTree, tensor_tree
from diptych.provenance.bundle.build import BundleRequest, assemble_bundle
from diptych.provenance.bundle.dump import dump_bundle
from diptych.provenance.statement import Draft, Subject
from diptych.provenance.trust import dump_policy, workspace_policy
from diptych_verify.errors import DigestMismatch, MalformedError
from diptych_verify.evidence import PROVEN, SELF_ASSERTED
from diptych_verify.policy import TrustPolicy
from diptych_verify.tensors import TensorLeaf
from diptych_verify.verify import verify_bundle

FOLDER = Path(__file__).parent / "v1-tensors"
NAMES = ("one", "only", "several")
RELEASED = "ea4e2669cf8f7a1455dbde0ee97350031becb9b4596f2ef1defbc56ac148c587"
BIAS = struct.pack("<3f", 0.5, -1.25, 3.0)
VALUES = {
    "conv.weight": ("float32", (2, 2), struct.pack("<4f", 1.0, 2.0, 3.0, 4.0)),
    "head.bias": ("float32", (3,), BIAS),
    "scale": ("float64", (), struct.pack("<d", 0.1)),
    "steps": ("int64", (1,), struct.pack("<q", 1000)),
    "\u00fcber": ("bool", (2,), b"\x00\x01"),
}


def _tree(*names: str) -> TensorTree:
    return tensor_tree(
        TensorLeaf(name, dtype, shape, hashlib.sha256(values).digest())
        for name, (dtype, shape, values) in VALUES.items()
        if name in (names or VALUES)
    )


def _model(world: World, name: str, tree: TensorTree) -> int:
    _, manifest, digests = manifest_of({"model.safetensors": b"any file: the tensors are shown"})
    card = hashlib.sha256(b"a card").hexdigest()
    model: dict[str, JsonValue] = {"name": name, "version": 1, "format": "safetensors"}
    model |= {"card": card, "tensors": tree.claim()}
    fields: dict[str, JsonValue] = {"manifest": manifest, "model": model}
    draft = Draft("model", (Subject(name, digests),), world.now_s(), (), fields)
    (index,) = world.append([draft], world.alice)
    return index


def golden_files() -> dict[str, bytes]:
    """Build every bundle, its policy and the values of one tensor in a scratch folder."""
    written = {"head.bias.bin": BIAS}
    with tempfile.TemporaryDirectory() as scratch, open_world(Path(scratch), "tensors ") as world:
        full, small = _tree(), _tree("head.bias")
        model, tiny = _model(world, "classifier", full), _model(world, "tiny", small)
        world.notes(20)
        policy = replace(workspace_policy(world.log), require=("who", "untampered"))
        for name, index, tree, shown in (
            ("one", model, full, ("head.bias",)),
            ("several", model, full, ("conv.weight", "scale", "\u00fcber")),
            ("only", tiny, small, ("head.bias",)),
        ):
            request = BundleRequest(tensors=tuple(map(tree.show, shown)))
            bundle = assemble_bundle(world.log, index, request)
            written[f"{name}.diptych.json"] = dump_bundle(bundle)
            written[f"{name}.policy.toml"] = dump_policy(policy)
    sums = "".join(f"{hashlib.sha256(written[n]).hexdigest()}  {n}\n" for n in sorted(written))
    return written | {"SHA256SUMS": sums.encode()}


def _bundle(name: str) -> bytes:
    return (FOLDER / f"{name}.diptych.json").read_bytes()


def _policy(name: str) -> TrustPolicy:
    return TrustPolicy.parse((FOLDER / f"{name}.policy.toml").read_bytes())


@pytest.mark.parametrize("name", ["one", "only"])
def test_golden_values_are_proven_under_their_policy_only(name: str) -> None:
    values = FOLDER / "head.bias.bin"
    found = verify_bundle(_bundle(name), policy=_policy(name), path=values).answer("untampered")
    assert (found.status, "tensor 'head.bias' (float32 [3])" in found.text) == (PROVEN, True)
    alone = verify_bundle(_bundle(name), path=values)
    assert alone.answer("who").status == SELF_ASSERTED


def test_golden_tensors_are_named() -> None:
    policy = replace(_policy("several"), require=())
    text = verify_bundle(_bundle("several"), policy=policy).answer("untampered").text
    for named in ("'conv.weight' (float32 [2, 2])", "'scale' (float64 [])", "(bool [2])"):
        assert named in text
    with pytest.raises(MalformedError, match="expected 1 to compare"):
        verify_bundle(_bundle("several"), policy=policy, path=FOLDER / "head.bias.bin")


@pytest.mark.parametrize("name", ["one", "only"])
def test_other_values_are_refused(name: str, tmp_path: Path) -> None:
    other = tmp_path / "other.bin"
    for at in range(len(BIAS)):
        other.write_bytes(BIAS[:at] + bytes([BIAS[at] ^ 1]) + BIAS[at + 1 :])
        with pytest.raises(DigestMismatch):
            verify_bundle(_bundle(name), policy=_policy(name), path=other)


@pytest.mark.parametrize("name", NAMES)
def test_every_changed_leaf_is_refused(name: str) -> None:
    policy = replace(_policy(name), require=("who",))
    verify_bundle(_bundle(name), policy=policy)
    assert accepted_changes(_bundle(name), lambda raw: verify_bundle(raw, policy=policy)) == []


def test_released_files_are_untouched_and_today_s_writer_makes_them() -> None:
    found = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    assert found == golden_files()
    assert hashlib.sha256(found["SHA256SUMS"]).hexdigest() == RELEASED


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, content in golden_files().items():
        (FOLDER / file).write_bytes(content)
