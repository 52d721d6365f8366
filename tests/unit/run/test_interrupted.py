"""A run that is killed is found when the workspace is opened again, once."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.run.conftest import Project

import diptych
from diptych.app.verbs.runs import list_runs
from diptych.provenance.activity.journal import RunJournal, unfinished_runs

SCRIPT = """
import time, diptych
with diptych.open() as book, book.run("train", params={"depth": 3}, seed=7) as run:
    run.use("data.csv")
    print("used", flush=True)
    time.sleep(60)
"""


def _start(project: Project) -> "subprocess.Popen[str]":
    project.write("train.py", SCRIPT)
    child = subprocess.Popen(
        [sys.executable, "train.py"], cwd=project.folder, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "used\n"
    return child


def _stop(child: "subprocess.Popen[str]", number: int) -> None:
    child.send_signal(number)
    child.communicate(timeout=30)


def test_killed_run_is_recorded_with_what_it_used(project: Project) -> None:
    child = _start(project)
    assert list_runs(project.open()) == []  # it is alive: nothing to record
    _stop(child, signal.SIGKILL)
    book = project.open()
    (run,) = list_runs(book)
    assert run.document.status == "interrupted"
    assert run.document.duration_s is None
    assert [one.reference for one in run.document.inputs] == ["data.csv"]
    assert dict(run.document.params) == {"depth": 3}
    assert list(book.place.runs.iterdir()) == []
    assert len(list_runs(project.open())) == 1


def test_terminated_run_leaves_its_record_too(project: Project) -> None:
    _stop(_start(project), signal.SIGTERM)
    assert [one.document.status for one in list_runs(project.open())] == ["interrupted"]


def test_locked_keys_leave_the_journal_for_the_next_time(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stop(_start(project), signal.SIGKILL)
    with monkeypatch.context() as patch:
        patch.delenv("DIPTYCH_KEYS__PASSPHRASE")
        assert list_runs(diptych.open(project.folder)) == []
    assert len(list_runs(project.open())) == 1


def test_crash_between_record_and_removal_records_nothing_twice(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = RunJournal.close
    with monkeypatch.context() as patch:
        patch.setattr(RunJournal, "close", lambda self, **_: real(self, keep=True))
        with project.open().run("train"):
            pass
    assert len(list(project.open().place.runs.iterdir())) == 0
    assert [one.document.status for one in list_runs(project.open())] == ["completed"]


@pytest.mark.parametrize("content", [b"", b"nonsense\n", b'{"format": "diptych-run/1"}\n'])
def test_journal_that_cannot_be_read_is_removed(project: Project, content: bytes) -> None:
    folder = project.open().place.runs
    folder.mkdir()
    (folder / f"{'0' * 32}.jsonl").write_bytes(content)
    assert list_runs(project.open()) == []
    assert list(folder.iterdir()) == []


def test_line_cut_off_by_a_power_cut_is_left_out(project: Project) -> None:
    child = _start(project)
    _stop(child, signal.SIGKILL)
    (path,) = Path(project.folder, ".diptych", "runs").iterdir()
    path.write_bytes(path.read_bytes() + b'{"used": {"reference": "b.c')
    (one,) = unfinished_runs(path.parent)
    assert one.document is not None
    assert [each.reference for each in one.document.inputs] == ["data.csv"]


def test_many_open_at_once_and_one_records(project: Project) -> None:
    _stop(_start(project), signal.SIGKILL)
    children = [
        subprocess.Popen(
            [sys.executable, "-c", "import diptych; diptych.open()"], cwd=project.folder
        )
        for _ in range(4)
    ]
    assert [child.wait(timeout=60) for child in children] == [0] * 4
    assert len(list_runs(project.open())) == 1
