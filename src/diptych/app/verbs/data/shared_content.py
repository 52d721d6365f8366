"""What a share holds: the proof of a version and its files, or rows of a private table."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from diptych.app.verbs.bundle import bundle_of
from diptych.app.verbs.data.content import NoFiles
from diptych.app.verbs.records import Record
from diptych.app.workspace import Workspace
from diptych.core.errors import DiptychError, UsageError
from diptych.provenance.log import Log
from diptych.provenance.manifest.payload import open_sealed
from diptych.provenance.objects import object_stream
from diptych.provenance.private import OpenedFolder
from diptych_verify.bundle import DisclosedField
from diptych_verify.errors import DigestMismatch
from diptych_verify.hashing import hash_factory
from diptych_verify.manifest import ManifestEntry, read_manifest

_CHUNK_BYTES = 1 << 20


class NotKept(UsageError):
    """The content of a version cannot be had: it was not stored and is not where it was sealed."""

    code = "Share.NoContent"


class WhatOf(Protocol):
    """What of a version is wanted; `Sharing` is one."""

    @property
    def path(self) -> Path | None:
        """Where the files are, if not where they were sealed."""

    @property
    def subjects(self) -> Sequence[str]:
        """Of a private table, whose rows."""

    @property
    def columns(self) -> Sequence[str]:
        """Of a private table, which fields."""


@dataclass(frozen=True)
class Shared:
    """What goes into a share.

    Attributes:
        bundle: proof, with the manifest or with all that is disclosed.
        entries: the files, in the order of the content.
        chunks: reads their contents, each checked against its sealed digest.
        partial: it is not all of the version.
    """

    bundle: bytes = field(repr=False)
    entries: tuple[ManifestEntry, ...] = ()
    chunks: Callable[[], Iterator[bytes]] = field(default=lambda: iter(()), repr=False)
    partial: bool = False


@contextmanager
def shared(workspace: Workspace, log: Log, record: Record, what: WhatOf) -> Iterator[Shared]:
    """Open what is to be shared of a record.

    Raises:
        NoFiles: it seals no files, or parts of files were asked for.
        NoSuchField: a table has no such subject or column.
        PrivateErased: it was erased.
    """
    table = "table" in record.statement.predicate and record.statement.kind == "private"
    if (what.subjects or what.columns) and not table:
        raise NoFiles(f"record {record.index} is no private table: share it whole")
    with ExitStack() as stack:
        if table:
            yield _table(workspace, log, record, what)
        elif record.statement.kind == "private" and record.statement.private is not None:
            from diptych.app.verbs.private import opened

            folder = stack.enter_context(opened(workspace, record.statement.private.root))
            yield _private(workspace, log, (record, folder), what.path)
        else:
            yield _public(workspace, log, record, what.path)


def _public(workspace: Workspace, log: Log, record: Record, given: Path | None) -> Shared:
    claim = record.statement.manifest
    if claim is None:
        raise NoFiles(
            f"record {record.index} ({record.statement.kind}) seals no files", hint="diptych log"
        )
    root = workspace.start / given if given else workspace.place.project / record.name
    reader = read_manifest(object_stream(workspace.objects, claim.object_digest.hex()))
    entries = tuple(reader)
    algorithms = claim.algorithms

    def chunks() -> Iterator[bytes]:
        for entry in entries:
            yield from _checked(entry, algorithms[0], _read(workspace, entry, algorithms, root))

    return Shared(bundle_of(workspace, log, record, manifest=True), entries, chunks)


def _private(
    workspace: Workspace, log: Log, opened: tuple[Record, OpenedFolder], given: Path | None
) -> Shared:
    record, folder = opened
    entries = tuple(folder.entries())

    def chunks() -> Iterator[bytes]:
        if given is None:
            yield from folder.contents()
            return
        for entry in entries:
            yield from _checked(entry, "sha256", _from_file(workspace.start / given, entry))

    if given is None:
        folder.contents()
    names = [entry.path for entry in entries]
    return Shared(bundle_of(workspace, log, record, disclose=names), entries, chunks)


def _table(workspace: Workspace, log: Log, record: Record, what: WhatOf) -> Shared:
    from diptych.app.verbs.data.table import table_root, table_stores
    from diptych.provenance.private.table import OpenedTable

    fields: list[DisclosedField] = []
    with table_stores(workspace) as stores:
        table = OpenedTable(table_root(record), stores)
        chosen = [table.subject(name) for name in what.subjects] or list(table.subjects())
        for subject in chosen:
            for row in table.rows_of(subject):
                fields += table.reveal(row, what.columns)
    partial = bool(what.subjects or what.columns)
    return Shared(bundle_of(workspace, log, record, fields=fields), partial=partial)


def _read(
    workspace: Workspace, entry: ManifestEntry, algorithms: tuple[str, ...], root: Path
) -> Iterator[bytes]:
    if "sha256" in algorithms:
        name = entry.digests[algorithms.index("sha256")].hex()
        if workspace.objects.has(name):
            return workspace.objects.read(name)
    return _from_file(root, entry)


def _from_file(root: Path, entry: ManifestEntry) -> Iterator[bytes]:
    try:
        descriptor = open_sealed(root, entry)
    except (OSError, DiptychError) as error:
        raise NotKept(
            f"the content of '{entry.path}' is neither stored nor at {root}: {error}",
            hint="name the folder with --path, or store it: diptych data add --store PATH",
        ) from error
    with os.fdopen(descriptor, "rb", buffering=0) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk


def _checked(entry: ManifestEntry, algorithm: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    hasher, size = hash_factory(algorithm)(b""), 0
    for chunk in chunks:
        hasher.update(memoryview(chunk))
        size += len(chunk)
        yield chunk
    if size != entry.size or hasher.digest() != entry.digests[0]:
        raise DigestMismatch(
            f"'{entry.path}' is no longer what was sealed",
            hint="name an unchanged copy with --path",
        )
