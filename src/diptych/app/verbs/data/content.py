"""The content of a version, wherever it can still be had: a given path, objects, or its own place.

Whatever is read is held against the digest in the manifest first: a file that has changed since is
not the version's content.
"""

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from diptych.app.verbs.records import Record
from diptych.app.workspace import Workspace
from diptych.core.errors import DiptychError, UsageError
from diptych.core.files import system_error
from diptych.provenance.objects import object_stream
from diptych.provenance.private import OpenedFolder
from diptych_verify.__main__ import NoSuchFile
from diptych_verify.manifest import ManifestEntry, ManifestReader, read_manifest

_CHUNK_BYTES = 1 << 20
_MAX_NAME_BYTES = 200


class NoFiles(UsageError):
    """A record seals no files, so that there is nothing to compare or to look for."""

    code = "Data.NoFiles"


@dataclass(frozen=True)
class VersionFiles:
    """The files of one version.

    Attributes:
        workspace: where the log stands.
        record: what seals them.
        given: file or folder that is said to hold them.
        opened: the opened private seal, None for a public one.
    """

    workspace: Workspace
    record: Record
    given: Path | None = None
    opened: OpenedFolder | None = None

    @property
    def algorithms(self) -> tuple[str, ...]:
        """Digest algorithms of the entries."""
        claim = self.record.statement.manifest
        return ("sha256",) if claim is None else claim.algorithms

    def entries(self) -> Iterator[ManifestEntry]:
        """Yield the files in path order.

        Raises:
            NoFiles: the record seals none.
            ObjectMissing: the manifest is not kept here.
        """
        if self.opened is not None:
            yield from self.opened.entries()
            return
        yield from self._reader()

    def find(self, path: str) -> ManifestEntry | None:
        """Return one file by its path."""
        return next((entry for entry in self.entries() if entry.path == path), None)

    @contextmanager
    def content(self, path: str) -> Iterator[Path | None]:
        """Give a readable file with exactly the sealed content, None if it cannot be had.

        Where a path is given, it alone is used. Of a private version nothing else can be: its
        content is never written to a disk.
        """
        entry = self.find(path)
        if entry is None:
            yield None
            return
        for place in self._places(path):
            if self._is_same(place, entry):
                yield place
                return
        if self.given is not None:  # What was pointed to is meant, nothing else.
            yield None
            return
        with self._from_objects(entry) as copy:
            yield copy

    def _reader(self) -> ManifestReader:
        claim = self.record.statement.manifest
        if claim is None:
            raise NoFiles(
                f"record {self.record.index} ({self.record.statement.kind}) seals no files that "
                "could be listed",
                hint="diptych log names records that do",
            )
        return read_manifest(object_stream(self.workspace.objects, claim.object_digest.hex()))

    def _places(self, path: str) -> Iterator[Path]:
        if self.given is not None:
            yield from _below(self.workspace.start / self.given, path)
        elif self.opened is None:
            yield from _below(self.workspace.place.project / self.record.name, path)

    def _is_same(self, place: Path, entry: ManifestEntry) -> bool:
        try:
            if not place.is_file() or place.stat().st_size != entry.size:
                return False
            with place.open("rb") as stream:
                found = _digest(stream, self.algorithms[0])
        except OSError as error:
            raise system_error(error) from error
        return found == entry.digests[0]

    @contextmanager
    def _from_objects(self, entry: ManifestEntry) -> Iterator[Path | None]:
        name = entry.digests[0].hex()
        kept = self.opened is None and self.algorithms[0] == "sha256"
        if not kept or not self.workspace.objects.has(name):
            yield None
            return
        with TemporaryDirectory(prefix="diptych-") as folder:
            copy = Path(folder) / _plain_name(entry.path)
            with copy.open("xb") as stream:
                for chunk in self.workspace.objects.read(name):
                    stream.write(chunk)
            yield copy


@contextmanager
def version_files(
    workspace: Workspace, record: Record, given: Path | None = None
) -> Iterator[VersionFiles]:
    """Open the files of a version; those of a private one need the private key.

    Raises:
        NoFiles: the record seals none, or a table that is kept row by row.
        NoSuchFile: there is nothing at `given`.
        PrivateErased: they were erased.
    """
    if given is not None and not (workspace.start / given).exists():
        raise NoSuchFile(
            f"there is no {given}", hint="name where the content is now, or leave it out"
        )
    private = record.statement.private if record.statement.kind == "private" else None
    with ExitStack() as stack:
        folder = None
        if private is not None:
            if "table" in record.statement.predicate:
                raise NoFiles(
                    f"record {record.index} is a private table, kept row by row",
                    hint="diptych data show",
                )
            from diptych.app.verbs.private import opened

            folder = stack.enter_context(opened(workspace, private.root))
        yield VersionFiles(workspace, record, given, folder)


def file_digests(path: Path) -> dict[str, bytes]:
    """Return SHA-256 and BLAKE3 of a file, in memory only.

    Raises:
        CannotUse: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            found = {"sha256": _digest(stream, "sha256")}
            stream.seek(0)
            return {**found, "blake3": _digest(stream, "blake3")}
    except OSError as error:
        raise system_error(error) from error


def readable(error: DiptychError) -> str:
    """Return why something could not be looked into, in one sentence."""
    return f"{error.message} [{error.code}]"


def _plain_name(path: str) -> str:
    """Return a file name for a copy, the file's own if that is possible; the suffix is kept."""
    name = path.rpartition("/")[2]
    return name if len(name.encode()) <= _MAX_NAME_BYTES else f"content{Path(name).suffix[:16]}"


def _below(root: Path, path: str) -> Iterator[Path]:
    """Yield where a file of a version can lie: in the folder, or as the one file itself."""
    inside = root / path
    if os.path.lexists(inside) and inside.resolve().is_relative_to(root.resolve()):
        yield inside
    if root.is_file():
        yield root


def _digest(stream: io.BufferedIOBase | io.BufferedReader, algorithm: str) -> bytes:
    if algorithm == "blake3":
        import blake3

        hasher = blake3.blake3()
        while chunk := stream.read(_CHUNK_BYTES):
            hasher.update(chunk)
        return bytes(hasher.digest())
    return hashlib.file_digest(stream, "sha256").digest()
