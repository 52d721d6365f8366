"""A workspace with nothing in it, at a fixed time."""

from pathlib import Path

import pytest

from diptych.app.place import HOME, Place
from diptych.app.verbs.create import create
from diptych.app.workspace import Workspace
from diptych.core.clock import fixed_clock
from diptych.core.secret import Secret
from diptych.core.settings import load_settings

NOW = 1_795_424_400.0


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new workspace, made once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPTYCH_KEYS__SCRYPT_LOG2_N", "14")
        folder = tmp_path_factory.mktemp("blank")
        settings, _ = load_settings()
        create(Workspace(Place(folder / HOME), settings, prompt=lambda _: Secret("x")))
    return folder


@pytest.fixture
def book(blank: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A copy of it, opened."""
    import shutil

    monkeypatch.setenv("DIPTYCH_KEYS__SCRYPT_LOG2_N", "14")
    shutil.copytree(blank, tmp_path / "project")
    return at_time(tmp_path / "project", NOW)


def at_time(folder: Path, now_s: float) -> Workspace:
    """Open a workspace at a time of our choice."""
    return Workspace.open(folder, clock=fixed_clock(now_s), prompt=lambda _: Secret("x"))
