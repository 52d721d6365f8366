"""`tour`: every step is told, a step that fails makes the program fail, and the curtain falls."""

import json

import pytest
from tests.unit.app.program import Program

from diptych.app import tour
from diptych.app.tour import Chapter, Stage, Step, StepFailed, guard
from diptych.app.tour.prove import CHAPTER


def _good(stage: Stage) -> str:
    stage.notes["seen"] = True
    return "it held"


def _fails(_: Stage) -> str:
    raise StepFailed("got 1, expected 2")


def _breaks(_: Stage) -> str:
    raise KeyError("answers")


def _exits_wrongly(stage: Stage) -> str:
    return str(stage.diptych("log"))


def _play(program: Program, *steps: Step) -> list[str]:
    fallen: list[str] = []
    chapter = Chapter("small", "A small chapter", steps, lambda stage: fallen.append("fallen"))
    program.patch.setattr(tour, "CHAPTERS", (chapter,))
    return fallen


def test_steps_that_hold_are_told_one_by_one(program: Program) -> None:
    fallen = _play(program, Step("first", _good), Step("second", _good))
    ran = program("tour")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0] == "A small chapter"
    assert lines[1].startswith("  ok   first             it held  (0.0 s)")
    assert lines[3].startswith("2 of 2 steps proved in ")
    assert fallen == ["fallen"]
    shown = program.ok("tour", "--chapter", "small")
    assert (shown["ok"], [step["proved"] for step in shown["steps"]]) == (True, ["it held"] * 2)


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (_fails, "got 1, expected 2"),
        (_breaks, "KeyError"),
        (_exits_wrongly, "got exit 2, expected 0"),
    ],
)
def test_a_step_that_fails_ends_the_tour_with_exit_1(
    program: Program, step: object, says: str
) -> None:
    assert callable(step)
    fallen = _play(program, Step("first", _good), Step("bad", step), Step("never", _good))
    ran = program("tour")
    assert ran.code == 1
    assert "  FAIL bad" in ran.out
    assert says in ran.out
    assert "never" not in ran.out
    assert "1 of 2 steps proved" in ran.out
    assert fallen == ["fallen"]
    shown = json.loads(program("tour", "--json").out)
    assert (shown["ok"], shown["steps"][1]["error"]["code"]) == (False, "Tour.StepFailed")


def test_an_unknown_chapter_names_the_known_ones(program: Program) -> None:
    shown = program.refused("tour", "--chapter", "nosuch", code=2)
    assert shown["code"] == "Tour.UnknownChapter"
    assert shown["message"].endswith("expected one of prove, guard")


def test_the_real_chapter_tells_the_whole_story() -> None:
    titles = [step.title for step in CHAPTER.steps]
    for word in ("init", "seal", "anchor", "verify offline", "flip one byte", "kill -9, restart"):
        assert word in titles


def test_the_guard_chapter_robs_the_vault_before_and_after_the_fix() -> None:
    titles = [step.title for step in guard.CHAPTER.steps]
    assert titles.index("rob it") < titles.index("fix") < titles.index("rob it again")
