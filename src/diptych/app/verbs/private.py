"""`seal --private` and `bundle --disclose`: commitments outside, the rest in the private store."""

import hmac
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path

from diptych.app.verbs.records import PRIVATE_LABEL, record_at, sealed_name
from diptych.app.verbs.seal import Sealed, append, prepare
from diptych.app.workspace import Workspace
from diptych.provenance.private import (
    OpenedFolder,
    PrivateOptions,
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
    options = PrivateOptions(
        workers=workspace.settings.seal.workers,
        ignore_file=workspace.settings.seal.ignore_file,
        keep_payload=store,
        progress=workspace.progress,
    )
    edges = prepare(workspace, derived_from)
    with private_store(workspace) as private:
        made = seal_private(workspace.start / path, workspace.objects, private, options=options)
    label = private_label(workspace, path)
    with workspace.write_log() as log:
        before = log.label(label)
        if before is not None:
            edges = (*edges, Edge("supersedes", record_at(log, before).record))
        draft = Draft(
            "private",
            (Subject(_NAME, made.subject_digest()),),
            workspace.clock(),
            edges,
            {"private": made.predicate()},
        )
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


@contextmanager
def opened(workspace: Workspace, root: bytes) -> Iterator[OpenedFolder]:
    """Open a private folder seal by its root."""
    with private_store(workspace) as private:
        yield OpenedFolder(root, workspace.objects, private)
