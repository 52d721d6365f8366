"""The tamper matrix: `python -m tests.tamper.matrix [--scale N] [--export FOLDER]` prints JSON."""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.tamper.bundles import bundle_attacks
from tests.tamper.files import export_copies, file_attacks
from tests.tamper.logs import log_attacks
from tests.tamper.scene import KINDS, Attack, Scene, make_scene, read

from diptych.core.errors import DiptychError
from diptych_verify.evidence import PROVEN
from diptych_verify.verify import verify_bundle


def attacks(scene: Scene, scale: int) -> Iterator[Attack]:
    """Yield every attack; files and logs grow with `scale`, bundles are attacked exhaustively."""
    yield from file_attacks(scene, 2 * scale)
    yield from log_attacks(scene, scale)
    yield from bundle_attacks(scene)


def unnoticed(every: Iterable[Attack], scratch: Path) -> tuple[Counter[str], list[str]]:
    """Run attacks; return the number tried by kind and the names of those nobody noticed."""
    tried: Counter[str] = Counter()
    missed = []
    for attack in every:
        tried[attack.kind] += 1
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            try:
                attack.check(Path(folder))
            except DiptychError:
                continue
        missed.append(f"{attack.kind}: {attack.name}")
    return tried, missed


def false_alarms(scene: Scene) -> tuple[int, list[str]]:
    """Read everything untouched, with policy and without; return the number and the alarms."""
    alarms = []
    for golden in scene.published:
        try:
            read(golden, scene)
            verify_bundle(golden.bundle)
            verify_bundle(golden.bundle, policy=replace(scene.policy, require=()))
        except DiptychError as error:
            alarms.append(f"{golden.name}: {error.code} {error.message}")
    return 3 * len(scene.published), alarms


def proven_without_policy(scene: Scene) -> list[str]:
    """Read the regenerated bundles without a policy; return those that claim more than they may."""
    return [
        f"{forged.name}: {answer.question}"
        for forged in scene.forged
        for answer in verify_bundle(forged.bundle).answers
        if answer.status == PROVEN
    ]


def run_matrix(scale: int, folder: Path) -> dict[str, Any]:
    """Run the whole matrix in an empty folder and return the figures."""
    folder.mkdir(exist_ok=True)
    scene = make_scene(folder)
    tried, missed = unnoticed(attacks(scene, scale), folder)
    untouched, alarms = false_alarms(scene)
    return {
        "cases": sum(tried.values()),
        "by_kind": {kind: tried[kind] for kind in KINDS},
        "missed": missed,
        "untouched": untouched,
        "false_alarms": alarms,
        "proven_without_policy": proven_without_policy(scene),
        "regenerated_without_policy": len(scene.forged),
    }


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, default=8)
    parser.add_argument("--export", type=Path, help="also write tampered copies of the files")
    parser.add_argument("--copies", type=int, default=3, help="of each kind")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = run_matrix(asked.scale, Path(folder) / "matrix")
        if asked.export:
            scene = make_scene(Path(folder) / "export")
            result["copies"] = export_copies(scene, asked.export, asked.copies)
    print(json.dumps(result, indent=1))
    return 1 if result["missed"] or result["false_alarms"] else 0


if __name__ == "__main__":
    sys.exit(main())
