"""Seal a file, folder or stream into a manifest object, streaming from disk to the store."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from diptych.core.errors import JsonValue, UsageError
from diptych.core.progress import ProgressFactory, silent
from diptych.provenance.manifest.ignore import load_rules
from diptych.provenance.manifest.journal import ScanJournal
from diptych.provenance.objects.store import BlobStore
from diptych_verify.hashing import hash_factory
from diptych_verify.manifest import (
    ManifestEntry,
    ManifestHeader,
    ManifestSummary,
    ManifestWriter,
    is_safe_path,
)
from diptych_verify.scan import Scanned, ScanOptions, scan_batches
from diptych_verify.walk import FileChanged, IgnoredPaths, Problems, TreeWalk

CHUNK_BYTES = 1 << 20


class BadStreamName(UsageError):
    """A stream was to be sealed under a name that is no safe file name."""

    code = "Manifest.BadName"


@dataclass(frozen=True)
class BuildOptions:
    """How to seal.

    Attributes:
        algorithms: `sha256` and/or `blake3`.
        workers: threads that hash files above 1 MiB.
        ignore_file: name of the ignore file at the top of the folder; None for no rules.
        progress: told of bytes.
        measure_total: walk once before, so that progress can show an ETA.
        journal: database that lets an interrupted seal continue; None for none.
    """

    algorithms: tuple[str, ...] = ("sha256",)
    workers: int = 2
    ignore_file: str | None = ".diptychignore"
    progress: ProgressFactory = silent
    measure_total: bool = False
    journal: Path | None = None


@dataclass(frozen=True)
class BuiltManifest:
    """A manifest that stands in the store.

    Attributes:
        name: the folder's or file's own name.
        summary: root, counts and object digest.
        file: the entry, if one file was sealed.
        ignored: what the ignore rules left out.
    """

    name: str
    summary: ManifestSummary
    file: ManifestEntry | None = None
    ignored: IgnoredPaths = field(default_factory=IgnoredPaths)

    @property
    def object_name(self) -> str:
        """Name of the manifest object in the store."""
        return self.summary.object_digest.hex()

    def subject_digest(self) -> dict[str, str]:
        """Return `subject.digest`: the root, and for one file its plain digests too."""
        digests = {"diptychManifest1": self.summary.root.hex()}
        if self.file is not None:
            for algorithm, value in zip(self.summary.algorithms, self.file.digests, strict=True):
                digests[algorithm] = value.hex()
        return digests

    def predicate(self) -> dict[str, JsonValue]:
        """Return `predicate.manifest` of docs/formats.md."""
        return {
            "algorithms": list(self.summary.algorithms),
            "root": self.summary.root.hex(),
            "files": self.summary.files,
            "bytes": self.summary.total_bytes,
            "object": self.object_name,
        }


def build_manifest(
    path: Path, store: BlobStore, options: BuildOptions | None = None
) -> BuiltManifest:
    """Hash a file or folder and put its manifest into the store, durably.

    Memory stays bounded by the largest single folder's list of names.

    Raises:
        CannotScan: links, special files, unreadable or badly named files; all are listed.
        FileChanged: a file changed while it was read.
        BadIgnoreFile: the ignore file cannot be understood.
        EnvironmentFault: the store cannot be written.
    """
    build = _Build(path, options or BuildOptions())
    build.run(store)
    store.flush()
    return BuiltManifest(
        name=path.resolve().name,
        summary=build.writer.summary(),
        file=build.last if path.is_file() else None,
        ignored=build.ignored,
    )


class _Build:
    def __init__(self, path: Path, options: BuildOptions) -> None:
        self._path = path
        self._options = options
        self._ignore, self._rules_file = load_rules(path, options.ignore_file, options.algorithms)
        ignore_name = None if self._rules_file is None else self._rules_file.path
        self.writer = ManifestWriter(ManifestHeader(options.algorithms, ignore_name))
        self.ignored = IgnoredPaths()
        self.last: ManifestEntry | None = None

    def run(self, store: BlobStore) -> None:
        options = self._options
        total = self._measure() if options.measure_total else None
        with ExitStack() as stack:
            task = stack.enter_context(options.progress("hashing", total=total, unit="B"))
            journal = None
            if options.journal is not None and self._path.is_dir():
                journal = stack.enter_context(
                    ScanJournal(options.journal, self._path, options.algorithms)
                )
            store.put(self._lines(journal, task.advance))
            if journal is not None:
                journal.complete()

    def _lines(
        self, journal: ScanJournal | None, advance: Callable[[int], None]
    ) -> Iterator[bytes]:
        yield self.writer.start()
        scan_options = ScanOptions(
            algorithms=self._options.algorithms,
            workers=self._options.workers,
            ignore=self._ignore,
            ignored=self.ignored,
            known=journal.known if journal is not None and journal.unfinished else None,
            advance=advance,
        )
        for batch in scan_batches(self._path, scan_options):
            self._check_rules(batch)
            if journal is not None:
                journal.record(batch)
            yield self.writer.block([entry for entry, _ in batch])
            if batch:
                self.last = batch[-1][0]

    def _check_rules(self, batch: list[Scanned]) -> None:
        rules = self._rules_file
        if rules is None:
            return
        for entry, _ in batch:
            if entry.path == rules.path and entry != rules:
                raise FileChanged(
                    f"the ignore file '{entry.path}' changed while the folder was being read",
                    hint="run again when nothing writes to the folder",
                )

    def _measure(self) -> int:
        if not self._path.is_dir():
            return self._path.stat().st_size
        root = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        total = 0
        try:
            for run in TreeWalk(root, report=Problems(), ignore=self._ignore):
                for name in run.names:
                    total += os.stat(name, dir_fd=run.folder, follow_symlinks=False).st_size
        finally:
            os.close(root)
        return total


def build_stream_manifest(
    stream: BinaryIO,
    store: BlobStore,
    *,
    name: str,
    options: BuildOptions | None = None,
    keep_payload: bool = False,
) -> BuiltManifest:
    """Seal a stream (for example standard input) as a manifest of one file.

    Args:
        stream: read to its end.
        store: receives the manifest, and the content too if `keep_payload`.
        name: file name that stands in the manifest.
        options: algorithms and progress.
        keep_payload: also store the content, under its SHA-256.

    Raises:
        BadStreamName: `name` is not a plain file name.
        EnvironmentFault: the store cannot be written.
    """
    options = options or BuildOptions()
    if not name or "/" in name or not is_safe_path(name):
        raise BadStreamName(f"got name '{name}', expected a plain file name")
    hashes = [hash_factory(algorithm)(b"") for algorithm in options.algorithms]
    size = 0

    def chunks() -> Iterator[bytes]:
        nonlocal size
        while chunk := stream.read(CHUNK_BYTES):
            for state in hashes:
                state.update(memoryview(chunk))
            size += len(chunk)
            task.advance(len(chunk))
            yield chunk

    with options.progress("hashing", total=None, unit="B") as task:
        if keep_payload:
            store.put(chunks())
        else:
            for _ in chunks():
                pass
    entry = ManifestEntry(name, size, tuple(state.digest() for state in hashes))
    writer = ManifestWriter(ManifestHeader(options.algorithms))
    store.put([writer.start(), writer.block([entry])])
    store.flush()
    return BuiltManifest(name=name, summary=writer.summary(), file=entry)
