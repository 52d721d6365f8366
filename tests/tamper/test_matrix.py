"""Under a trust policy every tampered copy is caught and nothing untouched is; counts are given."""

from pathlib import Path
from typing import Any

import pytest
from tests.tamper.matrix import run_matrix, unnoticed
from tests.tamper.scene import KINDS, Attack


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return run_matrix(1, tmp_path_factory.mktemp("tamper"))


def test_every_attack_is_caught(result: dict[str, Any]) -> None:
    assert result["missed"] == []
    assert result["cases"] >= 500
    assert all(result["by_kind"][kind] >= 2 for kind in KINDS)


def test_nothing_untouched_is_refused(result: dict[str, Any]) -> None:
    assert result["false_alarms"] == []
    assert result["untouched"] >= 20


def test_regenerated_bundles_prove_nothing_without_a_policy(result: dict[str, Any]) -> None:
    assert result["proven_without_policy"] == []
    assert result["regenerated_without_policy"] >= 5


def test_the_matrix_reports_what_goes_unnoticed(tmp_path: Path) -> None:
    idle = Attack("bytes", "nothing changed", lambda folder: folder)
    tried, missed = unnoticed([idle], tmp_path)
    assert (tried["bytes"], missed) == (1, ["bytes: nothing changed"])
