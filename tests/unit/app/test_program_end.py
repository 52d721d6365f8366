"""The program as a process: its exit code and output survive that it ends at once."""

import subprocess
import sys
from pathlib import Path

import pytest

_WITH_THREAD = """
import sys, threading, time
from diptych.app.cli import main
def late():
    time.sleep(0.3)
    print("late")
threading.Thread(target=late).start()
sys.argv = ["diptych", "--version"]
main()
"""


def _run(*words: str, stdout: int = subprocess.PIPE) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *words], stdout=stdout, stderr=subprocess.PIPE, text=True, check=False
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [(("--version",), 0), (("--help",), 0), (("nonsense",), 2), (("nonsense", "--json"), 2)],
)
def test_code_and_output_are_whole(words: tuple[str, ...], code: int) -> None:
    ended = _run("-m", "diptych", *words)
    assert ended.returncode == code
    assert (ended.stdout + ended.stderr).endswith("\n")


def test_a_thread_that_still_runs_is_waited_for() -> None:
    ended = _run("-c", _WITH_THREAD)
    assert ended.returncode == 0
    assert ended.stdout.splitlines()[-1] == "late"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_output_that_cannot_be_written_is_no_success() -> None:
    with Path("/dev/full").open("w") as full:
        ended = _run("-m", "diptych", "--version", stdout=full.fileno())
    assert ended.returncode != 0


def test_a_program_without_output_ends_too() -> None:
    code = "import sys; sys.stdout = None; sys.argv = ['diptych', 'seal']\n"
    assert _run("-c", f"{code}from diptych.app.cli import main; main()").returncode == 2
