"""What is attacked: published bundles with their policies and files, and the log behind them."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.golden.make import Case as Golden
from tests.golden.make import golden_cases
from tests.golden.world import FILES, write_files

from diptych_verify.evidence import Evidence
from diptych_verify.policy import TrustPolicy
from diptych_verify.verify import verify_bundle

KINDS = (
    "bytes",
    "rename",
    "add",
    "delete",
    "reorder",
    "metadata",
    "field change",
    "field swap",
    "key swap",
    "log rewrite",
    "truncation",
    "rollback",
    "split view",
    "regenerated",
)


@dataclass(frozen=True)
class Attack:
    """One tampered case.

    Attributes:
        kind: one of `KINDS`.
        name: what exactly was changed.
        check: does what a careful reader would do with the result; raises a `DiptychError` if the
            attack is caught, returns if it goes unnoticed. Gets an empty scratch folder.
    """

    kind: str
    name: str
    check: Callable[[Path], object]


@dataclass(frozen=True)
class Scene:
    """Everything an attack may start from.

    Attributes:
        published: the victim's good bundles.
        forged: the same history, made again by somebody with other keys, under the same names.
        log_path: the victim's log, closed.
        files: folder of the sealed files.
        chance: drives all choices; seeded, so that every run makes the same cases.
    """

    published: tuple[Golden, ...]
    forged: tuple[Golden, ...]
    log_path: Path
    files: Path
    chance: random.Random

    @property
    def policy(self) -> TrustPolicy:
        """What the reader learnt beforehand: log, first signer, an older checkpoint."""
        return self.published[0].policy

    def of(self, name: str) -> Golden:
        """Return a published bundle by its name."""
        return next(one for one in self.published if one.name == name)


def make_scene(folder: Path) -> Scene:
    """Build the scene in an empty folder."""
    victim = golden_cases(folder / "victim")
    mallory = golden_cases(folder / "mallory", "mallory ")
    return Scene(
        published=tuple(one for one in victim if not one.error),
        forged=tuple(one for one in mallory if not one.error),
        log_path=folder / "victim" / "log.sqlite",
        files=write_files(folder / "trial", FILES),
        chance=random.Random(20261123),
    )


def read(
    golden: Golden, scene: Scene, *, bundle: bytes | None = None, files: Path | None = None
) -> Evidence:
    """Verify as the reader of `golden` would: its policy, the files if it seals any, lineage."""
    path = (files or scene.files) if golden.files else None
    raw = golden.bundle if bundle is None else bundle
    return verify_bundle(raw, policy=golden.policy, path=path, lineage=golden.lineage)
