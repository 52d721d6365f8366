"""Scan a file or folder into manifest entries: the one implementation for seal, status and verify.

Small files are read by the walking thread (a task per small file was measured to double the CPU
time, and batches on two threads to gain nothing); files above 1 MiB are hashed in parallel.
"""

import os
import stat
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from diptych_verify.hashing import SMALL_BYTES, FileHasher, Refused, open_regular
from diptych_verify.manifest import ManifestEntry
from diptych_verify.walk import (
    CannotScan,
    Ignore,
    IgnoredPaths,
    Problem,
    Problems,
    Run,
    TreeWalk,
    is_utf8,
    shown,
)

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

PENDING_BATCHES = 64

Scanned = tuple[ManifestEntry, os.stat_result]
Known = Callable[[str, os.stat_result], tuple[bytes, ...] | None]
_Jobs = Generator["list[Scanned] | Future[Scanned]", None, None]


@dataclass(frozen=True)
class ScanOptions:
    """How to scan.

    Attributes:
        algorithms: `sha256` and/or `blake3`, in the order of the digests.
        workers: threads that hash files above 1 MiB.
        report: told of each problem; default collects them and raises at the end.
        ignore: rules of the ignore file, if any; `ignored` tallies what they left out.
        known: returns digests that need not be computed again (never used to verify).
        advance: told of bytes hashed, from any thread, one call at a time.
    """

    algorithms: tuple[str, ...] = ("sha256",)
    workers: int = 2
    report: Callable[[Problem], None] | None = None
    ignore: Ignore | None = None
    ignored: IgnoredPaths = field(default_factory=IgnoredPaths)
    known: Known | None = None
    advance: Callable[[int], None] | None = None


def scan(path: Path, options: ScanOptions | None = None) -> Iterator[ManifestEntry]:
    """Yield the manifest entries of a file or folder, in path order, reading every byte.

    Args:
        path: a folder, or one file (its entry's path is then its name).
        options: default SHA-256, two workers, no ignore rules.

    Raises:
        CannotScan: something cannot be sealed (after the whole tree was seen).
        FileChanged: a file changed while it was read.
        MissingDigest: BLAKE3 is not installed.
    """
    for batch in scan_batches(path, options):
        for entry, _ in batch:
            yield entry


def scan_batches(path: Path, options: ScanOptions | None = None) -> Iterator[list[Scanned]]:
    """Like `scan`, in batches and with the `fstat` taken before each file was read."""
    options = options or ScanOptions()
    problems = Problems()
    scanner = _Scanner(options, options.report or problems)
    yield from scanner.batches(path)
    problems.check()


class _Scanner:
    """One scan: jobs in path order, results handed out in that order, memory bounded."""

    def __init__(self, options: ScanOptions, report: Callable[[Problem], None]) -> None:
        self._options = options
        self._report = report
        self._hasher = FileHasher(options.algorithms, advance=options.advance)
        self._pool: ThreadPoolExecutor | None = None
        self._pending: deque[list[Scanned] | Future[Scanned]] = deque()
        self._large = 0

    def batches(self, path: Path) -> Iterator[list[Scanned]]:
        jobs = self._jobs(path)
        try:
            for job in jobs:
                self._pending.append(job)
                while self._pending and self._is_due():
                    yield from self._take()
            while self._pending:
                yield from self._take()
        finally:
            self._hasher.stop()
            jobs.close()
            if self._pool is not None:
                self._pool.shutdown()

    def _is_due(self) -> bool:
        head = self._pending[0]
        full = len(self._pending) > PENDING_BATCHES or self._large > 2 * self._options.workers
        return full or isinstance(head, list) or head.done()

    def _take(self) -> Iterator[list[Scanned]]:
        head = self._pending.popleft()
        if isinstance(head, list):
            yield head
            return
        self._large -= 1
        try:
            result = head.result()
        except Refused as refused:
            self._report(refused.problem)
        else:
            yield [result]

    def _jobs(self, path: Path) -> _Jobs:
        try:
            mode = os.stat(path).st_mode
        except OSError as error:
            raise CannotScan(f"cannot read {path}: {error.strerror}") from error
        if not stat.S_ISDIR(mode):
            yield from self._single(path)
            return
        root = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            walk = TreeWalk(
                root,
                report=self._report,
                ignore=self._options.ignore,
                ignored=self._options.ignored,
            )
            for run in walk:
                yield from self._run(run)
        finally:
            os.close(root)

    def _single(self, path: Path) -> _Jobs:
        name = path.resolve().name if path.name in {"", ".", ".."} else path.name
        if not is_utf8(name):
            self._report(Problem(shown(name), "name", "has a name that is not UTF-8"))
            return
        job = self._open(None, os.fspath(path.resolve()), name)
        if job is not None:
            yield [job] if isinstance(job, tuple) else job

    def _run(self, run: Run) -> _Jobs:
        done = 0
        batch: list[Scanned] = []
        for name in run.names:
            job = self._open(run.folder, name, run.prefix + name)
            if isinstance(job, tuple):
                batch.append(job)
                done += job[0].size
            elif job is not None:
                yield batch
                yield job
                batch = []
        self._hasher.report(done)
        yield batch

    def _open(self, folder: int | None, name: str, path: str) -> "Scanned | Future[Scanned] | None":
        try:
            descriptor, state = open_regular(folder, name, path)
            if self._options.known is not None:
                known = self._options.known(path, state)
                if known is not None:
                    os.close(descriptor)
                    return ManifestEntry(path, state.st_size, known), state
            if state.st_size > SMALL_BYTES:
                return self._submit(descriptor, path, state)
            return self._hash(descriptor, path, state)
        except Refused as refused:
            self._report(refused.problem)
            return None

    def _submit(self, descriptor: int, path: str, state: os.stat_result) -> "Future[Scanned]":
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(self._options.workers, thread_name_prefix="hash")
        self._large += 1
        return self._pool.submit(self._hash, descriptor, path, state)

    def _hash(self, descriptor: int, path: str, state: os.stat_result) -> Scanned:
        digests = self._hasher.digests(descriptor, path, state)
        return ManifestEntry(path, state.st_size, digests), state
