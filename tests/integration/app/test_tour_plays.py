"""The tour on the real program and chain: every step proves what it says, nothing stays behind."""

import json
import tempfile
from pathlib import Path

from tests.unit.app.program import Program

from diptych.app.tour import CHAPTERS


def test_every_step_proves_something(program: Program) -> None:
    with tempfile.TemporaryDirectory(prefix="dt-") as scratch:  # short, for the sockets in it
        program.environ["TMPDIR"] = scratch
        played = program.finish(program.start("tour", "--json"))
        left = list(Path(scratch).iterdir())
    assert played.code == 0, played
    shown = json.loads(played.out)
    titles = [step.title for chapter in CHAPTERS for step in chapter.steps]
    assert [step["title"] for step in shown["steps"]] == titles
    assert [step["error"] for step in shown["steps"]] == [None] * len(titles)
    assert all(step["proved"] for step in shown["steps"])
    assert left == []
