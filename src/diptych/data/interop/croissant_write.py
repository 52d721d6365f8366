"""Write a Croissant description that `mlcroissant` reads."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from diptych.core.errors import JsonValue
from diptych.data.interop.croissant import CROISSANT, PREFIXES, SCHEMA, TERMS
from diptych.data.interop.responsible import CONFORMS_TO as RAI_CONFORMS_TO
from diptych.data.interop.responsible import Fields, members_of

_CONFORMS_TO: Final = "http://mlcommons.org/croissant/1.0"
_TYPES = {
    "string": "sc:Text",
    "integer": "sc:Integer",
    "decimal": "sc:Float",
    "float": "sc:Float",
    "double": "sc:Float",
    "boolean": "sc:Boolean",
    "datetime": "sc:DateTime",
    "date": "sc:Date",
    "time": "sc:Time",
    "URI": "sc:URL",
}
FORMATS = {
    "csv": "text/csv",
    "json": "application/json",
    "jsonl": "application/jsonlines",
    "ndjson": "application/jsonlines",
    "parquet": "application/x-parquet",
    "txt": "text/plain",
    "zip": "application/zip",
    "jpg": "image/jpeg",
    "png": "image/png",
    "dcm": "application/dicom",
}


@dataclass(frozen=True)
class DescribedFile:
    """A file: path, size in bytes, hex SHA-256; of a table also its columns as (name, type)."""

    path: str
    size: int
    sha256: str
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Described:
    """What to describe.

    Attributes:
        name: of the data.
        version: its number.
        record: hex record id.
        origin: of the log that holds it.
        published: date, YYYY-MM-DD.
        licence: SPDX id or URL, empty if none is recorded.
        creators: names and roles.
        derived_from: hex record ids.
        summary: one sentence.
        cite_as: how to cite it.
        responsible: responsible-AI fields.
    """

    name: str
    version: int
    record: str
    origin: str
    published: str
    licence: str = ""
    creators: tuple[tuple[str, str], ...] = ()
    derived_from: tuple[str, ...] = ()
    summary: str = ""
    cite_as: str = ""
    responsible: Fields = field(default_factory=dict)


def dump_croissant(about: Described, files: Sequence[DescribedFile], *, prefix: str = "") -> bytes:
    """Return a description; what is not recorded is left out.

    Args:
        about: name, version and where it comes from.
        files: all of them.
        prefix: folder of the files as seen from the description, with a final slash, or empty.
    """
    made: dict[str, JsonValue] = {
        "@context": _context(),
        "@type": "sc:Dataset",
        "conformsTo": [_CONFORMS_TO, RAI_CONFORMS_TO] if about.responsible else _CONFORMS_TO,
        "name": about.name,
        "description": about.summary or f"{about.name}, version {about.version}",
        "version": f"{about.version}.0.0",
        "datePublished": about.published,
        "identifier": f"urn:diptych:record:{about.record}",
        "url": f"urn:diptych:record:{about.record}",
        "citeAs": about.cite_as
        or f"{about.name}, version {about.version}, record {about.record} of {about.origin}",
    }
    if about.licence:
        made["license"] = about.licence
    if about.creators:
        made["creator"] = [
            {"@type": "sc:Organization", "name": name, "description": role}
            for name, role in about.creators
        ]
    if about.derived_from:
        made["prov:wasDerivedFrom"] = [
            {"@id": f"urn:diptych:record:{one}"} for one in about.derived_from
        ]
    made.update(members_of(about.responsible))
    made["distribution"] = [_file(one, prefix) for one in files]
    tables = [_record_set(one) for one in files if one.columns]
    if tables:
        made["recordSet"] = tables
    return json.dumps(made, indent=1, ensure_ascii=False).encode() + b"\n"


def _context() -> dict[str, JsonValue]:
    made: dict[str, JsonValue] = {
        "@language": "en",
        "@vocab": SCHEMA,
        "cr": CROISSANT,
        "sc": SCHEMA,
        **{name: PREFIXES[name][0] for name in ("dct", "prov", "rai")},
    }
    made.update(_WRITTEN)
    made["data"] = {"@id": "cr:data", "@type": "@json"}
    made["examples"] = {"@id": "cr:examples", "@type": "@json"}
    made["dataType"] = {"@id": "cr:dataType", "@type": "@vocab"}
    return made


_WRITTEN: Final[Mapping[str, str]] = {
    name: TERMS[name]
    for name in (
        *("citeAs", "column", "conformsTo", "extract", "field", "fileProperty", "fileObject"),
        *("fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key", "md5"),
        *("parentField", "path", "recordSet", "references", "regex", "repeated", "replace"),
        *("separator", "source", "subField", "transform"),
    )
}


def _file(one: DescribedFile, prefix: str) -> JsonValue:
    ending = one.path.rpartition(".")[2].lower()
    return {
        "@type": "cr:FileObject",
        "@id": one.path,
        "name": one.path,
        "contentUrl": prefix + one.path,
        "contentSize": f"{one.size} B",
        "encodingFormat": FORMATS.get(ending, "application/octet-stream"),
        "sha256": one.sha256,
    }


def _record_set(one: DescribedFile) -> JsonValue:
    table = f"table/{one.path}"
    fields: list[JsonValue] = [
        {
            "@type": "cr:Field",
            "@id": f"{table}/{name}",
            "name": f"{table}/{name}",
            "dataType": _TYPES.get(kind, "sc:Text"),
            "source": {"fileObject": {"@id": one.path}, "extract": {"column": name}},
        }
        for name, kind in one.columns
    ]
    return {"@type": "cr:RecordSet", "@id": table, "name": table, "field": fields}
