"""A workspace in a project folder; run by `make integrations` in an environment of its own."""

import os
from pathlib import Path

import pytest

import diptych
from diptych.app.workspace import Workspace

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A new workspace with `data.csv` in it, in the current folder."""
    monkeypatch.setenv("DIPTYCH_KEYS__PASSPHRASE", "correct horse")
    monkeypatch.setenv("DIPTYCH_KEYS__SCRYPT_LOG2_N", "14")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "data.csv").write_text("x,y\n1,2\n3,4\n")
    return diptych.create(folder)
