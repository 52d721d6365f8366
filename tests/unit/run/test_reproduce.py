"""Replays: the same digest again, and each planted cause of another one named."""

import io
import os
from pathlib import Path

import pytest
from tests.unit.run.conftest import Project

from diptych.app.verbs.model.reproduce import ReplayOptions, Reproduced, reproduce
from diptych.app.verbs.replay.folder import NotReplayable, replay_inputs
from diptych.app.verbs.replay.process import ReplayFailed
from diptych.app.verbs.replay.python import CannotInstall, requirements
from diptych.app.verbs.runs import NoRun, find_run
from diptych.app.verbs.stream import seal_stream
from diptych.provenance.activity.environment import Environment

TRAIN = """
import random, sys
from pathlib import Path
import diptych

with diptych.open() as book, book.run("train", seed=SEED) as run:
    data = run.use("data.csv")
    model = run.produce("model/")
    rows = Path(data).read_text()
    drawn = random.Random(run.seed).random()
    (model / "weights.txt").write_text(f"{rows} {drawn} FACTOR")
"""
PRESENT = ReplayOptions(present=True)


def _train(project: Project, *, seed: str = "7", factor: str = "1") -> None:
    project.write("train.py", TRAIN.replace("SEED", seed).replace("FACTOR", factor))


def _run(project: Project, *words: str) -> None:
    done = project.python("train.py", *words)
    assert done.returncode == 0, done.stderr


def _reproduce(project: Project, options: ReplayOptions | None = None) -> Reproduced:
    return reproduce(project.open(), "model", options)


def _causes(done: Reproduced) -> tuple[bool, tuple[str, ...], bool]:
    return done.same, done.causes, done.tested


def test_same_circumstances_give_the_same_root(project: Project) -> None:
    _train(project)
    _run(project)
    before = project.open().records()
    done = _reproduce(project)
    assert (done.same, done.drift, done.causes, done.replays) == (True, (), (), 1)
    assert [name for name, _, _ in done.outputs] == ["model"]
    assert project.open().records() == before  # a replay leaves no trace in the log


@pytest.mark.parametrize("git", [False, True])
def test_changed_seed_is_named(project: Project, git: bool) -> None:
    _committed(project, git=git)
    _run(project)
    _train(project, seed="8")
    done = _reproduce(project, PRESENT)
    if git:
        assert _causes(done) == (False, ("seed",), True)
    else:  # the recorded script is gone, so its change is only known not to explain it alone
        assert not done.same
        assert "seed" in done.causes


def _committed(project: Project, *, git: bool) -> None:
    _train(project)
    if git:
        project.git("init", "-q")
        project.git("add", "train.py")
        project.git("commit", "-qm", "train")


def test_unseeded_training_is_named_by_replaying_twice(project: Project) -> None:
    _train(project, seed="None")
    _run(project)
    assert _causes(_reproduce(project)) == (False, ("seed",), True)


def test_changed_data_are_named(project: Project) -> None:
    _train(project)
    _run(project)
    project.write("data.csv", "x,y\n1,2\n3,5\n")
    done = _reproduce(project)
    assert _causes(done) == (False, ("data",), False)
    assert done.drift[0].details == ("data.csv changed",)


def test_stored_data_are_taken_as_they_were(project: Project) -> None:
    _train(project)
    project.open().seal("data.csv", store=True)
    _run(project)
    project.write("data.csv", "x,y\n1,2\n3,5\n")
    assert _reproduce(project).same
    assert _causes(_reproduce(project, PRESENT)) == (False, ("data",), False)


NAMED = TRAIN.replace(
    'run.use("data.csv")', 'run.use(book.data.add("data.csv", name="patients").reference)'
).replace("Path(data)", 'Path("data.csv")')


def test_data_named_by_a_version_are_laid_where_they_were(project: Project) -> None:
    """As in two lines of an existing training: it reads the file, the run names the data."""
    project.write("train.py", NAMED.replace("SEED", "7").replace("FACTOR", "1"))
    _run(project)
    assert _reproduce(project).same
    project.write("data.csv", "x,y\n1,2\n3,5\n")
    assert _causes(_reproduce(project)) == (False, ("data",), False)


