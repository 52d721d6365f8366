"""The header of a CDISC Dataset-JSON 1.1 file, checked against its schema. Pure.

Source: https://github.com/cdisc-org/DataExchange-DatasetJson, schema/dataset.yaml (v1.1). Members
that the schema does not know are refused, as it says.
"""

import re
from collections.abc import Mapping
from typing import Final

from diptych.core.errors import JsonValue
from diptych.data.tables.table import MAX_COLUMNS, MAX_ROWS, TYPES, Column

REQUIRED: Final = (
    *("datasetJSONCreationDateTime", "datasetJSONVersion", "itemGroupOID"),
    *("records", "name", "label", "columns"),
)
_TIMES: Final = ("datasetJSONCreationDateTime", "dbQueryDateTime", "dbLastModifiedDateTime")
_TEXTS: Final = (
    *("fileOID", "originator", "studyOID", "metaDataVersionOID", "metaDataRef"),
    *("itemGroupOID", "name", "label", "datasetJSONVersion", *_TIMES),
)
KNOWN: Final = frozenset([*REQUIRED, *_TEXTS, "sourceSystem", "isReferenceData"])
_COLUMN_TEXTS: Final = ("itemOID", "name", "label", "dataType")
_COLUMN_KNOWN: Final = frozenset(
    [*_COLUMN_TEXTS, "targetDataType", "length", "displayFormat", "keySequence"]
)
_VERSION: Final = re.compile(r"1\.1(?:\.(?:0|[1-9][0-9]*))?")
_DATE: Final = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_CLOCK: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
_TIME: Final = re.compile(rf"{_DATE}T{_CLOCK}(?:[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]|Z)?")
_MAX_TEXT: Final = 4_096


def check_header(header: Mapping[str, JsonValue]) -> tuple[Column, ...]:
    """Check all members but `rows`; return the columns.

    Raises:
        ValueError: saying which member is wrong and what was expected.
    """
    _require_members(header, REQUIRED, KNOWN, "")
    for name in _TEXTS:
        if name in header:
            _text(header[name], name)
    if _VERSION.fullmatch(str(header["datasetJSONVersion"])) is None:
        raise ValueError("datasetJSONVersion: expected 1.1 or 1.1.x")
    for name in _TIMES:
        if name in header and _TIME.fullmatch(str(header[name])) is None:
            raise ValueError(f"{name}: expected an ISO 8601 date and time with seconds")
    _whole(header["records"], "records", 0, MAX_ROWS)
    _check_source(header)
    return _columns(header["columns"])


def _require_members(
    members: Mapping[str, JsonValue],
    required: tuple[str, ...],
    known: frozenset[str],
    where: str,
) -> None:
    for name in required:
        if name not in members:
            raise ValueError(f"{where}the member '{name}' is missing")
    for name in members:
        if name not in known:
            raise ValueError(f"{where}got {name!a}, which Dataset-JSON 1.1 does not know")


def _check_source(header: Mapping[str, JsonValue]) -> None:
    if not isinstance(header.get("isReferenceData", False), bool):
        raise ValueError("isReferenceData: expected true or false")
    value = header.get("sourceSystem", {"name": "", "version": ""})
    if not isinstance(value, dict) or value.keys() != {"name", "version"}:
        raise ValueError("sourceSystem: expected an object of name and version")
    for name, text in value.items():
        _text(text, f"sourceSystem.{name}")


def _columns(value: JsonValue) -> tuple[Column, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_COLUMNS:
        raise ValueError(f"columns: expected an array of 1 to {MAX_COLUMNS}")
    columns = tuple(_column(one, f"columns[{place}]") for place, one in enumerate(value))
    for what, seen in (
        ("name", [column.name for column in columns]),
        ("keySequence", [column.key for column in columns if column.key is not None]),
    ):
        if len(set(seen)) != len(seen):
            raise ValueError(f"columns: got one {what} twice")
    return columns


def _column(value: JsonValue, where: str) -> Column:
    if not isinstance(value, dict):
        raise ValueError(f"{where}: expected an object")
    _require_members(value, _COLUMN_TEXTS, _COLUMN_KNOWN, f"{where}: ")
    for name in _COLUMN_TEXTS:
        _text(value[name], f"{where}.{name}")
    kind = str(value["dataType"])
    if kind not in TYPES:
        raise ValueError(f"{where}.dataType: expected one of {', '.join(sorted(TYPES))}")
    if value.get("targetDataType", "integer") not in ("integer", "decimal"):
        raise ValueError(f"{where}.targetDataType: expected integer or decimal")
    if "displayFormat" in value:
        _text(value["displayFormat"], f"{where}.displayFormat")
    return Column(
        name=str(value["name"]),
        type=kind,
        label=str(value["label"]),
        length=_optional(value, "length", where) if kind == "string" else None,
        key=_optional(value, "keySequence", where),
    )


def _optional(value: Mapping[str, JsonValue], name: str, where: str) -> int | None:
    if name not in value:
        return None
    return _whole(value[name], f"{where}.{name}", 1, MAX_ROWS)


def _whole(value: JsonValue, where: str, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"{where}: expected a whole number from {low} to {high}")
    return value


def _text(value: JsonValue, where: str) -> None:
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise ValueError(f"{where}: expected a text of at most {_MAX_TEXT} characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{where}: got lone surrogates, expected Unicode") from None
