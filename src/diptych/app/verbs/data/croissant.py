"""`data export` and `data import`: Croissant descriptions, both ways; nothing is fetched."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from diptych.app.verbs.data.content import VersionFiles, version_files
from diptych.app.verbs.data.versions import NewVersion, log_version
from diptych.app.verbs.licences import open_licences
from diptych.app.verbs.model.package import TargetExists
from diptych.app.verbs.names import require_name
from diptych.app.verbs.records import Record, find_record
from diptych.app.verbs.requirements import checked_edges
from diptych.app.verbs.seal import build_options, prepare
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, UsageError
from diptych.core.files import naming, write_durably
from diptych.data.interop.croissant import Description
from diptych.data.interop.croissant_files import LocalFiles, copy_local
from diptych.data.interop.croissant_read import MAX_CROISSANT_BYTES, read_croissant
from diptych.data.interop.croissant_write import Described, DescribedFile, dump_croissant
from diptych.data.tables import open_table
from diptych.data.tables.errors import BadTable, NeedsParquet, UnknownTable
from diptych.data.tables.table import TableOptions
from diptych.provenance.log import Log
from diptych.provenance.manifest import build_manifest, copy_payload
from diptych.provenance.objects import object_stream
from diptych.provenance.statement import Draft, Edge, Subject
from diptych_verify.__main__ import NoSuchFile
from diptych_verify.manifest import ManifestEntry, read_manifest

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


@dataclass(frozen=True)
class Imported:
    """What was imported.

    Attributes:
        name: of the data here.
        version: its number.
        record: hex record id.
        index: its place in the log.
        files: local files, all held to their digests.
        remote: entries that lie elsewhere and were not fetched.
        notes: what a reader should know.
        new: False if the newest version says the same.
    """

    name: str
    version: int
    record: str
    index: int
    files: int
    remote: tuple[str, ...]
    notes: tuple[str, ...]
    new: bool

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data import --json` shows."""
        return {**vars(self), "remote": list(self.remote), "notes": list(self.notes)}


def export_croissant(
    workspace: Workspace, what: str, target: Path, *, path: Path | None = None, cite_as: str = ""
) -> Exported:
    """Write a Croissant description of a version.

    Args:
        workspace: where the log stands.
        what: reference to a data set.
        target: file, which must not exist; best beside the data, to which it refers by paths.
        path: where the data lie, by default where they were sealed; for the columns of tables.
        cite_as: how to cite it; by default name, version and record.

    Raises:
        TargetExists: `target` exists.
        CannotDescribe: the record is private, or has no SHA-256.
    """
    place = workspace.start / target
    if place.exists():
        raise TargetExists(f"{target} exists already", hint="give another name with -o")
    with workspace.read_log() as log:
        record = find_record(workspace, log, what)
        _require_public(record)
        about = replace(_about(workspace, log, record), cite_as=cite_as)
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


def _about(workspace: Workspace, log: Log, record: Record) -> Described:
    statement = record.statement
    asset = statement.predicate.get("asset")
    said = asset if isinstance(asset, dict) else {}
    number = said.get("version", 1)
    with open_licences(workspace, log) as licences:
        held = licences.held(record)
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
        except (BadTable, NeedsParquet, UnknownTable):
            return ()


def _prefix(root: Path, target: Path) -> str:
    """Return how the description reaches the data: they lie beside or below it, or are moved."""
    folder = root if root.is_dir() else root.parent
    above, below = target.parent.resolve(), folder.resolve()
    if not below.is_relative_to(above) or below == above:
        return ""
    return below.relative_to(above).as_posix() + "/"


def import_croissant(
    workspace: Workspace, path: Path, *, name: str | None = None, store: bool = False
) -> Imported:
    """Check a description and its local files, and seal both as the next version of a name.

    The sealed files are copies of the very bytes that were held to their digests. The description
    is one of them and kept as an object; remote files are named and not fetched.

    Args:
        workspace: that takes it over.
        path: the description; its local files lie in the same folder.
        name: of the data here; by default the one in the description.
        store: also keep the content as objects.

    Raises:
        NoSuchFile: there is no description.
        BadCroissant: it does not follow the format, or reaches out of its folder.
        UnsupportedCroissant: another version or context.
        DigestMismatch: a local file is missing or differs.
        RequirementUnmet: the requirements ask for a quality report that is not there.
    """
    place = workspace.start / path
    try:
        with place.open("rb") as stream:
            raw = stream.read(MAX_CROISSANT_BYTES + 1)
    except OSError:
        raise NoSuchFile(f"there is no readable file {path}") from None
    with naming(path):
        found = read_croissant(raw)
    asset = name or _plain_name(found.name)
    require_name(asset)
    edges = (*prepare(workspace, ()), *_creators(found.creators))
    with TemporaryDirectory(prefix="diptych-import-", dir=workspace.place.home) as scratch:
        folder = Path(scratch) / "data"
        folder.mkdir()
        local = copy_local(found, place.parent, folder)
        if place.name not in local.paths:
            (folder / place.name).write_bytes(raw)
        edges += checked_edges(workspace, folder)
        return _log(workspace, folder, (asset, found, local), raw=raw, edges=edges, store=store)


def _log(
    workspace: Workspace,
    folder: Path,
    what: tuple[str, Description, LocalFiles],
    *,
    raw: bytes,
    edges: tuple[Edge, ...],
    store: bool,
) -> Imported:
    asset, found, local = what
    options = replace(build_options(workspace, store=store), ignore_file=None)
    built = build_manifest(folder, workspace.objects, options)
    if store:
        manifest = read_manifest(object_stream(workspace.objects, built.object_name))
        copy_payload(folder, manifest, workspace.objects, algorithms=options.algorithms)
    said = _evidence(found, workspace.objects.put([raw]), len(local.remote))
    workspace.objects.flush()
    draft = Draft(
        "dataset",
        (Subject(asset, built.subject_digest()),),
        workspace.clock(),
        edges,
        {"manifest": built.predicate(), "imported": said},
    )
    same = built.object_name
    version = log_version(workspace, NewVersion(asset, draft, same=lambda one: _seals(one, same)))
    return Imported(
        version.name,
        version.number,
        version.record.record,
        version.record.index,
        len(local.paths),
        local.remote,
        local.notes,
        version.new,
    )


def _evidence(found: Description, object_name: str, remote: int) -> dict[str, JsonValue]:
    said: dict[str, JsonValue] = {"format": "croissant", "object": object_name, "remote": remote}
    if found.licence.strip():
        said["licence"] = found.licence[:200]
    return said


def _seals(record: Record, object_name: str) -> bool:
    claim = record.statement.manifest
    return claim is not None and claim.object_digest.hex() == object_name


def _creators(names: Sequence[str]) -> list[Edge]:
    return [
        Edge("attributedTo", "", {"agent": one[:200], "role": "creator"})
        for one in names[:8]
        if one.strip()
    ]


def _plain_name(name: str) -> str:
    """Return a name as labels allow it."""
    kept = re.sub(r"[^A-Za-z0-9._-]", "-", name)
    return kept.strip("-._")[:100] or "croissant"
