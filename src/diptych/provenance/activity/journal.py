"""A small file per running run, so that one that is killed is found and recorded.

The file is locked while the run lives; the system gives the lock back however the process ends.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from diptych.core.errors import JsonValue, MalformedError
from diptych.core.files import make_folder, sync_folder, write_error
from diptych.provenance.activity.document import RunDocument, RunInput
from diptych_verify.jsonio import ObjectReader, strict_json

_SUFFIX = ".jsonl"
_MAX_BYTES = 16 << 20
_MOST = 1_000


class RunJournal:
    """What a run has said so far; `start` makes it, `close` removes it.

    Args:
        path: the file.
        descriptor: open and locked.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    @classmethod
    def start(cls, folder: Path, document: RunDocument) -> "RunJournal":
        """Write the beginning of a run durably.

        Args:
            folder: of all journals; made if missing.
            document: what is known at the beginning, status `interrupted`.

        Raises:
            CannotWrite: the file cannot be written.
        """
        path = folder / f"{document.id}{_SUFFIX}"
        try:
            make_folder(folder, mode=0o700)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
            descriptor = os.open(path, flags, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            journal = cls(path, descriptor)
            journal._write(document.to_json())
            sync_folder(folder)
        except OSError as error:
            raise write_error(path, error) from error
        return journal

    def used(self, one: RunInput) -> None:
        """Add one input.

        Raises:
            CannotWrite: the file cannot be written.
        """
        try:
            self._write({"used": dict(vars(one))})
        except OSError as error:
            raise write_error(self._path, error) from error

    def close(self, *, keep: bool = False) -> None:
        """Remove the file: the run is in the log; or `keep` it for the next one who looks."""
        if not keep:
            with suppress(OSError):
                self._path.unlink()
        os.close(self._descriptor)

    def _write(self, line: dict[str, JsonValue]) -> None:
        os.write(self._descriptor, json.dumps(line).encode() + b"\n")
        os.fsync(self._descriptor)


@dataclass(frozen=True)
class UnfinishedRun:
    """A run whose process is gone; `document` is None if the file cannot be read."""

    path: Path
    document: RunDocument | None


def has_journals(folder: Path) -> bool:
    """Tell quickly whether anything may be unfinished."""
    try:
        with os.scandir(folder) as found:
            return any(one.name.endswith(_SUFFIX) for one in found)
    except OSError:
        return False


def unfinished_runs(folder: Path) -> Iterator[UnfinishedRun]:
    """Yield the runs whose process is gone; each stays locked until the next is asked for."""
    try:
        paths = sorted(folder.glob(f"*{_SUFFIX}"))[:_MOST]
    except OSError:
        return
    for path in paths:
        with _locked(path) as ours:
            if ours:
                yield UnfinishedRun(path, _read(path))


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


def _read(path: Path) -> RunDocument | None:
    """Read a journal; a last line that was cut off is left out."""
    try:
        with path.open("rb") as stream:
            lines = stream.read(_MAX_BYTES).split(b"\n")[:-1]
        if not lines:
            return None
        begun = RunDocument.parse(lines[0])
        inputs = [_used(line) for line in lines[1:]]
    except (MalformedError, OSError):
        return None
    said = {**vars(begun), "status": "interrupted", "inputs": (*begun.inputs, *inputs)}
    return RunDocument(**said)


def _used(line: bytes) -> RunInput:
    reader = ObjectReader(strict_json(line, max_bytes=_MAX_BYTES, max_depth=4), "journal").object(
        "used"
    )
    return RunInput(
        reader.text("reference", max_characters=8_192),
        reader.hex_bytes("record", size=32).hex(),
        reader.text("path", max_characters=8_192),
    )
