"""What is attacked: a workspace with published models, an export of one, and its trust policy."""

import os
import shutil
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tests.model_attacks.files import folder_model, small_onnx, small_safetensors

from diptych.app.place import HOME, Place
from diptych.app.verbs.create import create
from diptych.app.verbs.policy import policy_toml
from diptych.app.workspace import Workspace
from diptych.core.clock import fixed_clock
from diptych.core.secret import Secret
from diptych.core.settings import load_settings
from diptych_verify.policy import TrustPolicy

NOW = 1_795_424_400.0
KINDS = (
    "weights",
    "store",
    "card",
    "history",
    "rollback",
    "alias",
    "key",
    "licence",
    "revocation",
    "approval",
    "package",
    "format",
)
Step = Callable[["World"], object]


def nothing(world: "World") -> None:
    """Do nothing: the honest twin of an attack that only an attacker would make."""


@dataclass(frozen=True)
class World:
    """A copy of the scene that one case may spoil: project folder and opened workspace."""

    folder: Path
    book: Workspace
    policy: TrustPolicy

    @property
    def home(self) -> Path:
        """The workspace's own folder."""
        return self.folder / HOME


def load(world: World, what: str = "tumour:production", **how: Any) -> object:
    """Load as a careful user does, and run it once."""
    loaded = world.book.models.load(what, **how)
    if loaded.inputs:
        shape = [2 if axis is None else axis for axis in loaded.inputs[0].shape]
        loaded.predict({loaded.inputs[0].name: np.ones(shape, dtype=np.float32)})
    return loaded


def load_alias(world: World) -> object:
    """Load what is in production."""
    return load(world)


def load_folder(world: World) -> object:
    """Load `tumour` from the folder beside the workspace."""
    return load(world, "tumour", path=Path("model"))


@dataclass(frozen=True)
class Case:
    """One attack.

    Attributes:
        kind: one of `KINDS`.
        name: what was changed.
        attack: changes the world; whatever it needs beforehand is in `before`.
        codes: error codes that name the cause.
        use: how a careful user gets the model; raises a `DiptychError` if the attack is noticed.
        before: honest steps, done for the good twin too.
        twin: an honest or harmless step in the attack's place; by default nothing.
    """

    kind: str
    name: str
    attack: Step
    codes: tuple[str, ...]
    use: Step = load_alias
    before: Step = nothing
    twin: Step = nothing


def open_book(folder: Path, *, now_s: float = NOW) -> Workspace:
    """Open a workspace at a time of our choice."""
    return Workspace.open(folder, clock=fixed_clock(now_s), prompt=lambda reason: Secret("x"))


def make_scene(folder: Path) -> Path:
    """Build the scene in an empty folder and return it: `project`, `export`, `other`."""
    os.environ["DIPTYCH_KEYS__SCRYPT_LOG2_N"] = "14"
    project = folder / "project"
    _new(project)
    book = open_book(project, now_s=NOW - 86_400)
    (project / "train.csv").write_text("a,b\n1,2\n")
    book.seal("train.csv")
    card = {"summary": "finds tumours", "limits": ["adults only"], "intended_use": "triage"}
    people = [{"name": "Ada", "role": "trainer", "share": "0.5"}]
    folder_model(project / "first", seed=1)
    folder_model(project / "model", seed=2)
    (project / "plain.onnx").write_bytes(small_onnx(3))
    (project / "weights.safetensors").write_bytes(small_safetensors(4))
    book.models.publish("first", "tumour", card=card, trained_on=["train.csv"], contributors=people)
    book.models.alias("tumour", "production")
    metrics = [{"name": "auc", "value": 0.8, "low": 0.7, "high": 0.9, "confidence": 0.95}]
    book.models.publish(
        "model", "tumour", card={**card, "metrics": metrics}, trained_on=["train.csv"]
    )
    book.models.alias("tumour@2", "production")
    book.models.publish("plain.onnx", "other")
    book.models.alias("other", "production")
    book.models.publish("weights.safetensors", "weights")
    book.models.export("tumour", "../export")
    (folder / "policy.toml").write_bytes(policy_toml(book, pin=True))
    _new(folder / "other")
    return folder


def _new(project: Path) -> None:
    project.mkdir()
    settings, _ = load_settings()
    place = Place(project.resolve() / HOME)
    create(
        Workspace(place, settings, clock=fixed_clock(NOW - 90_000), prompt=lambda _: Secret("x"))
    )


@contextmanager
def copied(scene: Path, scratch: Path) -> Any:
    """Give a fresh copy of the scene to one case."""
    target = scratch / "scene"
    shutil.copytree(scene, target, symlinks=True)
    try:
        policy = TrustPolicy.parse((target / "policy.toml").read_bytes())
        yield World(target / "project", open_book(target / "project"), policy)
    finally:
        shutil.rmtree(target)
