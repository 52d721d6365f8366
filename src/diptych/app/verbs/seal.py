"""`seal`: hash a file or folder, say so in a signed record, put the record into the log."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from diptych.app.verbs.records import (
    PATH_LABEL,
    Record,
    find_record,
    record_at,
    sealed_name,
)
from diptych.app.verbs.requirements import checked_edges
from diptych.app.verbs.signing import current_signer
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, UsageError
from diptych.provenance.log import Log
from diptych.provenance.manifest import (
    BuildOptions,
    BuiltManifest,
    build_manifest,
    copy_payload,
    journal_path,
)
from diptych.provenance.manifest.payload import require_sha256
from diptych.provenance.objects import object_stream
from diptych.provenance.statement import Draft, Edge, Subject, sign_statements
from diptych_verify.manifest import read_manifest


class NothingToSeal(UsageError):
    """The path that was to be sealed does not exist."""

    code = "Seal.NoSuchPath"


class OwnHome(UsageError):
    """The workspace's own `.diptych` was to be sealed: it changes with every seal."""

    code = "Seal.OwnHome"


@dataclass(frozen=True)
class Sealed:
    """What sealing did.

    Attributes:
        record: hex record id.
        index: its place in the log.
        name: what it is called in the record.
        root: hex root of the manifest (or of the private tree).
        files: number of files; None for a private seal, which hides it.
        size_bytes: bytes of content; None for a private seal.
        ignored: how many paths the ignore rules left out.
        new: False if the newest record of this path already says the same.
    """

    record: str
    index: int
    name: str
    root: str
    files: int | None
    size_bytes: int | None
    ignored: int = 0
    new: bool = True

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych seal --json` shows."""
        return {
            "record": self.record,
            "index": self.index,
            "name": self.name,
            "root": self.root,
            "files": self.files,
            "bytes": self.size_bytes,
            "ignored": self.ignored,
            "new": self.new,
        }


def seal(
    workspace: Workspace,
    path: Path,
    *,
    private: bool = False,
    store: bool = False,
    derived_from: Sequence[str] = (),
) -> Sealed:
    """Seal a file or folder.

    Args:
        workspace: where the log stands.
        path: file or folder.
        private: publish only salted commitments; names, sizes and digests stay hidden.
        store: also keep the content as objects (encrypted for a private seal).
        derived_from: references to records that this one comes from.

    Raises:
        NothingToSeal: no such path.
        OwnHome: the path lies in `.diptych`.
        BadName: the path is not UTF-8.
        CannotScan: links, special files or unreadable files; all are named.
        FileChanged: a file changed while it was read.
        NoSuchRecord: a `derived_from` reference names nothing.
        RequirementUnmet: the requirements ask for a quality report that is not there.
        EnvironmentFault: the disk is full or another writer holds the log.
    """
    name = sealed_name(workspace, path)
    require_sealable(workspace, path)
    if private:
        from diptych.app.verbs.private import seal_privately

        return seal_privately(workspace, path, store=store, derived_from=derived_from)
    edges = (*prepare(workspace, derived_from), *checked_edges(workspace, path))
    built = build_public(workspace, path, store=store)
    return log_manifest(workspace, built, label=PATH_LABEL + name, edges=edges)


def build_public(workspace: Workspace, path: Path, *, store: bool) -> BuiltManifest:
    """Hash a file or folder into a stored manifest; nothing is logged yet.

    Raises:
        NothingToSeal: no such path.
        OwnHome: the path lies in `.diptych`.
        CannotScan: links, special files or unreadable files; all are named.
        FileChanged: a file changed while it was read.
    """
    require_sealable(workspace, path)
    options = replace(
        build_options(workspace, store=store),
        measure_total=workspace.interactive,
        journal=journal_path(workspace.place.home, workspace.start / path),
    )
    built = build_manifest(workspace.start / path, workspace.objects, options)
    if store:
        manifest = read_manifest(object_stream(workspace.objects, built.object_name))
        copy_payload(
            workspace.start / path,
            manifest,
            workspace.objects,
            algorithms=options.algorithms,
            progress=workspace.progress,
        )
    return built


def require_sealable(workspace: Workspace, path: Path) -> None:
    """Refuse what is not there, and the workspace's own home.

    Raises:
        NothingToSeal: no such path.
        OwnHome: the path lies in `.diptych`.
    """
    found = workspace.start / path
    if not found.exists():
        raise NothingToSeal(f"there is no file or folder {path}")
    if found.resolve().is_relative_to(workspace.place.home.resolve()):
        raise OwnHome(
            f"{path} belongs to the workspace itself, which changes with every seal",
            hint="diptych backup FILE, then seal that file",
        )


def build_options(workspace: Workspace, *, store: bool) -> BuildOptions:
    """Return how the settings say to hash.

    Raises:
        NeedsSha256: content is to be stored, but the settings choose BLAKE3 alone.
    """
    algorithms = tuple(workspace.settings.seal.digest.split("+"))
    if store:
        require_sha256(algorithms)
    return BuildOptions(
        algorithms=algorithms,
        workers=workspace.settings.seal.workers,
        ignore_file=workspace.settings.seal.ignore_file,
        progress=workspace.progress,
    )


def prepare(workspace: Workspace, derived_from: Sequence[str]) -> tuple[Edge, ...]:
    """Resolve references and unlock the keys: what can fail should fail before hours of reading.

    Raises:
        NoSuchRecord: a reference names nothing.
        KeyLocked: nothing unlocks the keys.
        KeyNotFound: no valid key is stored here.
        Rollback: the log is older than what was seen of it.
        SplitView: the log contradicts what was seen of it.
    """
    workspace.objects.clear_abandoned()
    with workspace.write_log() as log:
        log.check()
        current_signer(workspace, log)
        return edges_to(workspace, log, derived_from)


def log_manifest(
    workspace: Workspace, built: BuiltManifest, *, label: str, edges: tuple[Edge, ...]
) -> Sealed:
    """Put a record of a stored manifest into the log unless the newest one says the same.

    Args:
        workspace: where the log stands.
        built: the manifest.
        label: `path/NAME` or `stream/NAME`; it will point to the record, which carries the name.
        edges: what it derives from.
    """
    with workspace.write_log() as log:
        before = log.label(label)
        if before is not None:
            earlier = record_at(log, before)
            if _says_the_same(earlier, built, edges):
                return _sealed(earlier, built, new=False)
            edges = (*edges, Edge("supersedes", earlier.record))
        draft = Draft(
            "dataset",
            (Subject(label.partition("/")[2], built.subject_digest()),),
            workspace.clock(),
            edges,
            {"manifest": built.predicate()},
        )
        index = append(workspace, log, draft, label=label)
        return _sealed(record_at(log, index), built, new=True)


def _says_the_same(earlier: Record, built: BuiltManifest, edges: tuple[Edge, ...]) -> bool:
    claim = earlier.statement.manifest
    if claim is None or claim.object_digest.hex() != built.object_name:
        return False
    stated = {one.record.hex() for one in earlier.statement.edges if one.record is not None}
    return {one.record for one in edges} <= stated


def _sealed(record: Record, built: BuiltManifest, *, new: bool) -> Sealed:
    return Sealed(
        record=record.record,
        index=record.index,
        name=record.name,
        root=built.summary.root.hex(),
        files=built.summary.files,
        size_bytes=built.summary.total_bytes,
        ignored=built.ignored.count,
        new=new,
    )


def edges_to(workspace: Workspace, log: Log, references: Sequence[str]) -> tuple[Edge, ...]:
    """Return `derivedFrom` edges to the named records."""
    return tuple(
        Edge("derivedFrom", find_record(workspace, log, what).record) for what in references
    )


def append(workspace: Workspace, log: Log, draft: Draft, *, label: str) -> int:
    """Sign a draft with the current key, append it, and let `label` point to it."""
    signer = current_signer(workspace, log)
    (envelope,) = sign_statements([draft], signer)
    with log.writer(workspace.lease_terms()) as writer:
        return writer.append([envelope], labels={label: 0})[0]
