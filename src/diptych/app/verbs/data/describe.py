"""`data export`: a public version described in Croissant, with what records say of it."""

from dataclasses import dataclass, replace
from pathlib import Path

from diptych.app.verbs.data.content import VersionFiles, version_files
from diptych.app.verbs.data.responsible import read_stated, responsible_fields
from diptych.app.verbs.licences import open_licences
from diptych.app.verbs.model.package import TargetExists
from diptych.app.verbs.records import Record, find_record
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, UsageError
from diptych.core.files import write_durably
from diptych.data.interop.croissant_write import Described, DescribedFile, dump_croissant
from diptych.data.interop.responsible import Fields
from diptych.data.tables import open_table
from diptych.data.tables.errors import BadTable, UnknownTable
from diptych.data.tables.table import TableOptions
from diptych.provenance.log import Log
from diptych_verify.manifest import ManifestEntry

MAX_FILES = 20_000
_MAX_TABLE_BYTES = 64 << 20
_TABLES = (".csv", ".parquet")


class CannotDescribe(UsageError):
    """A record cannot be described to others: it is private, too large, or has other digests."""

    code = "Croissant.CannotDescribe"


@dataclass(frozen=True)
class Exported:
    """What was written: file, number of files and of tables described."""

    path: str
    files: int
    tables: int

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data export --json` shows."""
        return {**vars(self)}


def export_croissant(
    workspace: Workspace,
    what: str,
    target: Path,
    *,
    path: Path | None = None,
    cite_as: str = "",
    responsible: Path | None = None,
) -> Exported:
    """Write a Croissant description of a version.

    Args:
        workspace: where the log stands.
        what: reference to a data set.
        target: file, which must not exist; best beside the data, to which it refers by paths.
        path: where the data lie, by default where they were sealed; for the columns of tables.
        cite_as: how to cite it; by default name, version and record.
        responsible: file of responsible-AI fields, which come before what records know.

    Raises:
        TargetExists: `target` exists.
        CannotDescribe: the record is private, or has no SHA-256.
        BadResponsible: the file of fields is malformed.
    """
    stated = read_stated(workspace, responsible)
    place = workspace.start / target
    if place.exists():
        raise TargetExists(f"{target} exists already", hint="give another name with -o")
    with workspace.read_log() as log:
        record = find_record(workspace, log, what)
        _require_public(record)
        about = replace(_about(workspace, log, record, stated), cite_as=cite_as)
    with version_files(workspace, record, path) as version:
        described = [_described(version, one) for one in version.entries()]
    root = workspace.start / path if path else workspace.place.project / record.name
    raw = dump_croissant(about, described, prefix=_prefix(root, place))
    write_durably(place, raw)
    return Exported(str(place), len(described), sum(bool(one.columns) for one in described))


def _require_public(record: Record) -> None:
    claim = record.statement.manifest
    if record.statement.kind != "dataset" or claim is None:
        raise CannotDescribe(
            f"record {record.index} is of kind '{record.statement.kind}', expected public data",
            hint="a description names digests, which would give private data away",
        )
    if "sha256" not in claim.algorithms or claim.files > MAX_FILES:
        raise CannotDescribe(
            f"record {record.index} has {claim.files:,} files with {'+'.join(claim.algorithms)}, "
            f"expected at most {MAX_FILES:,} with sha256"
        )


def _about(workspace: Workspace, log: Log, record: Record, stated: Fields) -> Described:
    statement = record.statement
    asset = statement.predicate.get("asset")
    said = asset if isinstance(asset, dict) else {}
    number = said.get("version", 1)
    with open_licences(workspace, log) as licences:
        held = licences.held(record)
    fields = responsible_fields(workspace, log, record, held=held, stated=stated)
    people = [dict(edge.extra) for edge in statement.edges if edge.relation == "attributedTo"]
    return Described(
        name=str(said.get("name", record.name)),
        version=number if isinstance(number, int) else 1,
        record=record.record,
        origin=log.origin,
        published=statement.time[:10],
        licence=held.licence.spdx if held else "",
        creators=tuple((str(one.get("agent")), str(one.get("role", ""))) for one in people),
        derived_from=tuple(
            edge.record.hex()
            for edge in statement.edges
            if edge.relation == "derivedFrom" and edge.record
        ),
        responsible=fields,
    )


def _described(version: VersionFiles, entry: ManifestEntry) -> DescribedFile:
    position = version.algorithms.index("sha256")
    columns: tuple[tuple[str, str], ...] = ()
    if entry.path.endswith(_TABLES) and entry.size <= _MAX_TABLE_BYTES:
        columns = _columns(version, entry.path)
    return DescribedFile(entry.path, entry.size, entry.digests[position].hex(), columns)


def _columns(version: VersionFiles, path: str) -> tuple[tuple[str, str], ...]:
    """Return names and types of a table's columns; of what cannot be read, none."""
    with version.content(path) as place:
        if place is None:
            return ()
        try:
            with open_table(place, TableOptions(infer=path.endswith(".csv"))) as table:
                return tuple((one.name, one.type) for one in table.columns)
        except (BadTable, UnknownTable):
            return ()


def _prefix(root: Path, target: Path) -> str:
    """Return how the description reaches the data: they lie beside or below it, or are moved."""
    folder = root if root.is_dir() else root.parent
    above, below = target.parent.resolve(), folder.resolve()
    if not below.is_relative_to(above) or below == above:
        return ""
    return below.relative_to(above).as_posix() + "/"
