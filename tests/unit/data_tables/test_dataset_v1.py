"""Dataset-JSON 1.0 is read as the same table in 1.1 is, or refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.data_tables.test_readers import COLUMNS, ROWS, document, read, written

from diptych.data.tables import BadTable

SPELLED = {"itemOID": "OID", "dataType": "type"}


def older(part: str = "clinicalData", **changes: Any) -> dict[str, Any]:
    """Return the small document of the other tests in the form of version 1.0."""
    items = [{SPELLED.get(name, name): one[name] for name in one} for one in COLUMNS]
    items[5]["type"] = "string"  # 1.0 has no dates
    group = {"records": 2, "name": "DM", "label": "Demographics", "items": items, "itemData": ROWS}
    made = {
        "creationDateTime": "2024-11-11T15:09:15",
        "asOfDateTime": "2024-11-10T00:00:00",
        "datasetJSONVersion": "1.0.0",
        "originator": "Sponsor",
        part: {"studyOID": "S", "itemGroupData": {"IG.DM": {**group, **changes}}},
    }
    return made


def test_both_versions_are_the_same_table(tmp_path: Path) -> None:
    old, rows = read(written(tmp_path, "old.json", json.dumps(older())))
    new, same = read(written(tmp_path, "new.json", json.dumps(document())))
    assert rows == same
    assert old.names == new.names
    assert (old.records, old.name, old.columns[1].key) == (2, "DM", 1)
    assert (old.header["studyOID"], old.header["isReferenceData"]) == ("S", False)
    reference = read(written(tmp_path, "ref.json", json.dumps(older("referenceData"))))[0]
    assert reference.header["isReferenceData"] is True


def test_decimals_that_are_numbers_become_texts(tmp_path: Path) -> None:
    rows = [[*row[:3], number, *row[4:]] for row, number in zip(ROWS, (0.1, 12), strict=True)]
    found = read(written(tmp_path, "old.json", json.dumps(older(itemData=rows))))[1]
    assert [row[3] for row in found] == ["0.1", "12"]


@pytest.mark.parametrize(
    "changes",
    [
        {"records": 3},
        {"itemData": {}},
        {"items": None},
        {"columns": []},
        {"itemData": [[1], [2]]},
        {"itemData": [["x", "not a number", 1, "1", True, ""]] * 2},
    ],
)
def test_what_breaks_the_format_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(BadTable):
        read(written(tmp_path, "old.json", json.dumps(older(**changes))))


def test_mixed_versions_and_several_tables_are_refused(tmp_path: Path) -> None:
    several = older()
    groups = several["clinicalData"]["itemGroupData"]
    groups["IG.AE"] = groups["IG.DM"]
    mixed = {**document(), "clinicalData": older()["clinicalData"]}
    both = {**older(), "referenceData": older()["clinicalData"]}
    wrong = {**older(), "datasetJSONVersion": "1.1.0"}
    for made in (several, mixed, both, wrong):
        with pytest.raises(BadTable):
            read(written(tmp_path, "old.json", json.dumps(made)))
    with pytest.raises(BadTable, match="more text"):
        read(written(tmp_path, "old.json", json.dumps(older()) + "{}"))