@pytest.mark.parametrize(
    ("name", "laid"),
    [
        ("rows.csv", "rows.csv"),
        ("train.py", "inputs-of-replay/0"),
        ("helper.py", "inputs-of-replay/0"),
        (".gitattributes", "inputs-of-replay/0"),
    ],
)
def test_data_that_call_themselves_code_are_not_laid_over_it(
    project: Project, name: str, laid: str
) -> None:
    book = project.open()
    sealed = seal_stream(book, io.BytesIO(b"raise SystemExit(9)"), name=name)
    script = TRAIN.replace("data.csv", sealed.record).replace("SEED", "7")
    project.write("train.py", script.replace("Path(data)", "Path('data.csv')"))
    _run(project)
    (found,) = replay_inputs(book, find_run(book, "model").document)
    assert found.path == laid


def test_changed_code_is_named(project: Project) -> None:
    _train(project)
    _run(project)
    _train(project, factor="2")
    done = _reproduce(project)
    assert _causes(done) == (False, ("code",), False)
    assert done.drift[0].details == ("train.py changed",)


def test_committed_code_is_checked_out(project: Project) -> None:
    _committed(project, git=True)
    _run(project)
    _train(project, factor="2")
    assert _reproduce(project).same
    assert _causes(_reproduce(project, PRESENT)) == (False, ("code",), False)


def test_uncommitted_code_is_replayed_while_it_is_there(project: Project) -> None:
    _committed(project, git=True)
    _train(project, factor="2")
    _run(project)
    assert _reproduce(project).same
    _train(project, factor="3")
    assert _causes(_reproduce(project)) == (False, ("code",), False)


def test_of_two_changes_the_one_that_matters_is_found(project: Project) -> None:
    _committed(project, git=True)
    project.open().seal("data.csv", store=True)
    _run(project)
    _train(project, factor="1 ")  # changes the text that is written
    project.write("data.csv", "x,y\n1,2\n3,5\n")
    assert _causes(_reproduce(project, PRESENT)) == (False, ("data", "code"), True)
    project.write("train.py", (project.folder / "train.py").read_text().replace('1 "', '1"'))
    project.write("train.py", "# a comment\n" + (project.folder / "train.py").read_text())
    assert _causes(_reproduce(project, PRESENT)) == (False, ("data",), True)


LIBRARY = """
import io
import os
from pathlib import Path
import diptych, fakelib

with diptych.open() as book, book.run("train", seed=7) as run:
    model = run.produce("model/")
    cores = len(os.sched_getaffinity(0)) if USE_CORES else 0
    (model / "weights.txt").write_text(f"{fakelib.FACTOR} {cores}")
"""


def _library(folder: Path, version: str, factor: int) -> None:
    for old in folder.glob("*.dist-info"):
        old.rmdir()
    (folder / f"fakelib-{version}.dist-info").mkdir(parents=True)
    (folder / "fakelib.py").write_text(f"FACTOR = {factor}\n")


