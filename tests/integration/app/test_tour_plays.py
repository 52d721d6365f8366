"""The tour on the real program and chain: every step proves what it says, nothing stays behind."""

import json
from pathlib import Path

from tests.unit.app.program import Program

from diptych.app.tour.prove import CHAPTER


def test_every_step_proves_something(program: Program, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    program.environ["TMPDIR"] = str(scratch)
    played = program.finish(program.start("tour", "--json"))
    assert played.code == 0, played
    shown = json.loads(played.out)
    assert [step["title"] for step in shown["steps"]] == [step.title for step in CHAPTER.steps]
    assert [step["error"] for step in shown["steps"]] == [None] * len(CHAPTER.steps)
    assert all(step["proved"] for step in shown["steps"])
    assert shown["seconds"] <= 30
    assert list(scratch.iterdir()) == []
