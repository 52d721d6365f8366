"""Whatever is done to a published model, loading refuses it and names the cause."""

from pathlib import Path
from typing import Any

import pytest
from tests.model_attacks.matrix import cases, judge, run_matrix
from tests.model_attacks.scene import KINDS, Case, make_scene


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return run_matrix(tmp_path_factory.mktemp("models"))


def test_every_attack_is_refused(result: dict[str, Any]) -> None:
    assert result["missed"] == []
    assert result["cases"] >= 60
    assert all(result["by_kind"][kind] >= 3 for kind in KINDS)


def test_every_refusal_names_the_cause(result: dict[str, Any]) -> None:
    assert result["cause_not_named"] == []


def test_no_good_twin_is_refused(result: dict[str, Any]) -> None:
    assert result["false_alarms"] == []


def test_no_case_is_listed_twice() -> None:
    names = [(case.kind, case.name) for case in cases()]
    assert len(names) == len(set(names))


def test_the_matrix_reports_what_goes_unnoticed(tmp_path: Path) -> None:
    for name in ("scene", "scratch"):
        (tmp_path / name).mkdir()
    scene = make_scene(tmp_path / "scene")
    idle = Case("weights", "nothing changed", lambda world: None, ("Verify.DigestMismatch",))
    found = judge([idle], scene, tmp_path / "scratch")
    assert found["missed"] == ["weights: nothing changed"]
