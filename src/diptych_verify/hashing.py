"""Open and hash one file so that a swap, a link or a concurrent write is noticed, never sealed.

Files are read, not mapped: mapping takes 5 % less CPU (ADR 10), costs resident memory of the
file's size, and a file truncated by somebody else would kill the process instead of giving an
error.
"""

import hashlib
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Protocol

from diptych_verify.errors import DiptychError
from diptych_verify.walk import Problem, os_problem, shown, special

SMALL_BYTES = 1 << 20
CHUNK_BYTES = 1 << 18
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class MissingDigest(DiptychError):
    """A manifest names a digest that cannot be computed here, for lack of the package `blake3`."""

    code: ClassVar[str] = "Manifest.MissingDigest"
    exit_code: ClassVar[int] = 3


class Refused(Exception):
    """Carries a problem out of the reading of one file; never leaves this package."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


class Stopped(Exception):
    """The scan was abandoned while a large file was being hashed; never leaves this package."""


class Hash(Protocol):
    """The part of a hashlib object that is used here."""

    def update(self, payload: memoryview, /) -> object:
        """Add bytes."""
        ...

    def digest(self) -> bytes:
        """Return 32 bytes."""
        ...


HashFactory = Callable[[bytes], Hash]


def hash_factory(algorithm: str) -> HashFactory:
    """Return the constructor of a digest by name.

    Raises:
        MissingDigest: `blake3` is asked for and not installed, or the name is unknown.
    """
    if algorithm == "sha256":
        return hashlib.sha256
    if algorithm != "blake3":
        raise MissingDigest(f"got digest '{algorithm}', expected sha256 or blake3")
    try:
        import blake3
    except ImportError as error:
        raise MissingDigest(
            "the package 'blake3' is not installed", hint="pip install blake3"
        ) from error
    factory: HashFactory = blake3.blake3
    return factory


class FileHasher:
    """Hash open files; usable from several threads.

    Args:
        algorithms: names in the order of the digests.
        advance: told of bytes read, from any thread, one call at a time.
    """

    def __init__(
        self, algorithms: tuple[str, ...], *, advance: Callable[[int], None] | None = None
    ) -> None:
        self._factories = tuple(hash_factory(name) for name in algorithms)
        self._advance = advance
        self._lock = threading.Lock()
        self._stop = threading.Event()

    def stop(self) -> None:
        """Make running calls of `digests` give up soon."""
        self._stop.set()

    def digests(self, descriptor: int, path: str, before: os.stat_result) -> tuple[bytes, ...]:
        """Hash one open file to its end and close it.

        Args:
            descriptor: as returned by `open_regular`; closed in any case.
            path: for the error only.
            before: the `fstat` from before reading.

        Raises:
            Refused: it cannot be read, or changed meanwhile.
            Stopped: `stop` was called.
        """
        try:
            if before.st_size <= SMALL_BYTES:
                content = os.read(descriptor, before.st_size + 1)
                size = len(content)
                found = tuple([factory(content).digest() for factory in self._factories])
            else:
                size, found = self._large(descriptor)
            after = os.fstat(descriptor)
        except OSError as error:
            raise Refused(os_problem(path, error)) from error
        finally:
            os.close(descriptor)
        if size != before.st_size or not same_file_state(before, after):
            raise Refused(Problem(shown(path), "changed", "changed while it was being read"))
        return found

    def _large(self, descriptor: int) -> tuple[int, tuple[bytes, ...]]:
        hashes = [factory(b"") for factory in self._factories]
        buffer = memoryview(bytearray(CHUNK_BYTES))
        total = unreported = 0
        while count := os.readv(descriptor, [buffer]):
            for state in hashes:
                state.update(buffer[:count])
            total += count
            unreported += count
            if unreported >= 32 * CHUNK_BYTES:
                if self._stop.is_set():
                    raise Stopped
                self.report(unreported)
                unreported = 0
        self.report(unreported)
        return total, tuple(state.digest() for state in hashes)

    def report(self, count: int) -> None:
        """Pass on that `count` more bytes are done; `digests` does so for large files only."""
        if self._advance is not None:
            with self._lock:
                self._advance(count)


def open_regular(folder: int | None, name: str, path: str) -> tuple[int, os.stat_result]:
    """Open a regular file without following a link and without blocking on a pipe.

    Args:
        folder: descriptor that `name` is relative to, or None.
        name: last segment of the path (or a whole path, if `folder` is None).
        path: for the error only.

    Returns:
        The descriptor and its `fstat`.

    Raises:
        Refused: it is not a regular file or cannot be opened.
    """
    try:
        descriptor = os.open(name, _FLAGS, dir_fd=folder)
    except OSError as error:
        raise Refused(_why_not_open(folder, name, path, error)) from error
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode):
        os.close(descriptor)
        raise Refused(special(path, state.st_mode))
    return descriptor, state


def read_small(file: Path) -> bytes:
    """Return the content of a regular file of at most 1 MiB, without following a link.

    Raises:
        Refused: it is missing, larger or not a regular file.
    """
    descriptor, state = open_regular(None, os.fspath(file), file.name)
    try:
        if state.st_size > SMALL_BYTES:
            raise Refused(Problem(file.name, "unreadable", f"is larger than {SMALL_BYTES} bytes"))
        return os.read(descriptor, SMALL_BYTES)
    finally:
        os.close(descriptor)


def _why_not_open(folder: int | None, name: str, path: str, error: OSError) -> Problem:
    try:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except OSError:
        return os_problem(path, error)
    return os_problem(path, error) if stat.S_ISREG(mode) else special(path, mode)


def same_file_state(left: os.stat_result, right: os.stat_result) -> bool:
    """Tell whether two stats show the same content as far as the file system can tell."""
    return (
        left.st_size == right.st_size
        and left.st_mtime_ns == right.st_mtime_ns
        and left.st_ino == right.st_ino
        and left.st_dev == right.st_dev
    )
