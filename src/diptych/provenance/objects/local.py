"""Objects as files: `objects/ab/cdef…`, written whole or not at all, verified on every read."""

import contextlib
import hashlib
import os
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from diptych.core.files import make_folder, sync_folder, write_error
from diptych.provenance.objects.store import ObjectCorrupt, ObjectMissing, check_object_name

CHUNK_BYTES = 1 << 20
ABANDONED_S = 86_400
BUFFER_BYTES = 1 << 16
PENDING_OBJECTS = 8_192
SYNC_ALL_FROM = 64
"""From this many new files on, one `sync` of the system is cheaper than an fsync for each."""


class LocalObjects:
    """A `BlobStore` in a folder of the local file system.

    An object becomes visible under its name only after its bytes were synced, so a power cut
    leaves complete objects and forgotten temporary files, never a damaged object. Until `flush`,
    the putting instance alone sees it. Threads may share an instance.

    Args:
        folder: created on the first `put`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"
        self._pending: dict[str, Path] = {}
        self._named = False  # whether the folder's own name is durable
        self._lock = threading.RLock()  # over what is pending

    def put(self, chunks: Iterable[bytes], /) -> str:
        """Store the concatenated chunks and return the name; durable after `flush`.

        Raises:
            DiskFull: no space left; nothing is kept.
            CannotWrite: any other I/O failure.
        """
        self._incoming.mkdir(parents=True, exist_ok=True)
        temporary = self._incoming / f"{os.getpid()}-{os.urandom(8).hex()}"
        digest = hashlib.sha256()
        try:
            with temporary.open("xb", buffering=BUFFER_BYTES) as stream:
                for chunk in chunks:
                    digest.update(chunk)
                    stream.write(chunk)
            temporary.chmod(0o444)
        except BaseException as error:
            temporary.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise write_error(temporary, error) from error
            raise
        name = digest.hexdigest()
        with self._lock:
            replaced = self._pending.pop(name, None)
            if replaced is not None:
                replaced.unlink(missing_ok=True)
            self._pending[name] = temporary
            if len(self._pending) >= PENDING_OBJECTS:
                self.flush()
        return name

    def read(self, name: str, /) -> Iterator[bytes]:
        """Yield the content in chunks of 1 MiB, then check its digest.

        Raises:
            ObjectMissing: there is no such object.
            ObjectCorrupt: after the last chunk, if the digest is not the name.
        """
        check_object_name(name)
        return self._read(name)

    def has(self, name: str, /) -> bool:
        """Tell whether the object is there, without reading it."""
        check_object_name(name)
        return name in self._pending or self._path(name).is_file()

    def remove(self, name: str, /) -> None:
        """Delete an object durably; a missing one is no error.

        Raises:
            CannotWrite: the file cannot be removed.
        """
        check_object_name(name)
        path = self._path(name)
        try:
            with self._lock:
                pending = self._pending.pop(name, None)
                if pending is not None:
                    pending.unlink(missing_ok=True)
                path.unlink()
            sync_folder(path.parent)
        except FileNotFoundError:
            return
        except OSError as error:
            raise write_error(path, error) from error

    def flush(self) -> None:
        """Make everything put so far survive a power cut.

        Raises:
            DiskFull: no space left.
            CannotWrite: any other I/O failure.
        """
        with self._lock:
            if self._pending:
                self._flush()

    def _flush(self) -> None:
        try:
            self._sync_pending()
            folders = {self._path(name).parent for name in self._pending}
            for folder in folders:
                folder.mkdir(exist_ok=True)
            for name, temporary in self._pending.items():
                os.replace(temporary, self._path(name))
            for folder in folders:
                sync_folder(folder)
            sync_folder(self._folder)
            if not self._named:
                make_folder(self._folder)
                self._named = True
        except OSError as error:
            raise write_error(self._folder, error) from error
        self._pending.clear()

    def clear_abandoned(self) -> int:
        """Remove temporary files a day after their process ended; return how many.

        A day, because the writer may be another machine's process that shares this folder.
        """
        removed = 0
        before_s = time.time() - ABANDONED_S
        with contextlib.suppress(OSError):
            for path in self._incoming.iterdir():
                owner = path.name.partition("-")[0]
                if owner.isdigit() and not _runs(int(owner)) and path.stat().st_mtime < before_s:
                    path.unlink(missing_ok=True)
                    removed += 1
        return removed

    def _sync_pending(self) -> None:
        if len(self._pending) >= SYNC_ALL_FROM:
            os.sync()
            return
        for temporary in self._pending.values():
            descriptor = os.open(temporary, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _read(self, name: str) -> Iterator[bytes]:
        digest = hashlib.sha256()
        try:
            with self._lock:
                opened = self._pending.get(name, self._path(name)).open("rb", buffering=0)
            with opened as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    digest.update(chunk)
                    yield chunk
        except FileNotFoundError:
            raise ObjectMissing(
                f"there is no object {name}", hint="diptych restore BACKUP", object=name
            ) from None
        if digest.hexdigest() != name:
            raise ObjectCorrupt(
                f"object {name} has bytes with digest {digest.hexdigest()}",
                hint="restore the object from a backup, or seal the same content again",
                object=name,
            )

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name[2:]


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
