"""`seal`: hash a file or folder, say so in a signed record, put the record into the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diptych.app.verbs.records import (
    PATH_LABEL,
    Record,
    find_record,
    record_at,
    sealed_name,
)
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
from diptych.provenance.objects import object_stream
from diptych.provenance.statement import Draft, Edge, Subject, sign_statements
from diptych_verify.manifest import read_manifest


class NothingToSeal(UsageError):
    """The path that was to be sealed does not exist."""

    code = "Seal.NoSuchPath"


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
        CannotScan: links, special files or unreadable files; all are named.
        FileChanged: a file changed while it was read.
        NoSuchRecord: a `derived_from` reference names nothing.
        EnvironmentFault: the disk is full or another writer holds the log.
    """
    if not (workspace.start / path).exists():
        raise NothingToSeal(f"there is no file or folder {path}")
    if private:
        from diptych.app.verbs.private import seal_privately

        return seal_privately(workspace, path, store=store, derived_from=derived_from)
    options = BuildOptions(
        algorithms=tuple(workspace.settings.seal.digest.split("+")),
        workers=workspace.settings.seal.workers,
        ignore_file=workspace.settings.seal.ignore_file,
        progress=workspace.progress,
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
    with workspace.write_log() as log:
        edges = edges_to(workspace, log, derived_from)
        return _record(workspace, log, built, name=sealed_name(workspace, path), edges=edges)


def _record(
    workspace: Workspace,
    log: Log,
    built: BuiltManifest,
    *,
    name: str,
    edges: tuple[Edge, ...],
) -> Sealed:
    before = log.label(PATH_LABEL + name)
    if before is not None:
        earlier = record_at(log, before)
        claim = earlier.statement.manifest
        if claim is not None and claim.object_digest.hex() == built.object_name and not edges:
            return _sealed(earlier, built, new=False)
        edges = (*edges, Edge("supersedes", earlier.record))
    draft = Draft(
        "dataset",
        (Subject(name, built.subject_digest()),),
        workspace.clock(),
        edges,
        {"manifest": built.predicate()},
    )
    index = append(workspace, log, draft, label=PATH_LABEL + name)
    return _sealed(record_at(log, index), built, new=True)


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
