"""Which circumstance is to blame: compared first, then varied alone."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import pytest
from tests.unit.activity.test_document import CAPTURE

from diptych.provenance.activity.capture import Capture
from diptych.provenance.activity.code import Code
from diptych.provenance.activity.drift import FACTORS, Facts, differing, isolate
from diptych.provenance.activity.environment import Environment

BEFORE = Facts(7, {"data.csv": "a" * 64}, CAPTURE)


def _environment(**change: object) -> Capture:
    said = {**vars(CAPTURE.environment), **change}
    return replace(CAPTURE, environment=Environment(**said))


@pytest.mark.parametrize(
    ("now", "factor", "detail"),
    [
        (replace(BEFORE, seed=8), "seed", "seed 7, now seed 8"),
        (
            replace(BEFORE, capture=_environment(variables={"PYTHONHASHSEED": "0"})),
            "seed",
            "PYTHONHASHSEED '', now '0'",
        ),
        (replace(BEFORE, data={"data.csv": "b" * 64}), "data", "data.csv changed"),
        (replace(BEFORE, data={}), "data", "data.csv is missing now"),
        (
            replace(
                BEFORE, capture=replace(CAPTURE, code=Code("a" * 40, "", (("train.py", "0"),)))
            ),
            "code",
            "train.py changed",
        ),
        (
            replace(BEFORE, capture=replace(CAPTURE, code=Code("f" * 40, "b" * 64))),
            "code",
            "commit aaaaaaaaaaaa, now ffffffffffff",
        ),
        (
            replace(BEFORE, capture=_environment(distributions=(("numpy", "1.0"),))),
            "library",
            "numpy 2.4.6, now 1.0",
        ),
        (replace(BEFORE, capture=_environment(python="3.12.1")), "library", "python 3.11.7"),
        (
            replace(
                BEFORE, capture=replace(CAPTURE, hardware=replace(CAPTURE.hardware, cpu="Slow 1"))
            ),
            "hardware",
            "processor 'Fast 9000', now 'Slow 1'",
        ),
    ],
)
def test_a_changed_circumstance_is_named(now: Facts, factor: str, detail: str) -> None:
    (found,) = differing(BEFORE, now)
    assert found.factor == factor
    assert detail in found.details[0]


def test_equal_circumstances_differ_in_nothing() -> None:
    tools = (*CAPTURE.environment.distributions, ("pip", "1.0"))
    assert differing(BEFORE, BEFORE) == ()
    assert differing(BEFORE, replace(BEFORE, capture=_environment(distributions=tools))) == ()


class _World:
    """A training whose result changes if one of `causes` is not as it was recorded."""

    def __init__(self, causes: set[str]) -> None:
        self.causes = causes

    def __call__(self, states: Mapping[str, str]) -> bool:
        return all(states[factor] == "recorded" for factor in self.causes)


PAIRS = [set(pair) for size in (1, 2) for pair in combinations(FACTORS[:4], size)]


@pytest.mark.parametrize("causes", PAIRS, ids=lambda c: "+".join(sorted(c)))
def test_causes_are_isolated_when_everything_can_be_restored(causes: set[str]) -> None:
    found = isolate(list(FACTORS[:4]), frozenset(FACTORS[:4]), _World(causes))
    assert (set(found.causes), found.tested) == (causes, True)


def test_a_cause_beside_one_that_cannot_be_restored() -> None:
    found = isolate(["code", "hardware"], frozenset(["code"]), _World({"code"}))
    assert (found.causes, found.tested) == (("code",), True)


def test_hardware_is_blamed_when_all_else_is_as_it_was() -> None:
    found = isolate(["code", "hardware"], frozenset(["code"]), _World({"hardware"}))
    assert (found.causes, found.tested) == (("hardware",), True)


def test_what_cannot_be_told_apart_is_said_untested() -> None:
    found = isolate(["data", "hardware"], frozenset(), _World({"data"}))
    assert (found.causes, found.tested, found.trials) == (("data", "hardware"), False, 0)


def test_single_suspect_needs_no_trial() -> None:
    assert isolate(["data"], frozenset(), _World({"data"})).causes == ("data",)
    assert isolate([], frozenset(), _World(set())).causes == ()
