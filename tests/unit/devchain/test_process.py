"""The guard: what we start never outlives us."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from diptych.ledger.devchain.errors import NodeFailed
from diptych.ledger.devchain.process import launch, wait_for_line

STARTER = """
import sys, pathlib, time
from diptych.ledger.devchain.process import launch
process = launch(["sleep", "300"], log_path=pathlib.Path(sys.argv[1]))
print(process.pid, flush=True)
time.sleep(300)
"""


def runs(pid: int) -> bool:
    """Whether the process exists and is more than a corpse that nobody has buried."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    if Path("/proc/self").exists():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ends(pid: int, *, within_s: float = 5.0) -> bool:
    deadline = time.monotonic() + within_s
    while runs(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not runs(pid)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_child_ends_with_its_starter(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-c", STARTER, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        assert runs(pid)
        starter.send_signal(number)
        starter.wait()
    assert ends(pid)


def test_stop_ends_the_child_and_the_guard(tmp_path: Path) -> None:
    process = launch(["sleep", "300"], log_path=tmp_path / "log")
    assert process.running
    process.stop(grace_s=1)
    assert not process.running
    assert ends(process.pid)


def test_arguments_are_not_read_by_the_shell(tmp_path: Path) -> None:
    text = "$(touch x); `id` \"'"
    process = launch(["printf", "%s\n", text], log_path=tmp_path / "log")
    assert wait_for_line(process, "$(", timeout_s=5) == text
    process.stop()


def test_a_program_that_ends_at_once_is_quoted(tmp_path: Path) -> None:
    process = launch(["sh", "-c", "echo no such flag; exit 2"], log_path=tmp_path / "log")
    with pytest.raises(NodeFailed, match="no such flag"):
        wait_for_line(process, "Listening", timeout_s=5)


def test_silence_ends_at_the_timeout(tmp_path: Path) -> None:
    process = launch(["sleep", "300"], log_path=tmp_path / "log")
    with pytest.raises(NodeFailed, match="printed nothing"):
        wait_for_line(process, "Listening", timeout_s=0.05)
    assert ends(process.pid)
