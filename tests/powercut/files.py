"""Plain files on the simulated disk: an `os` and an `io` that record, for the modules under test.

Those of `pathlib` are replaced too, so that `Path.open`, `Path.mkdir` and the like are seen.
"""

import io
import os
import sys
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.powercut.disk import DiskState, SimulatedDisk
from typing_extensions import override


class RecordingOs:
    """Stands in for the module `os`; everything that is not recorded passes through.

    Args:
        disk: where it is recorded.
        ignored: what the disk does not wait for, to show that losses are seen: a kind of sync of
            `file`, `folder`.
    """

    def __init__(self, disk: SimulatedDisk, ignored: Collection[str] = ()) -> None:
        self._disk = disk
        self._ignored = ignored
        self._names: dict[int, str] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def open(self, path: str | Path, flags: int, mode: int = 0o777, **rest: Any) -> int:
        name = self._disk.name_of(path)
        new = not os.path.lexists(path)
        descriptor = os.open(path, flags, mode, **rest)
        if name is not None:
            self._names[descriptor] = name
            if new:
                self._disk.record(DiskState.create, name)
            elif flags & os.O_TRUNC:
                self._disk.record(DiskState.truncate, name, 0)
        return descriptor

    def write(self, descriptor: int, payload: bytes) -> int:
        at = os.lseek(descriptor, 0, os.SEEK_CUR)
        written = os.write(descriptor, payload)
        end = os.lseek(descriptor, 0, os.SEEK_CUR)  # O_APPEND moves it first
        self._written(descriptor, max(at, end - written), bytes(payload[:written]))
        return written

    def pwrite(self, descriptor: int, payload: bytes, offset: int) -> int:
        written = os.pwrite(descriptor, payload, offset)
        self._written(descriptor, offset, bytes(payload[:written]))
        return written

    def fdopen(self, descriptor: int, mode: str = "r", *rest: Any, **named: Any) -> Any:
        if descriptor in self._names and set(mode) & set("wa+"):
            return _Stream(self, descriptor)
        return os.fdopen(descriptor, mode, *rest, **named)

    def ftruncate(self, descriptor: int, length: int) -> None:
        os.ftruncate(descriptor, length)
        if descriptor in self._names:
            self._disk.record(DiskState.truncate, self._names[descriptor], length)

    def fsync(self, descriptor: int) -> None:
        name = self._names.get(descriptor)
        if name is None:
            return
        folder = (self._disk.root / name).is_dir()
        if ("folder" if folder else "file") not in self._ignored:
            self._disk.record(DiskState.sync_folder if folder else DiskState.sync, name)

    fdatasync = fsync

    def sync(self) -> None:
        """Record only: the real disk need not be slow for this."""
        if not self._ignored:
            self._disk.record(DiskState.sync_all)

    def mkdir(self, path: str | Path, mode: int = 0o777, **rest: Any) -> None:
        os.mkdir(path, mode, **rest)
        name = self._disk.name_of(path)
        if name is not None:
            self._disk.record(DiskState.make_folder, name)

    def replace(self, source: str | Path, target: str | Path) -> None:
        os.replace(source, target)
        old, new = self._disk.name_of(source), self._disk.name_of(target)
        if old is not None and new is not None:
            self._disk.record(DiskState.rename, old, new)

    rename = replace

    def unlink(self, path: str | Path) -> None:
        os.unlink(path)
        name = self._disk.name_of(path)
        if name is not None:
            self._disk.record(DiskState.delete, name)

    remove = unlink

    def close(self, descriptor: int) -> None:
        self._names.pop(descriptor, None)
        os.close(descriptor)

    def name_of(self, path: Any) -> str | None:
        """Return the name below the disk's root, None for what lies elsewhere."""
        return None if isinstance(path, int) else self._disk.name_of(path)

    def _written(self, descriptor: int, offset: int, payload: bytes) -> None:
        if descriptor in self._names:
            self._disk.record(DiskState.write, self._names[descriptor], offset, payload)


class _RecordingIo:
    """Stands in for the module `io`: files that are opened for writing are recorded."""

    def __init__(self, system: RecordingOs) -> None:
        self._system = system

    def __getattr__(self, name: str) -> Any:
        return getattr(io, name)

    def open(self, path: Any, mode: str = "r", buffering: int = -1, *rest: Any) -> Any:
        if not set(mode) & set("wxa+") or self._system.name_of(path) is None:
            return open(path, mode, buffering, *rest)
        assert set(mode) in ({"x", "b"}, {"w", "b"}), f"mode {mode} is not simulated"
        new = os.O_EXCL if "x" in mode else os.O_TRUNC
        raw = _Raw(self._system, self._system.open(path, os.O_WRONLY | os.O_CREAT | new, 0o666))
        return raw if buffering == 0 else io.BufferedWriter(raw, max(buffering, 8192))


class _Raw(io.RawIOBase):
    """What `io.FileIO` is to a buffered stream, over a recorded descriptor."""

    def __init__(self, system: RecordingOs, descriptor: int) -> None:
        super().__init__()
        self._system, self._descriptor = system, descriptor

    @override
    def writable(self) -> bool:
        return True

    @override
    def fileno(self) -> int:
        return self._descriptor

    @override
    def write(self, payload: Any, /) -> int:
        return self._system.write(self._descriptor, bytes(payload))

    @override
    def close(self) -> None:
        if not self.closed:
            self._system.close(self._descriptor)
        super().close()


class _Stream:
    """An unbuffered binary stream over a recorded descriptor."""

    def __init__(self, system: RecordingOs, descriptor: int) -> None:
        self._system, self._descriptor = system, descriptor

    def __enter__(self) -> "_Stream":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, payload: bytes) -> int:
        return self._system.write(self._descriptor, payload)

    def flush(self) -> None:
        """Nothing is buffered."""

    def fileno(self) -> int:
        return self._descriptor

    def close(self) -> None:
        self._system.close(self._descriptor)


@contextmanager
def recorded_files(
    disk: SimulatedDisk, *modules: str, ignored: Collection[str] = ()
) -> Iterator[None]:
    """Record what these modules do through `os` and `pathlib`, for example `diptych.core.files`.

    Args:
        disk: where it is recorded.
        modules: those under test, by name.
        ignored: what the disk does not wait for; see `RecordingOs`.
    """
    system = RecordingOs(disk, ignored)
    paths = sys.modules[Path.open.__module__]
    with ExitStack() as stack:
        stack.enter_context(patch.object(paths, "os", system))
        stack.enter_context(patch.object(paths, "io", _RecordingIo(system)))
        for module in modules:
            stack.enter_context(patch(f"{module}.os", system))
        yield
