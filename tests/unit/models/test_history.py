"""Which version was in production? One answer for each time, and what bounds it."""

from pathlib import Path

import pytest
from tests.model_attacks.files import small_onnx
from tests.unit.models.conftest import at_time

from diptych.app.verbs.model.history import BadTime, moment
from diptych.app.workspace import Workspace
from diptych.models.errors import BadVerdict, NoSuchModel
from diptych.models.registry.history import Seen, alias_history, in_force

DAY_S = 86_400
MARCH_1 = 1_772_323_200.0  # 2026-03-01T00:00:00Z


@pytest.fixture
def moved(book: Workspace) -> Workspace:
    """Two versions, in production from 1 and from 5 March 2026, then ended on the 9th."""
    folder = book.place.project
    for day, seed in ((0, 1), (4, 2)):
        book = at_time(folder, MARCH_1 + day * DAY_S)
        (folder / "m.onnx").write_bytes(small_onnx(seed))
        book.models.publish("m.onnx", "m")
        book.models.alias("m", "production")
    book = at_time(folder, MARCH_1 + 8 * DAY_S)
    book.models.end_alias("m", "production")
    return book


@pytest.mark.parametrize(
    ("at", "version"),
    [
        ("2026-02-28", 0),
        ("2026-03-01", 1),
        ("2026-03-03", 1),
        ("2026-03-04T23:59:59Z", 1),
        ("2026-03-05T00:00:00Z", 2),
        ("2026-03-08", 2),
        ("2026-03-09", None),
        ("2030-01-01", None),
    ],
)
def test_one_answer_for_each_time(moved: Workspace, at: str, version: int | None) -> None:
    found = moved.models.in_force("m", "production", at)
    assert (found.version if found else 0) == version


def test_time_is_claimed_unless_the_log_was_seen(moved: Workspace) -> None:
    assert "signer's word" in moved.models.history("m", "production")[0].basis()
    registry = moved.models.registry
    first, second, _ = registry.moves("m", "production")
    seen = [
        Seen(first.index, "2026-03-01T00:00:01Z", "chain 1"),
        Seen(second.index, "2026-03-02T00:00:00Z", "chain 1"),
    ]
    move = alias_history(registry, "m", "production", seen)[0]
    assert (move.not_before, move.not_after) == ("2026-03-01T00:00:01Z", "2026-03-02T00:00:00Z")
    assert "between" in move.basis()


def test_a_clock_that_goes_back_does_not_change_the_order(book: Workspace) -> None:
    folder: Path = book.place.project
    for number, day in enumerate((4, 0), start=1):
        late = at_time(folder, MARCH_1 + day * DAY_S)
        (folder / "m.onnx").write_bytes(small_onnx(number))
        late.models.publish("m.onnx", "m")
        late.models.alias("m", "production")
    moves = late.models.history("m", "production")
    assert [move.effective for move in moves] == ["2026-03-05T00:00:00Z"] * 2
    found = in_force(moves, "2026-03-05T00:00:00Z")
    assert found is not None
    assert found.version == 2
    assert in_force(moves, "2026-03-02T00:00:00Z") is None


def test_unknown_alias_and_malformed_time(moved: Workspace) -> None:
    with pytest.raises(NoSuchModel):
        moved.models.history("m", "staging")
    for text in ("yesterday", "2026-02-30", "2026-03-01T00:00:00", "2026-03-01T25:00:00Z"):
        with pytest.raises(BadTime):
            moment(text)


def test_alias_that_ended_says_since_when(moved: Workspace) -> None:
    with pytest.raises(NoSuchModel, match=r"points to no version since record 5") as refused:
        moved.models.load("m:production")
    assert refused.value.hint == "diptych model alias m production"
    with pytest.raises(NoSuchModel, match="one of the aliases: production"):
        moved.models.load("m:staging")


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": ""},
        {"role": " "},
        {"role": "a\nb"},
        {"role": "x" * 65},
        {"role": "medical", "verdict": "maybe"},
        {"role": "medical", "reason": "x" * 1_001},
    ],
)
def test_verdicts_that_say_nothing_are_not_logged(moved: Workspace, wrong: dict[str, str]) -> None:
    before = len(moved.records(limit=99))
    with pytest.raises(BadVerdict):
        moved.models.approve("m@1", **wrong)
    with pytest.raises(BadVerdict):
        moved.models.revoke("m@1", reason="x" * 1_001)
    assert len(moved.records(limit=99)) == before
    moved.models.approve("m@1", role="x" * 64, verdict="rejected", reason="x" * 1_000)
