"""Uses on their way into the store: one append-only file per process, nothing to wait for.

A use is one line that one system call appends to a file of this process alone, so that no lock, no
database and no other process can hold up whoever is served. From then on it survives the end of the
process, however it ends; `durable=True` waits for the disk, which a power cut asks for. `take_in`
moves lines into the store, exactly once. A forked child goes on with its parent's file: the system
keeps lines apart.
"""

import fcntl
import os
import secrets
import stat
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Final

from diptych.core.errors import EnvironmentFault
from diptych.core.files import make_folder, sync_folder
from diptych.models.usage.record import BadUsage, UsageRecord, require_valid
from diptych.models.usage.store import UsageStore

SUFFIX: Final = ".uses"
_DAMAGED = ".damaged"
_ROTATE_BYTES = 64 << 20
_CHUNK_BYTES = 4 << 20
_MAX_LINE = 256
_MAX_NUMBER = 16


class UsageNotRecorded(EnvironmentFault):
    """A use could not be recorded, although the licence makes that a duty; nothing was answered."""

    code = "Usage.NotRecorded"


class UsageSpool:
    """The file of this process; made with the first use. Any thread may add.

    Args:
        folder: where the files of all processes stand; made if missing.
        rotate_bytes: begin a new file when this one has so many.
    """

    def __init__(self, folder: Path, *, rotate_bytes: int = _ROTATE_BYTES) -> None:
        self._folder, self._rotate_bytes = folder, rotate_bytes
        self._open: dict[str, int] = {}
        self._written = 0
        self._torn = False

    def add(self, record: UsageRecord, *, durable: bool = False) -> None:
        """Take a use; no crash of this program loses it from here on.

        Args:
            record: who used what.
            durable: return when it survives a power cut too.

        Raises:
            BadUsage: it is invalid.
            OSError: it cannot be written.
        """
        require_valid(record)
        line = (
            f"{record.licensee} {record.asset} {record.action} {record.time_s} {record.units}\n"
        ).encode()
        descriptor = self._open.get("file")
        if descriptor is None:
            descriptor = self._begin()
        elif self._written >= self._rotate_bytes:
            self._rotate(descriptor)
        if self._torn:  # What a full disk cut off must not swallow this line.
            line, self._torn = b"\n" + line, False
        if os.write(descriptor, line) != len(line):
            self._torn = True
            raise OSError("the disk took only a part of a use")
        self._written += len(line)
        if durable:
            os.fsync(descriptor)

    def _begin(self) -> int:
        made = self._make()
        descriptor = self._open.setdefault("file", made)
        if descriptor == made:
            weakref.finalize(self, os.close, made)
        else:  # Another thread was faster; an empty file goes with the next one who takes in.
            os.close(made)
        return descriptor

    def _rotate(self, descriptor: int) -> None:
        """Let the descriptor stand for a new file, so that no other thread writes into nothing."""
        self._written = 0
        made = self._make()
        os.dup2(made, descriptor, inheritable=False)
        os.close(made)

    def _make(self) -> int:
        """Make a file that is locked before anybody finds it."""
        make_folder(self._folder, mode=0o700)
        path = self._folder / f"{os.getpid()}-{secrets.token_hex(8)}{SUFFIX}"
        new = path.with_suffix(".new")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        descriptor = os.open(new, flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            new.rename(path)
            sync_folder(self._folder)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor


def take_in(store: UsageStore, folder: Path) -> int:
    """Move what all processes have written into the store; return how many uses.

    Each line is taken once, also if this is killed or runs twice at a time. A file whose process is
    gone is removed, or renamed to `.damaged` if lines of it could not be read.

    Raises:
        UsageStoreFault: the store cannot be written.
    """
    try:
        paths = sorted(folder.glob(f"*{SUFFIX}"))
    except OSError:
        return 0
    return sum(_take_file(store, path) for path in paths)


def _take_file(store: UsageStore, path: Path) -> int:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return 0
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return 0
        over = _is_over(descriptor)
        count = damaged = 0
        while True:
            found = store.take(path, lambda taken: _read(descriptor, taken))
            count, damaged = count + found.count, damaged + found.damaged
            if not found.read:
                break
        if over:
            with suppress(OSError):
                path.replace(path.with_suffix(_DAMAGED)) if damaged else path.unlink()
            store.forget(path)
        return count
    finally:
        os.close(descriptor)


def _is_over(descriptor: int) -> bool:
    """Tell whether no process writes any more; if so, it is ours alone to remove."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _read(descriptor: int, taken: int) -> tuple[list[UsageRecord], int, int]:
    """Return uses, how many bytes they fill, and how many lines cannot be read."""
    raw = os.pread(descriptor, _CHUNK_BYTES, taken)
    size = raw.rfind(b"\n") + 1
    if not size and len(raw) == _CHUNK_BYTES:
        return [], len(raw), 1
    lines = [line for line in raw[:size].split(b"\n") if line]
    records = [one for one in map(_parsed, lines) if one is not None]
    return records, size, len(lines) - len(records)


def _parsed(line: bytes) -> UsageRecord | None:
    try:
        licensee, asset, action, time_s, units = line.decode("ascii").split(" ")
        if max(len(time_s), len(units)) > _MAX_NUMBER or len(line) > _MAX_LINE:
            return None
        record = UsageRecord(licensee, asset, action, int(time_s), int(units))
        require_valid(record)
    except (ValueError, BadUsage):
        return None
    return record
