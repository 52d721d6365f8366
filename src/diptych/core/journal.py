"""Small files that say what a process is at, so that the next one finds what was cut off.

A journal is locked while its process lives; the system gives the lock back however the process
ends. Lines of JSON are appended durably, so that only the last can be cut off.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from diptych.core.errors import JsonValue
from diptych.core.files import make_folder, sync_folder, write_error

MAX_BYTES = 16 << 20
_MOST = 1_000


class Journal:
    """A journal being written; `begin` makes it, `close` removes it.

    Args:
        path: the file.
        descriptor: open and locked.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    @classmethod
    def begin(cls, path: Path, line: dict[str, JsonValue]) -> Self:
        """Write the first line durably; the folder is made if missing.

        Raises:
            CannotWrite: the file cannot be written.
        """
        try:
            make_folder(path.parent, mode=0o700)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
            descriptor = os.open(path, flags, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            journal = cls(path, descriptor)
            journal.add(line)
            sync_folder(path.parent)
        except OSError as error:
            raise write_error(path, error) from error
        return journal

    def add(self, line: dict[str, JsonValue]) -> None:
        """Append a line durably.

        Raises:
            CannotWrite: the file cannot be written.
        """
        try:
            os.write(self._descriptor, json.dumps(line).encode() + b"\n")
            os.fsync(self._descriptor)
        except OSError as error:
            raise write_error(self._path, error) from error

    def close(self, *, keep: bool = False) -> None:
        """Remove the file: all is done; or `keep` it for the next one who looks."""
        if not keep:
            with suppress(OSError):
                self._path.unlink()
        os.close(self._descriptor)


def abandoned(folder: Path, suffix: str) -> Iterator[Path]:
    """Yield the journals whose process is gone; each stays locked until the next is asked for."""
    try:
        paths = sorted(folder.glob(f"*{suffix}"))[:_MOST]
    except OSError:
        return
    for path in paths:
        with _locked(path) as ours:
            if ours:
                yield path


def journal_lines(path: Path) -> list[bytes]:
    """Return the lines of a journal; a last one that was cut off is left out.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        return stream.read(MAX_BYTES).split(b"\n")[:-1]


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield path.exists()  # the one who held the lock may have removed it
    finally:
        os.close(descriptor)
