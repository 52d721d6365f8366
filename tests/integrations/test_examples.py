"""The examples that need MLflow or torch run as they stand."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = {"train_mlflow": "mlflow", "train_huggingface": "torch"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_is_short_and_runs(name: str, tmp_path: Path) -> None:
    pytest.importorskip("mlflow", reason="`make integrations` has MLflow and torch")
    if EXAMPLES[name] == "torch":
        probe = subprocess.run([sys.executable, "-c", "import torch"], check=False)
        if probe.returncode:
            pytest.skip("no build of torch that runs without a GPU")
    file = ROOT / "examples" / "integrations" / f"{name}.py"
    assert len(file.read_text().splitlines()) <= 60
    done = subprocess.run(
        [sys.executable, str(file)],
        cwd=tmp_path,
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