def test_changed_library_is_named(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "libraries"
    _library(folder, "1.0", 1)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    project.write("train.py", LIBRARY.replace("USE_CORES", "False"))
    _run(project)
    assert _reproduce(project).same
    _library(folder, "2.0", 2)
    done = _reproduce(project)
    assert _causes(done) == (False, ("library",), False)
    assert done.drift[0].details == ("fakelib 1.0, now 2.0",)


def test_fresh_environment_restores_the_library(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The builder is stood in for: it makes an interpreter that sees the old library."""
    old, new = tmp_path / "old", tmp_path / "new"
    _library(old, "1.0", 1)
    _library(new, "2.0", 2)
    monkeypatch.setenv("PYTHONPATH", str(old))
    project.write("train.py", LIBRARY.replace("USE_CORES", "False"))
    _run(project)
    monkeypatch.setenv("PYTHONPATH", str(new))

    def build(environment: Environment, folder: Path) -> Path:
        assert dict(environment.distributions)["fakelib"] == "1.0"
        folder.mkdir()
        python = folder / "python"
        python.write_text(f'#!/bin/sh\nPYTHONPATH="{old}" exec {os.sys.executable} "$@"\n')  # type: ignore[attr-defined]
        python.chmod(0o755)
        return python

    fresh = ReplayOptions(fresh=True, make_python=build)
    assert _reproduce(project, fresh).same
    assert _causes(_reproduce(project)) == (False, ("library",), False)


def test_other_hardware_is_named(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cores = os.sched_getaffinity(0)
    if len(cores) < 2:
        pytest.skip("needs two cores to take one away")
    folder = tmp_path / "libraries"
    _library(folder, "1.0", 1)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    project.write("train.py", LIBRARY.replace("USE_CORES", "True"))
    _run(project)
    os.sched_setaffinity(0, {min(cores)})
    try:
        done = _reproduce(project)
    finally:
        os.sched_setaffinity(0, cores)
    assert _causes(done) == (False, ("hardware",), False)
    assert done.drift[0].details[0].startswith("cores")


def test_decorated_function_is_called_again(project: Project) -> None:
    project.write(
        "steps.py",
        "import diptych\nfrom pathlib import Path\nbook = diptych.open()\n\n"
        "@book.activity('clean')\ndef clean(src, dst, *, upper=False):\n"
        "    text = Path(src).read_text()\n"
        "    Path(dst).write_text(text.upper() if upper else text)\n",
    )
    done = project.python("-c", "import steps; steps.clean('data.csv', 'clean.csv', upper=True)")
    assert done.returncode == 0, done.stderr
    assert reproduce(project.open(), "clean.csv").same


def test_failing_replay_shows_why(project: Project) -> None:
    _train(project)
    project.write("factor.txt.gz", "x")
    text = (project.folder / "train.py").read_text()
    project.write("train.py", "open('factor.txt.gz')\n" + text)
    _run(project)
    with pytest.raises(ReplayFailed, match=r"factor\.txt\.gz"):
        _reproduce(project)


def test_endless_replay_is_stopped(project: Project) -> None:
    _train(project)
    text = (project.folder / "train.py").read_text()
    project.write(
        "train.py",
        f"import os, time\nif 'DIPTYCH__REPLAY' in os.environ:\n    time.sleep(60)\n{text}",
    )
    _run(project)
    with pytest.raises(ReplayFailed, match="more than"):
        _reproduce(project, ReplayOptions(timeout_s=0.5))


def test_what_cannot_be_replayed_is_refused_with_the_reason(project: Project) -> None:
    book = project.open()
    with book.run("train") as run:
        (run.produce("model/") / "w").write_text("1")
    with pytest.raises(NotReplayable, match="notebook"):
        reproduce(book, "model")
    with book.run("train") as empty:
        pass
    with pytest.raises(NotReplayable, match="nothing that can be compared"):
        reproduce(book, empty.record)
    with book.run("train") as hidden:
        hidden.use("data.csv", private=True)
        (hidden.produce("model/") / "w").write_text("2")
    with pytest.raises(NotReplayable, match="privately"):
        reproduce(book, "model")
    with pytest.raises(NoRun):
        reproduce(book, "0")


def test_masked_argument_is_refused(project: Project) -> None:
    _train(project)
    _run(project, "--token", "abc")
    with pytest.raises(NotReplayable, match="secret"):
        _reproduce(project)


def test_secrets_of_the_caller_do_not_reach_the_replay(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    _train(project)
    text = (project.folder / "train.py").read_text()
    project.write("train.py", f"import os\nassert 'CLOUD_TOKEN' not in os.environ\n{text}")
    _run(project)
    monkeypatch.setenv("CLOUD_TOKEN", "abc")
    assert _reproduce(project).same


def test_pins_leave_out_tools_and_name_what_no_index_has() -> None:
    pairs = (("diptych", "0.1"), ("mine", "1.0"), ("numpy", "2.0"), ("pip", "26.0"))
    environment = Environment("3.11.7", "CPython", "x", {}, pairs, ("diptych", "mine"))
    assert requirements(environment) == (["numpy==2.0"], ["mine"])
    from diptych.app.verbs.replay.python import fresh_python

    with pytest.raises(CannotInstall, match="mine"):
        fresh_python(environment, Path("unused"))
