"""The program as a process: its exit code and output survive that it ends at once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.app.program import Program

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


PRINTING = (
    ("log", "--json"),
    ("status",),
    ("verify", "study", "--json"),
    ("--help",),
)


@pytest.fixture
def sealed(book: Program) -> Program:
    book.ok("seal", "study")
    return book


@pytest.mark.parametrize("words", PRINTING)
class TestLostOutput:
    def test_a_full_disk_is_one_line_and_no_success(
        self, sealed: Program, words: tuple[str, ...]
    ) -> None:
        with Path("/dev/full").open("w") as full:
            ended = sealed.finish(sealed.start(*words, stdout=full.fileno()))
        assert ended.code == 3
        assert ended.err == (
            "error [Environment.CannotPrint]: cannot write to standard output: "
            "No space left on device\n"
        )

    def test_a_reader_that_left_is_told_nothing(
        self, sealed: Program, words: tuple[str, ...]
    ) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        ended = sealed.finish(sealed.start(*words, stdout=writing))
        os.close(writing)
        # Click itself ends a `--help` that nobody reads.
        assert (ended.code, ended.err) == (1 if words == ("--help",) else 141, "")


def test_a_wrong_command_line_is_wrong_without_output_too(sealed: Program) -> None:
    with Path("/dev/full").open("w") as full:
        ended = sealed.finish(sealed.start("log", "--colour", stdout=full.fileno()))
    assert ended.code == 2
    assert "No such option" in ended.err


@pytest.mark.parametrize(("words", "code"), [(("status",), 3), (("log", "--json"), 3)])
def test_a_closed_output_is_no_success(sealed: Program, words: tuple[str, ...], code: int) -> None:
    ended = sealed.finish(sealed.start(*words, preexec_fn=lambda: os.close(1)))
    assert ended.code == code
    assert ended.err.startswith("error [Environment.CannotPrint]: ")
    assert ended.err.count("\n") == 1


def test_a_program_without_output_ends_too() -> None:
    code = "import sys; sys.stdout = None; sys.argv = ['diptych', 'seal']\n"
    assert _run("-c", f"{code}from diptych.app.cli import main; main()").returncode == 2
