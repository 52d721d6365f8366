"""Where a chain keeps its files, who holds the folder, and where its door is."""

import errno
import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from diptych.core.files import write_durably, write_error
from diptych.ledger.devchain.errors import Locked

_MAX_STATE_BYTES = 65_536


@dataclass(frozen=True)
class Place:
    """The chain's folder."""

    folder: Path

    @property
    def store(self) -> Path:
        """Blocks: the one file that must not be lost."""
        return self.folder / "blocks.sqlite"

    @property
    def snapshots(self) -> Path:
        """Snapshots: may be deleted at any time."""
        return self.folder / "snapshots"

    @property
    def state(self) -> Path:
        """Where the running supervisor's door is."""
        return self.folder / "state.json"

    @property
    def lock(self) -> Path:
        """Held by the supervisor; holds its process id."""
        return self.folder / "supervisor.lock"

    @property
    def starting(self) -> Path:
        """Held by whoever is starting a supervisor."""
        return self.folder / "start.lock"

    @property
    def log(self) -> Path:
        """What the supervisor has to say."""
        return self.folder / "supervisor.log"


@dataclass(frozen=True)
class Endpoint:
    """A running chain's door.

    Attributes:
        url: `http://127.0.0.1:<port>`.
        chain_id: the workspace's own chain id.
        session_id: random per supervisor run; `diptych_session` answers it.
        genesis_hash: `0x` hash of block 0.
        pid: the supervisor's process id.
    """

    url: str
    chain_id: int
    session_id: str
    genesis_hash: str
    pid: int


def write_endpoint(place: Place, endpoint: Endpoint) -> None:
    """Publish where the door is, readable by this user only.

    Raises:
        DiskFull: no space.
        CannotWrite: any other I/O failure.
    """
    payload = json.dumps({"format": 1, **asdict(endpoint)}, sort_keys=True).encode()
    write_durably(place.state, payload, mode=0o600)


def read_endpoint(place: Place) -> Endpoint | None:
    """Return what the last supervisor published, None if nothing usable stands there."""
    try:
        with place.state.open("rb") as stream:
            fields = json.loads(stream.read(_MAX_STATE_BYTES))
        return Endpoint(
            url=str(fields["url"]),
            chain_id=int(fields["chain_id"]),
            session_id=str(fields["session_id"]),
            genesis_hash=str(fields["genesis_hash"]),
            pid=int(fields["pid"]),
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


class FolderLock:
    """An exclusive lock that ends with the process that holds it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path, *, wait_s: float = 0.0) -> Self:
        """Take the lock.

        Raises:
            Locked: another process holds it, and still after `wait_s` seconds.
            CannotWrite: the folder cannot be written.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise write_error(path, error) from error
        deadline = time.monotonic() + wait_s
        while not _try_lock(descriptor):
            if time.monotonic() >= deadline:
                os.close(descriptor)
                raise Locked(
                    f"{path.parent} is held by process {lock_holder(path)}",
                    hint="diptych chain status; diptych chain down",
                )
            time.sleep(0.01)
        return cls(descriptor)

    def sign(self) -> None:
        """Write this process's id into the lock file."""
        try:
            os.pwrite(self._descriptor, f"{os.getpid():>10}\n".encode(), 0)
        except OSError:  # a full disk must not keep the chain from starting; drop the old id
            os.ftruncate(self._descriptor, 0)

    def holds(self, path: Path) -> bool:
        """Return whether the file at `path` is the one that is locked, not one made since."""
        try:
            there, ours = path.stat(), os.fstat(self._descriptor)
        except OSError:
            return False
        return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)

    def release(self) -> None:
        """Give the lock back."""
        os.close(self._descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
            return False
        raise
    return True


def lock_holder(path: Path) -> int | None:
    """Return the process id of the lock's holder, 0 if unknown, None if nobody holds it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if _try_lock(descriptor):
            return None
        return int(os.pread(descriptor, 11, 0))
    except ValueError:
        return 0
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path, *, wait_s: float) -> Iterator[None]:
    """Hold the lock for a block of code."""
    lock = FolderLock.take(path, wait_s=wait_s)
    try:
        yield
    finally:
        lock.release()
