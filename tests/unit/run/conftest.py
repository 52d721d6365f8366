"""A workspace in a project folder, made once and copied; keys open by the environment."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import diptych

PASSPHRASE = "correct horse"
ENVIRON = {"DIPTYCH_KEYS__PASSPHRASE": PASSPHRASE, "DIPTYCH_KEYS__SCRYPT_LOG2_N": "14"}


@dataclass
class Project:
    """A project folder with a workspace."""

    folder: Path

    def open(self) -> diptych.Workspace:
        return diptych.open(self.folder)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def python(self, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, *words],
            cwd=self.folder,
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            check=False,
        )

    def git(self, *words: str) -> None:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *words]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, text in {**ENVIRON, "XDG_RUNTIME_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, text)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        for name, text in ENVIRON.items():
            patch.setenv(name, text)
        diptych.create(folder)
    return folder


@pytest.fixture
def project(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    folder = tmp_path / "project"
    shutil.copytree(made, folder)
    (folder / "data.csv").write_text("x,y\n1,2\n3,4\n")
    monkeypatch.chdir(folder)
    return Project(folder)
