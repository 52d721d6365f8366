"""The model matrix: `python -m tests.model_attacks.matrix [--export FOLDER]` prints JSON.

Every case runs twice on fresh copies of the scene: with the attack, which must be refused with a
cause that fits, and with an honest step in its place, which must not be refused.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.model_attacks.cards import card_cases
from tests.model_attacks.formats import format_cases
from tests.model_attacks.histories import history_cases
from tests.model_attacks.licences import licence_cases
from tests.model_attacks.packages import package_cases
from tests.model_attacks.scene import KINDS, Case, copied, make_scene
from tests.model_attacks.signing import alias_cases, key_cases, verdict_cases
from tests.model_attacks.weights_and_store import store_cases, weight_cases

from diptych.core.errors import DiptychError

SOURCES = (
    *(weight_cases, store_cases, card_cases, history_cases, alias_cases, key_cases),
    *(licence_cases, verdict_cases, package_cases, format_cases),
)


def cases() -> Iterator[Case]:
    """Yield every case."""
    for source in SOURCES:
        yield from source()


def refused(case: Case, scene: Path, scratch: Path) -> str:
    """Return the code with which an attack is refused, empty if it goes unnoticed."""
    with copied(scene, scratch) as world:
        case.before(world)
        case.attack(world)
        try:
            case.use(world)
        except DiptychError as error:
            return error.code
        except Exception as error:  # a crash refuses too, but names no cause
            return f"crash {error!r}"
    return ""


def alarm(case: Case, scene: Path, scratch: Path) -> str:
    """Return the code with which the good twin of a case is refused, empty if it is not."""
    with copied(scene, scratch) as world:
        case.before(world)
        case.twin(world)
        try:
            case.use(world)
        except DiptychError as error:
            return f"{error.code} {error.message}"
    return ""


def judge(every: Iterable[Case], scene: Path, scratch: Path) -> dict[str, Any]:
    """Run cases and return the figures."""
    tried: Counter[str] = Counter()
    same: dict[object, str] = {}
    missed, misnamed, alarms = [], [], []
    for case in every:
        name = f"{case.kind}: {case.name}"
        tried[case.kind] += 1
        code = refused(case, scene, scratch)
        if not code:
            missed.append(name)
        elif code not in case.codes:
            misnamed.append(f"{name}: {code}")
        twin = (case.before, case.twin, case.use)
        if twin not in same:
            same[twin] = alarm(case, scene, scratch)
        false = same[twin]
        if false:
            alarms.append(f"{name}: {false}")
    return {
        "cases": sum(tried.values()),
        "by_kind": {kind: tried[kind] for kind in KINDS},
        "missed": missed,
        "cause_not_named": misnamed,
        "false_alarms": alarms,
    }


def run_matrix(folder: Path) -> dict[str, Any]:
    """Run the whole matrix in an empty folder."""
    folder.mkdir(exist_ok=True)
    scene = folder / "scene"
    scene.mkdir()
    scratch = folder / "scratch"
    scratch.mkdir()
    return judge(cases(), make_scene(scene), scratch)


def export_copies(folder: Path) -> list[str]:
    """Write the good model folder and every tampered copy that stays a plain folder of files.

    Returns:
        Names of the copies, as `<number>`; `good` holds the untouched one.
    """
    names: list[str] = []
    with tempfile.TemporaryDirectory() as base:
        scene, scratch = Path(base) / "scene", Path(base) / "scratch"
        scene.mkdir()
        scratch.mkdir()
        make_scene(scene)
        shutil.copytree(scene / "project/model", folder / "good" / "trial")
        for case in weight_cases():
            with copied(scene, scratch) as world:
                case.attack(world)
                found = list((world.folder / "model").rglob("*"))
                if all(one.is_dir() or one.is_file() for one in found) and not any(
                    one.is_symlink() for one in found
                ):
                    names.append(f"{len(names)}")
                    shutil.copytree(world.folder / "model", folder / names[-1] / "trial")
    return names


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--export", type=Path, help="also write tampered copies of the files")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = run_matrix(Path(folder) / "matrix")
        if asked.export:
            result["copies"] = export_copies(asked.export)
    print(json.dumps(result, indent=1))
    return 1 if result["missed"] or result["cause_not_named"] or result["false_alarms"] else 0


if __name__ == "__main__":
    sys.exit(main())
