"""`seal --private` and `bundle --disclose`: commitments outside, the rest in the private store."""

import hmac
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from diptych.app.verbs.records import PRIVATE_LABEL, record_at, sealed_name
from diptych.app.verbs.requirements import checked_edges
from diptych.app.verbs.seal import Sealed, append, prepare, require_sealable
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.provenance.private import (
    OpenedFolder,
    PrivateOptions,
    PrivateSeal,
    PrivateStore,
    seal_private,
)
from diptych.provenance.statement import Draft, Edge, Subject

_NAME = "private"


@contextmanager
def private_store(workspace: Workspace) -> Iterator[PrivateStore]:
    """Open the private store; the private key must be unlockable."""
    with closing(PrivateStore(workspace.place.private, workspace.keys.private_key())) as store:
        yield store


def private_label(workspace: Workspace, path: str | Path) -> str:
    """Return a label that finds a private seal by its path without saying the path."""
    name = sealed_name(workspace, path).encode()
    tag = hmac.digest(workspace.keys.private_key(), b"diptych-path/1\0" + name, sha256)
    return f"{PRIVATE_LABEL}{tag.hex()}"


def seal_privately(
    workspace: Workspace, path: Path, *, store: bool, derived_from: Sequence[str]
) -> Sealed:
    """Seal a file or folder so that names, sizes, digests and their number stay hidden.

    Raises:
        CannotScan: links, special files or unreadable files; all are named.
        FileChanged: a file changed while it was read.
        KeyLocked: the private key cannot be unlocked.
    """
    edges = prepare(workspace, derived_from)
    edges += checked_edges(workspace, path, private=True)
    draft, made = _sealed_draft(workspace, path, store=store)
    label = private_label(workspace, path)
    with workspace.write_log() as log:
        before = log.label(label)
        if before is not None:
            edges = (*edges, Edge("supersedes", record_at(log, before).record))
        draft = replace(draft, edges=edges)
        record = record_at(log, append(workspace, log, draft, label=label))
    return Sealed(
        record=record.record,
        index=record.index,
        name=_NAME,
        root=made.root.hex(),
        files=None,
        size_bytes=None,
        ignored=made.ignored.count,
    )


def private_draft(
    workspace: Workspace, path: Path, *, store: bool, edges: tuple[Edge, ...]
) -> Draft:
    """Seal a file or folder privately and return the statement about it; nothing is logged yet.

    Raises:
        NothingToSeal: no such path.
        CannotScan: links, special files or unreadable files; all are named.
        KeyLocked: the private key cannot be unlocked.
    """
    require_sealable(workspace, path)
    return replace(_sealed_draft(workspace, path, store=store)[0], edges=edges)


def _sealed_draft(workspace: Workspace, path: Path, *, store: bool) -> tuple[Draft, PrivateSeal]:
    options = PrivateOptions(
        workers=workspace.settings.seal.workers,
        ignore_file=workspace.settings.seal.ignore_file,
        keep_payload=store,
        progress=workspace.progress,
    )
    with private_store(workspace) as private:
        made = seal_private(workspace.start / path, workspace.objects, private, options=options)
    subject = Subject(_NAME, made.subject_digest())
    fields: dict[str, JsonValue] = {"private": made.predicate()}
    return Draft("private", (subject,), workspace.clock(), (), fields), made


@contextmanager
def opened(workspace: Workspace, root: bytes) -> Iterator[OpenedFolder]:
    """Open a private folder seal by its root."""
    with private_store(workspace) as private:
        yield OpenedFolder(root, workspace.objects, private)
