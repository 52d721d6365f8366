"""Train the network and the table of probabilities that ship in `diptych.audit.learned`.

Usage: python training/audit/train.py [--sets DIR] [--epochs N] [--stage STAGE] [--write]

Stages: data (functions to arrays), fit (five folds and the whole, in an environment of its own
that has torch), judge (export to ONNX, what all rules find, out of fold), report (calibration,
ablation). Without --stage all run, in about 15 minutes. `--write` replaces what ships.
"""

import argparse
import os
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
from dataset import collect, folds, write
from samples import BASES, PACKAGES, WORK, fetched

HERE = Path(__file__).resolve().parent
REPO = HERE.parent.parent
TORCH = ("numpy", "torch>=2.6,<2.14")
DATA, WEIGHTS, FOLDS_FILE = WORK / "data.npz", WORK / "weights.npz", WORK / "folds.json"


def make_data(sets: Path) -> None:
    """Write the arrays of all samples."""
    import json

    modules = fetched(PACKAGES)
    samples = collect(sets)
    sources = {each.group: _source(each.group, sets, modules) for each in samples}
    fold = folds({n: s for n, s in sources.items() if not n.startswith("solidifi")})
    fold |= {name: 4 for name in sources if name.startswith("solidifi")}  # one set of snippets
    write(DATA, samples, fold)
    FOLDS_FILE.write_text(json.dumps(fold, indent=1, sort_keys=True))
    print(f"{len(samples)} functions of {len(sources)} files")


def _source(group: str, sets: Path, modules: Path) -> bytes:
    if group.startswith("mutants/"):
        return (BASES / group.removeprefix("mutants/")).read_bytes()
    if (sets / group).is_file():
        return (sets / group).read_bytes()
    package, _, rest = group.partition("/") if not group.startswith("@") else _scoped(group)
    path = modules / package.rpartition("@")[0] / rest
    return path.read_bytes() if path.is_file() else Path(group).read_bytes()


def _scoped(group: str) -> tuple[str, str, str]:
    scope, name, rest = group.split("/", 2)
    return f"{scope}/{name}", "/", rest


def fit(epochs: int) -> None:
    """Train in an environment that has torch; it is made on first use."""
    folder = HERE.parent / ".venv"
    python = folder / "bin" / "python"
    if not python.is_file():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *TORCH], check=True)
    halves = {"0,1,2": WORK / "weights-a.npz", "3,4,-1": WORK / "weights-b.npz"}
    own = {**os.environ, "OMP_NUM_THREADS": "1"}
    running = [
        subprocess.Popen(
            [python, HERE / "fit.py", DATA, out, "--epochs", str(epochs), "--folds", some], env=own
        )
        for some, out in halves.items()
    ]
    if any([each.wait() for each in running]):
        raise SystemExit("training failed")
    parts = [np.load(out) for out in halves.values()]
    logits = np.where(np.isnan(parts[0]["logits"]), parts[1]["logits"], parts[0]["logits"])
    both = {name: part[name] for part in parts for name in part.files}
    np.savez(WEIGHTS, **{**both, "logits": logits})


def main() -> int:
    """Run the stages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=Path, default=REPO.parent / "shared/data/audit")
    parser.add_argument("--epochs", type=int, default=9)
    parser.add_argument("--stage", choices=("data", "fit", "judge", "report"))
    parser.add_argument("--write", action="store_true", help="replace what ships")
    asked = parser.parse_args()
    if asked.stage in (None, "data"):
        make_data(asked.sets)
    if asked.stage in (None, "fit"):
        fit(asked.epochs)
    if asked.stage in (None, "judge"):
        from judge import judge

        judge(asked.sets, write=asked.write)
    if asked.stage == "report":
        from report import report

        report(asked.sets, write=asked.write)
    return 0


if __name__ == "__main__":
    sys.exit(main())
