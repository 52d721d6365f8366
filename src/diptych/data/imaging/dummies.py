"""Dummy values for action D, one for each value representation (PS3.5 6.2)."""

from typing import Any

ANONYMIZED = "ANONYMIZED"

_TEXT = {"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UT"}
_VALUES: dict[str, Any] = {
    "AS": "000Y",
    "DA": "19000101",
    "DT": "19000101000000",
    "TM": "000000",
    "DS": "0",
    "IS": "0",
    "UR": "about:blank",
    "AT": 0,
    "FL": 0.0,
    "FD": 0.0,
}


def dummy(vr: str, keyword: str) -> Any:
    """Return a value that says nothing and is not empty.

    >>> dummy("PN", "PersonName"), dummy("US", "")
    ('ANONYMIZED', 0)
    """
    if vr in _TEXT:
        return ANONYMIZED
    if vr == "SQ":
        return [_item(keyword)]
    if vr.startswith("O") or vr == "UN":
        return bytes(8)
    return _VALUES.get(vr, 0)


def _item(keyword: str) -> Any:
    from pydicom.dataset import Dataset

    item = Dataset()
    if keyword.endswith("CodeSequence"):
        item.CodeValue, item.CodingSchemeDesignator = ANONYMIZED, "99DIPTYCH"
        item.CodeMeaning = ANONYMIZED
    if keyword == "ContentSequence":
        item.RelationshipType, item.ValueType, item.TextValue = "CONTAINS", "TEXT", ANONYMIZED
    return item
