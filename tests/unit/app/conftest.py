"""An empty folder with the program in it, and one that is a workspace already."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.app.program import PASSPHRASE, Program

from diptych.core.secret import Secret
from diptych.provenance.keys import keyfile
from diptych.provenance.keys.agent.client import AgentClient
from diptych.provenance.keys.agent.wire import socket_path
from diptych.provenance.keys.errors import AgentRefused, AgentUnavailable


@pytest.fixture(scope="session", autouse=True)
def stretched_once() -> Iterator[None]:
    """Stretch each passphrase once: the tests run hundreds of commands on copies of one key."""
    known: dict[tuple[str, bytes, int], Any] = {}
    real = keyfile._cipher

    def stretch(passphrase: Secret, salt: bytes, log2_n: int) -> Any:
        asked = (passphrase.reveal(), salt, log2_n)
        if asked not in known:
            known[asked] = real(passphrase, salt, log2_n)
        return known[asked]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keyfile, "_cipher", stretch)
        yield


@pytest.fixture
def program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Program]:
    """The program in an empty folder; its agent, if any, ends with the test."""
    runtime = Path(tempfile.mkdtemp(prefix="dt-"))  # short: a socket's path has 100 bytes
    folder = tmp_path / "project"
    folder.mkdir()
    environ = {
        "DIPTYCH_KEYS__PASSPHRASE": PASSPHRASE,
        "DIPTYCH_KEYS__SCRYPT_LOG2_N": "14",
        "DIPTYCH_LOG__WAIT_S": "30",
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    made = Program(folder, environ, capsys, monkeypatch)
    yield made
    made.close()
    keys = folder / ".diptych" / "private" / "keys"
    with contextlib.suppress(AgentUnavailable, AgentRefused):
        AgentClient(socket_path(keys, environ)).lock()
    shutil.rmtree(runtime, ignore_errors=True)  # an ending agent removes its socket itself


@pytest.fixture(scope="session")
def made_workspace(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Where a workspace to copy stands, once one was made."""
    return {"folder": tmp_path_factory.mktemp("made")}


@pytest.fixture
def book(program: Program, made_workspace: dict[str, Path]) -> Program:
    """The program in a workspace with a folder `study` of two files, not sealed yet."""
    made = made_workspace["folder"] / ".diptych"
    home = program.folder / ".diptych"
    if made.exists():
        shutil.copytree(made, home)
    else:
        program.ok("init")
        shutil.copytree(home, made)
    study = program.folder / "study"
    study.mkdir()
    (study / "a.csv").write_text("1,2\n")
    (study / "b.csv").write_text("3,4\n")
    return program
