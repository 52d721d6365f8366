"""`data add`: seal a file or folder as the next version of a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from diptych.app.verbs.data.versions import (
    NewVersion,
    Version,
    attribution_edge,
    licence_terms,
    log_version,
)
from diptych.app.verbs.inheritance import require_publishable
from diptych.app.verbs.names import require_name
from diptych.app.verbs.records import PATH_LABEL, Record, sealed_name
from diptych.app.verbs.requirements import checked_edges
from diptych.app.verbs.seal import build_public, prepare, require_sealable
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, UsageError
from diptych.provenance.manifest import BuiltManifest
from diptych.provenance.statement import Draft, Edge, Subject

if TYPE_CHECKING:
    from diptych.app.verbs.data.table import ByRows


class NeedsName(UsageError):
    """Private data was added without a name: one taken from its path would say what it is."""

    code = "Data.NeedsName"


@dataclass(frozen=True)
class Adding:
    """How to add.

    Attributes:
        name: of the data; by default the file's name without its ending.
        private: publish only salted commitments.
        store: also keep the content as objects, so that versions can be compared later.
        derived_from: references to what it comes from.
        licence: built-in licence or reference to a licence record.
        attributed: `NAME:role` or `NAME:role:share`, one for each contributor.
        rows: seal a table privately, row by row.
    """

    name: str | None = None
    private: bool = False
    store: bool = False
    derived_from: Sequence[str] = ()
    licence: str | None = None
    attributed: Sequence[str] = ()
    rows: "ByRows | None" = None


@dataclass(frozen=True)
class Added:
    """A version of data: name and number, and its record.

    Attributes:
        name: of the data.
        version: its number, from 1.
        record: hex record id.
        index: its place in the log.
        files: number of files; None for private data, which hides it.
        size_bytes: of the content; None for private data.
        new: False if the newest version already says the same.
    """

    name: str
    version: int
    record: str
    index: int
    files: int | None
    size_bytes: int | None
    new: bool

    @property
    def reference(self) -> str:
        """`NAME@version`."""
        return f"{self.name}@{self.version}"

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data add --json` shows."""
        return {
            "name": self.name,
            "version": self.version,
            "record": self.record,
            "index": self.index,
            "files": self.files,
            "bytes": self.size_bytes,
            "new": self.new,
        }


def add(workspace: Workspace, path: Path, how: Adding | None = None) -> Added:
    """Seal a file or folder as the next version of its name.

    Args:
        workspace: where the log stands.
        path: file or folder.
        how: name and circumstances.

    Raises:
        BadAssetName: the name, or the one taken from the path, is not one.
        NeedsName: private data without a name.
        NothingToSeal: no such path.
        NoSuchRecord: a reference names nothing.
        NoLicence: the licence is another kind of record.
        LicenceConflict: public data comes from something whose licence does not allow this one,
            or none.
        BadAttribution: an attribution has another form.
        RequirementUnmet: the requirements ask for a quality report that is not there.
        CannotScan: links, special files or unreadable files; all are named.
    """
    how = how or Adding()
    require_sealable(workspace, path)
    name = _name(workspace, path, how)
    require_name(name)
    edges = _edges(workspace, how)
    edges += checked_edges(workspace, path, private=how.private or how.rows is not None)
    if how.rows is not None:
        from diptych.app.verbs.data.table import add_rows

        return _added(add_rows(workspace, path, name, (how.rows, edges)), None)
    if how.private:
        return _added(_add_privately(workspace, path, name, edges, store=how.store), None)
    built = build_public(workspace, path, store=how.store)
    sealed = sealed_name(workspace, path)
    draft = Draft(
        "dataset",
        (Subject(sealed, built.subject_digest()),),
        workspace.clock(),
        edges,
        {"manifest": built.predicate()},
    )
    version = NewVersion(
        name, draft, (PATH_LABEL + sealed,), same=lambda one: _says_the_same(one, built, edges)
    )
    return _added(log_version(workspace, version), built)


def _name(workspace: Workspace, path: Path, how: Adding) -> str:
    if how.name is not None:
        return how.name
    if how.private or how.rows is not None:
        raise NeedsName(
            "private data needs a name that may be known: labels of the log are not secret",
            hint="diptych data add PATH --private --name NAME",
        )
    found = (workspace.start / path).resolve()
    return found.name if found.is_dir() else found.name.partition(".")[0] or found.name


def _edges(workspace: Workspace, how: Adding) -> tuple[Edge, ...]:
    attributed = tuple(attribution_edge(text) for text in how.attributed)
    edges = prepare(workspace, how.derived_from)
    with workspace.write_log() as log:
        named = licence_terms(workspace, log, how.licence, own=bool(how.derived_from))
        if not (how.private or how.rows):  # private data is nobody else's until it is shared
            require_publishable(workspace, log, named and named[1], edges)
    licensed = (Edge("licensedUnder", named[0]),) if named else ()
    return (*edges, *licensed, *attributed)


def _add_privately(
    workspace: Workspace, path: Path, name: str, edges: tuple[Edge, ...], *, store: bool
) -> Version:
    from diptych.app.verbs.private import private_draft, private_label

    draft = private_draft(workspace, path, store=store, edges=edges)
    labels = (private_label(workspace, path),)
    return log_version(workspace, NewVersion(name, draft, labels, public_name=False))


def _says_the_same(earlier: Record, built: BuiltManifest, edges: Sequence[Edge]) -> bool:
    claim = earlier.statement.manifest
    if claim is None or claim.object_digest.hex() != built.object_name:
        return False
    stated = [
        (edge.relation, edge.record.hex() if edge.record else "", dict(edge.extra))
        for edge in earlier.statement.edges
    ]
    return all((edge.rel, edge.record, dict(edge.extra)) in stated for edge in edges)


def _added(version: Version, built: BuiltManifest | None) -> Added:
    return Added(
        name=version.name,
        version=version.number,
        record=version.record.record,
        index=version.record.index,
        files=None if built is None else built.summary.files,
        size_bytes=None if built is None else built.summary.total_bytes,
        new=version.new,
    )
