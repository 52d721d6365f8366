"""Published models under attack: what we refuse, and what MLflow, DVC and model-signing see.

The matrix stands in tests/model_attacks: each case runs with the attack and with an honest step in
its place. The file-based peers get the same tampered folders; MLflow's registry gets the same kinds
of attack and is then asked to load.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness import HERE, Row, arguments, peer_python, report, row, run_child
from tamper_peers import ENVIRONMENT, DvcPeer, ModelSigningPeer

MLFLOW = ("mlflow", "mlflow==3.17.2")


def matrix(copies: Path | None) -> dict[str, Any]:
    """Run our matrix in a process of its own and let it write the tampered copies."""
    words = [sys.executable, "-m", "tests.model_attacks.matrix"]
    if copies is not None:
        words += ["--export", str(copies)]
    result: dict[str, Any] = json.loads(run_child(words, cwd=HERE.parent).output)
    return result


def our_rows(result: dict[str, Any]) -> Iterator[Row]:
    """Judge our own figures."""
    missed = len(result["missed"]) + len(result["cause_not_named"])
    yield row(
        "attacked models refused with the cause named",
        100 * (1 - missed / result["cases"]),
        "%",
        at_least=100,
        more={"cases": result["cases"], "by_kind": result["by_kind"], "missed": result["missed"]},
    )
    yield row("attacks on models tried", result["cases"], "cases", at_least=60)
    yield row("good twins refused", len(result["false_alarms"]), "alarms", at_most=0)


def file_peers(result: dict[str, Any], copies: Path, base: Path) -> Iterator[Row]:
    """Show the tampered folders to the peers that compare files."""
    tampered = [copies / name / "trial" for name in result["copies"]]
    for name, make in (("model-signing", ModelSigningPeer), ("DVC", DvcPeer)):
        work = base / name
        work.mkdir()
        seen = make(work).catches(copies / "good" / "trial", tampered)
        yield row(
            "tampered model folders: share refused",
            1.0,
            "share",
            peer=sum(seen.values()) / len(seen),
            peer_name=name,
            at_least=1,
            more={"folders": len(seen)},
        )


def mlflow_rows(result: dict[str, Any], base: Path) -> Iterator[Row]:
    """Attack MLflow's registry in the same ways and let it load."""
    work = base / "mlflow"
    work.mkdir()
    python = str(peer_python(*MLFLOW))
    words = [python, str(HERE / "models_mlflow.py"), str(work)]
    output = run_child(words, cwd=work, env=ENVIRONMENT).output
    noticed: dict[str, bool] = json.loads(output.strip().splitlines()[-1])
    ours = 1.0 if not result["missed"] else 0.0
    for attack, seen in noticed.items():
        yield row(
            f"{attack}, then loaded: refused",
            ours,
            "share",
            peer=float(seen),
            peer_name="MLflow",
            at_least=1,
        )


def main() -> int:
    """Measure and report."""
    asked = arguments(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        copies = None if asked.quick else base / "copies"
        result = matrix(copies)
        rows = list(our_rows(result))
        if copies is not None:
            rows += file_peers(result, copies, base)
            rows += mlflow_rows(result, base)
    return report("models", rows, asked)


if __name__ == "__main__":
    sys.exit(main())
