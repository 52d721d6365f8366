"""CDISC Dataset-JSON 1.0, brought into the form of 1.1. Pure.

Source: Dataset-JSON 1.0 of CDISC (derived from ODM 2.0): one item group within `clinicalData` or
`referenceData`, its columns as `items`, its rows as `itemData`. Such a file is read as a whole, so
that it may be 256 MiB long; 1.1 has no limit.
"""

from collections.abc import Mapping
from typing import Final, cast

from diptych.core.errors import JsonValue

MAX_CHARACTERS: Final = 1 << 28
PARTS: Final = ("clinicalData", "referenceData")
ONLY_HERE: Final = frozenset([*PARTS, "asOfDateTime", "creationDateTime", "sourceSystemVersion"])
"""Members by which a file of version 1.0 is told from one of 1.1."""
_TOP: Final = frozenset([*ONLY_HERE, "datasetJSONVersion", "fileOID", "originator", "sourceSystem"])
_PART: Final = frozenset(["studyOID", "metaDataVersionOID", "metaDataRef", "itemGroupData"])
_GROUP: Final = frozenset(["records", "name", "label", "items", "itemData"])
_ITEM: Final = {
    **{"OID": "itemOID", "name": "name", "label": "label", "type": "dataType"},
    **{"length": "length", "displayFormat": "displayFormat", "keySequence": "keySequence"},
}


def upgraded(document: JsonValue) -> tuple[dict[str, JsonValue], list[JsonValue]]:
    """Return the header that version 1.1 would have, without `rows`, and the rows.

    Raises:
        ValueError: it is no Dataset-JSON 1.0 with one item group.
    """
    top = _object(document, "the document", _TOP)
    if not str(top.get("datasetJSONVersion", "")).startswith("1.0"):
        raise ValueError("datasetJSONVersion: expected 1.0 or 1.0.x with clinicalData")
    parts = [name for name in PARTS if name in top]
    if len(parts) != 1:
        raise ValueError(f"expected one of {' and '.join(PARTS)}")
    part = _object(top[parts[0]], parts[0], _PART)
    groups = _object(part.get("itemGroupData"), "itemGroupData", None)
    if len(groups) != 1:
        raise ValueError(f"itemGroupData: got {len(groups)} tables in one file, expected one")
    ((oid, found),) = groups.items()
    group = _object(found, "itemGroupData of the table", _GROUP)
    items, rows = group.get("items"), group.get("itemData")
    if not isinstance(items, list) or not isinstance(rows, list):
        raise ValueError("expected arrays of items and itemData")
    header: dict[str, JsonValue] = {
        name: top[name] for name in ("fileOID", "originator") if name in top
    }
    if "creationDateTime" in top:
        header["datasetJSONCreationDateTime"] = top["creationDateTime"]
    header |= {name: part[name] for name in part if name != "itemGroupData"}
    header |= {name: group[name] for name in ("records", "name", "label") if name in group}
    header |= {
        "datasetJSONVersion": "1.1.0",
        "itemGroupOID": oid,
        "isReferenceData": parts[0] == "referenceData",
        "columns": [_column(one, f"items[{place}]") for place, one in enumerate(items)],
    }
    return header, _with_decimals(cast("list[JsonValue]", header["columns"]), rows)


def _column(value: JsonValue, where: str) -> JsonValue:
    item = _object(value, where, frozenset([*_ITEM, "fractionDigits"]))
    return {_ITEM[name]: one for name, one in item.items() if name in _ITEM}


def _with_decimals(columns: list[JsonValue], rows: list[JsonValue]) -> list[JsonValue]:
    """Write decimals as texts: version 1.0 has them as numbers."""
    places = [
        place
        for place, column in enumerate(columns)
        if isinstance(column, dict) and column.get("dataType") == "decimal"
    ]
    for row in rows if places else ():
        for place in places:
            if isinstance(row, list) and place < len(row) and _is_number(row[place]):
                row[place] = repr(row[place])
    return rows


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _object(value: JsonValue, where: str, known: frozenset[str] | None) -> Mapping[str, JsonValue]:
    if not isinstance(value, dict):
        raise ValueError(f"{where}: expected an object")
    unknown = [] if known is None else sorted(value.keys() - known)
    if unknown:
        raise ValueError(f"{where}: got {unknown[0]!a}, which Dataset-JSON 1.0 does not know")
    return value
