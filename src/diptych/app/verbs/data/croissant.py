"""`data import`: what others describe in Croissant, checked and sealed; nothing is fetched."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from diptych.app.verbs.data.versions import NewVersion, log_version
from diptych.app.verbs.names import require_name
from diptych.app.verbs.records import Record
from diptych.app.verbs.requirements import checked_edges
from diptych.app.verbs.seal import build_options, prepare
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.core.files import naming
from diptych.data.interop.croissant import Description
from diptych.data.interop.croissant_files import LocalFiles, copy_local
from diptych.data.interop.croissant_read import MAX_CROISSANT_BYTES, read_croissant
from diptych.data.interop.responsible import said_in
from diptych.provenance.manifest import build_manifest, copy_payload
from diptych.provenance.objects import object_stream
from diptych.provenance.statement import Draft, Edge, Subject
from diptych_verify.__main__ import NoSuchFile
from diptych_verify.manifest import read_manifest


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
        _, unknown = said_in(found.responsible)
    asset = name or _plain_name(found.name)
    require_name(asset)
    edges = (*prepare(workspace, ()), *_creators(found.creators))
    with TemporaryDirectory(prefix="diptych-import-", dir=workspace.place.home) as scratch:
        folder = Path(scratch) / "data"
        folder.mkdir()
        local = copy_local(found, place.parent, folder)
        local = replace(local, notes=(*local.notes, *unknown))
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
