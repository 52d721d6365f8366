"""Runs: the cost of import and one logged run beside MLflow's, and replays of a real training.

The run has the same parameters, metrics and file on both sides; both stores exist already. Ours
also captures code, environment and hardware, hashes the file, and signs. Keys are held by the
agent, as in daily work; a second row unlocks them by passphrase.
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness import HERE, Row, arguments, peer_python, report, row, run_child

MLFLOW = ("mlflow", "mlflow==3.17.2")
DIPTYCH = str(Path(sys.executable).parent / "diptych")
TRAINING = """\
import diptych
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from diptych.models.integrations.sklearn import record_fit

X, y = load_breast_cancer(return_X_y=True)
model = make_pipeline(StandardScaler(), RandomForestClassifier(n_estimators=50, random_state=7))
with diptych.open() as book:
    record_fit(book, model, X, y, data=["wdbc.csv"], save="model.skops")
"""


def cpu_row(folder: Path, env: Mapping[str, str], times: int) -> list[Row]:
    """Import and one logged run, ours with unlocked and with locked keys, and MLflow's."""
    python = str(peer_python(*MLFLOW))
    ours = [sys.executable, str(HERE / "run_child.py")]
    theirs = [python, str(HERE / "run_mlflow.py"), str(folder)]
    locked = median_cpu_s([(ours, env)], max(3, times // 2), folder)[0]
    run_child([DIPTYCH, "key", "unlock"], cwd=folder, env=env)
    try:
        free = {name: text for name, text in env.items() if name != "DIPTYCH_KEYS__PASSPHRASE"}
        mine, peer = median_cpu_s([(ours, free), (theirs, os.environ)], times, folder)
    finally:
        run_child([DIPTYCH, "key", "lock"], cwd=folder, env=env)
    what = "import and one logged run (4 parameters, seed, 3 metrics, 1 file)"
    name = "import mlflow and one run, SQLite"
    return [
        row(f"{what}, keys in the agent", mine, "CPU-s", peer=peer, peer_name=name, at_most=0.1),
        row(f"{what}, keys unlocked by passphrase", locked, "CPU-s", peer=peer, peer_name=name),
    ]


def median_cpu_s(
    commands: Sequence[tuple[Sequence[str], Mapping[str, str]]], times: int, folder: Path
) -> list[float]:
    """Return the median CPU seconds of each command, run in turn after one run of each."""
    spent: list[list[float]] = [[] for _ in commands]
    for turn in range(times + 1):
        for figures, (command, env) in zip(spent, commands, strict=True):
            used = run_child(command, cwd=folder, env=env)
            if turn:
                figures.append(used.cpu_s)
    return [statistics.median(figures) for figures in spent]


def reproduced_row(folder: Path, env: Mapping[str, str], times: int) -> Row:
    """Train once on real data, replay it, and count how often the same digest comes out."""
    from sklearn import datasets

    source = Path(datasets.__file__).parent / "data" / "breast_cancer.csv"
    shutil.copyfile(source, folder / "wdbc.csv")
    (folder / "train.py").write_text(TRAINING, encoding="utf-8")
    run_child([sys.executable, "train.py"], cwd=folder, env=env)
    same, wall_s = 0, []
    for _ in range(times):
        command = [DIPTYCH, "model", "reproduce", "model.skops", "--json"]
        done = run_child(command, cwd=folder, env=env)
        same += bool(json.loads(done.output)["same"])
        wall_s.append(done.wall_s)
    return row(
        f"seeded scikit-learn training (forest in a pipeline, Wisconsin breast cancer) replayed "
        f"{times} times: same digest",
        same,
        f"of {times}",
        at_least=times,
        more={"median_replay_wall_s": statistics.median(wall_s)},
    )


def main() -> int:
    """Measure everything."""
    asked = arguments(__doc__)
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory(dir="/tmp") as runtime:
        folder = Path(name)
        env = {
            **os.environ,
            "DIPTYCH_KEYS__PASSPHRASE": "benchmark",
            "XDG_RUNTIME_DIR": runtime,
        }
        run_child([DIPTYCH, "init"], cwd=folder, env=env)
        os.environ["XDG_RUNTIME_DIR"] = runtime
        rows = cpu_row(folder, env, 3 if asked.quick else 11)
        rows.append(reproduced_row(folder, env, 2 if asked.quick else 10))
    return report("run", rows, asked)


if __name__ == "__main__":
    sys.exit(main())
