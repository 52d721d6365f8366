"""`diptych run` and `diptych model reproduce` as people type them."""

import json

from click.testing import CliRunner, Result
from tests.unit.run.conftest import Project

from diptych.app.cli import cli

TRAIN = """
import random, diptych
with diptych.open() as book, book.run("train", params={"depth": 3}, seed=7) as run:
    data = run.use("data.csv")
    (run.produce("model/") / "w").write_text(open(data).read() + str(random.Random(7).random()))
    run.note(auc=0.91)
"""


def _diptych(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def _trained(project: Project) -> None:
    project.write("train.py", TRAIN)
    assert project.python("train.py").returncode == 0


def test_runs_are_listed_and_shown(project: Project) -> None:
    assert _diptych("run", "list").output.count("\n") == 1
    _trained(project)
    listed = _diptych("run", "list").output.splitlines()
    assert listed[1].split()[:3] == ["2", "train", "completed"]
    shown = _diptych("run", "show", "model").output
    for text in ("seed", "7", '{"depth": 3}', '{"auc": 0.91}', "data.csv", "lock"):
        assert text in shown
    said = json.loads(_diptych("run", "show", "2", "--json").output)
    assert said["run"]["status"] == "completed"
    assert said["index"] == 2


def test_showing_what_is_no_run_fails_with_a_hint(project: Project) -> None:
    done = _diptych("run", "show", "0", "--json")
    assert done.exit_code == 2
    assert json.loads(done.output)["error"]["code"] == "Run.None"


def test_reproduce_answers_by_exit_code(project: Project) -> None:
    _trained(project)
    same = _diptych("model", "reproduce", "model")
    assert (same.exit_code, "reproduced: run 'train', 1 replay" in same.output) == (0, True)
    project.write("data.csv", "x\n")
    other = _diptych("model", "reproduce", "model")
    assert other.exit_code == 1
    assert "cause: data (all that differs)" in other.output
    said = json.loads(_diptych("model", "reproduce", "model", "--json").output)
    assert (said["same"], said["causes"], said["drift"][0]["factor"]) == (False, ["data"], "data")


def test_reproduce_from_python(project: Project) -> None:
    _trained(project)
    assert project.open().models.reproduce("model").same
