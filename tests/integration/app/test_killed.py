"""Commands that are killed before some step of the disk: the next command finds all in order."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.model_attacks.files import small_onnx
from tests.unit.app.program import Program

# The program, which kills itself before the n-th commit, rename or sync.
_MORTAL = """
import os, signal, sqlite3, sys
left = int(sys.argv.pop(1))
def step():
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
def before(function):
    def run(*arguments, **named):
        step()
        return function(*arguments, **named)
    return run
class Mortal(sqlite3.Connection):
    def execute(self, sql, *rest):
        if sql.startswith(("COMMIT", "VACUUM", "PRAGMA wal_checkpoint")):
            step()
        return super().execute(sql, *rest)
connect = sqlite3.connect
sqlite3.connect = lambda *a, **k: connect(*a, **{**k, "factory": Mortal})
os.fsync, os.replace, os.rename = before(os.fsync), before(os.replace), before(os.rename)
from diptych.app.cli import main
main()
"""
ERASE = ("data", "erase", "t", "--subject", "P-1", "--json")
PUBLISH = ("model", "publish", "m.onnx", "m", "--json")
SHARE = ("data", "share", "study", "-o", "out.share", "--json")
STEPS = [int(n) for n in os.environ.get("KILL_STEPS", "1 4 7").split()]


@pytest.fixture
def trial(book: Program) -> Program:
    """A workspace with a private table, a model to publish and data to share."""
    book.environ["DIPTYCH_LOG__LEASE_S"] = "0.5"
    (book.folder / "t.csv").write_text("id,age\nP-1,40\nP-2,41\n")
    book.ok("data", "add-table", "t.csv", "--subject", "id", "--name", "t")
    (book.folder / "t.csv").unlink()
    book.ok("data", "add", "study", "--name", "study", "--store")
    book.ok("data", "license", "set", "study", "CC-BY-4.0", "--own")
    (book.folder / "m.onnx").write_bytes(small_onnx(1))
    return book


def killed(trial: Program, step: int, words: tuple[str, ...]) -> bool:
    """Run a command that is killed before a step; return whether it was."""
    child = subprocess.run(
        [sys.executable, "-c", _MORTAL, str(step), *words],
        cwd=trial.folder,
        env={**os.environ, **trial.environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=100,
        check=False,
    )
    assert child.returncode in {0, 1, -signal.SIGKILL}, child.stderr
    return child.returncode == -signal.SIGKILL


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_erasure_is_finished(trial: Program, step: int) -> None:
    died = killed(trial, step, ERASE)
    ran = trial(*ERASE)
    assert ran.code in {0, 1}
    assert died or ran.error["code"].startswith("Private")
    hidden = trial("data", "disclose", "t", "--subject", "P-1", "-o", "x.json", "--json")
    assert hidden.code != 0
    assert hidden.error["code"] == "Private.Erased"
    trial.ok("data", "disclose", "t", "--subject", "P-2", "-o", "kept.json")
    assert trial("verify", "kept.json").code == 0
    assert trial("status").code == 0


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_publication_is_whole_or_not_there(trial: Program, step: int) -> None:
    died = killed(trial, step, PUBLISH)
    seen = trial("model", "show", "m", "--json")
    if seen.code:
        assert died
        assert trial.ok(*PUBLISH[:-1])["version"] == 1
    assert trial("model", "show", "m").code == 0
    assert trial("verify", "m.onnx").code in {0, 2}
    assert trial("status").code == 0


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_share_is_whole_or_not_there(trial: Program, step: int, tmp_path: Path) -> None:
    reader = Program(tmp_path / "reader", trial.environ, trial.captured, trial.patch)
    reader.folder.mkdir()
    reader.ok("init")
    key = reader.ok("data", "identity", "-o", "age.key")["recipient"]
    trial.ok("export", "policy", str(reader.folder / "policy.toml"))
    words = (*SHARE, "--to", key)
    died = killed(trial, step, words)
    if not (trial.folder / "out.share").exists():
        assert died
        trial.ok(*words)
    shutil.copy(trial.folder / "out.share", reader.folder)
    how = ("--to", "got", "--identity", "age.key", "--policy", "policy.toml")
    assert reader.ok("data", "receive", "out.share", *how)["files"] == 2
    assert trial("status").code == 0
