"""What a Croissant description says, and the vocabulary it is written in.

Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html (1.0) and -spec-1.1.html.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from diptych.core.errors import JsonValue, VerificationError

VERSIONS: Final = tuple(
    f"{scheme}://mlcommons.org/croissant/{number}"
    for scheme in ("http", "https")
    for number in ("1.0", "1.1")
)
SCHEMA, CROISSANT = "https://schema.org/", "http://mlcommons.org/croissant/"
PREFIXES: Final[Mapping[str, tuple[str, ...]]] = {
    "sc": (SCHEMA, "http://schema.org/"),
    "schema": (SCHEMA, "http://schema.org/"),
    "cr": (CROISSANT,),
    "dct": ("http://purl.org/dc/terms/",),
    "rai": ("http://mlcommons.org/croissant/RAI/",),
    "prov": ("http://www.w3.org/ns/prov#",),
}
TERMS: Final[Mapping[str, str]] = {
    **{
        name: f"cr:{name}"
        for name in (
            *("citeAs", "column", "data", "dataType", "examples", "extract", "field"),
            *("fileProperty", "fileObject", "fileSet", "format", "includes", "excludes"),
            *("isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet"),
            *("references", "regex", "repeated", "replace", "separator", "source", "subField"),
            *("transform", "equivalentProperty", "samplingRate", "value", "isArray"),
            *("arrayShape", "containedIn", "readLines", "delimiter", "unArchive", "join"),
            *("sdVersion", "annotation"),
        )
    },
    "conformsTo": "dct:conformsTo",
}
"""Terms that only mean what they should if the context does not map them elsewhere."""


class BadCroissant(VerificationError):
    """A description does not follow Croissant, contradicts itself, or reaches out of its folder."""

    code = "Croissant.Bad"


class UnsupportedCroissant(VerificationError):
    """A description is of a version, or uses a context, that is not known here."""

    code = "Croissant.Unsupported"


@dataclass(frozen=True)
class FileEntry:
    """A file or set of files.

    Attributes:
        id: `@id`.
        kind: `FileObject` or `FileSet`.
        url: `contentUrl` of a file, empty without one.
        sha256: hex, empty without one; what is no digest is kept as it is.
        md5: the same.
        size: `contentSize` as it is written.
        includes: patterns of a set.
        inside: ids of the archives or repositories that hold it.
    """

    id: str
    kind: str
    url: str = ""
    sha256: str = ""
    md5: str = ""
    size: str = ""
    includes: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()

    @property
    def is_remote(self) -> bool:
        """Tell whether it must be fetched from elsewhere."""
        return "://" in self.url


@dataclass(frozen=True)
class FieldEntry:
    """A column: id, name, data types, and the ids of what it is taken from or refers to."""

    id: str
    name: str
    types: tuple[str, ...]
    column: str = ""
    sources: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class RecordSet:
    """A table: id, name, columns, and the number of rows that stand in the description itself."""

    id: str
    name: str
    fields: tuple[FieldEntry, ...]
    rows: int = 0


@dataclass(frozen=True)
class Description:
    """A Croissant description.

    Attributes:
        name: of the data.
        conforms_to: version of Croissant.
        version: of the data, empty without one.
        licence: as it is written: SPDX id, URL or words; empty without one.
        creators: names.
        cite_as: how to cite it.
        files: what it consists of.
        record_sets: its tables.
        responsible: fields of the responsible-AI vocabulary and of PROV, as they are written.
    """

    name: str
    conforms_to: str
    version: str = ""
    licence: str = ""
    creators: tuple[str, ...] = ()
    cite_as: str = ""
    files: tuple[FileEntry, ...] = ()
    record_sets: tuple[RecordSet, ...] = ()
    responsible: Mapping[str, JsonValue] = field(default_factory=dict)
