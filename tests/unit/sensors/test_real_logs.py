"""Real logs, where the shared data lies beside the repository: labelled failures are found."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from diptych.data.sensors.check import PROVEN, check_series, history_length
from diptych.data.sensors.excursion import excursion_findings
from diptych.data.sensors.findings import Limits
from diptych.data.sensors.series import read_csv

TRUST = Path(__file__).parents[4] / "shared" / "data" / "trust"
pytestmark = pytest.mark.skipif(not TRUST.is_dir(), reason="the shared data is not here")


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def _labels() -> dict[str, list[list[str]]]:
    path = TRUST / "sensors" / "anomaly_windows.json"
    found: dict[str, list[list[str]]] = json.loads(path.read_text()) if path.is_file() else {}
    return found


@pytest.mark.parametrize("name", sorted(_labels()))
def test_labelled_failures_are_found_with_few_alarms_beside(name: str) -> None:
    path = TRUST / "sensors" / name.rsplit("/", maxsplit=1)[-1]
    series = read_csv(path.read_text(), name=path.stem)
    windows = [(_seconds(a), _seconds(b)) for a, b in _labels()[name]]
    found = check_series(series)
    for start_s, end_s in windows:
        assert any(one.from_s <= end_s and one.to_s >= start_s for one in found)
    beside = [
        one
        for one in found
        if one.rule not in PROVEN and all(one.to_s < a or one.from_s > b for a, b in windows)
    ]
    weeks = (series.times_s[-1] - series.times_s[history_length(series)]) / 604_800
    assert len(beside) <= weeks


def test_a_burger_left_out_for_an_hour_is_an_excursion() -> None:
    text = (TRUST / "coldchain" / "item7.csv").read_text()
    series = read_csv(text, name="item7")
    (first, *_) = excursion_findings(series, Limits(-1, 8, for_s=1800))
    assert first.to_s - first.from_s > 3600
