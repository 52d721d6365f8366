"""Plain files on the simulated disk: an `os` that records, put into the modules under test."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.powercut.disk import DiskState, SimulatedDisk


class RecordingOs:
    """Stands in for the module `os`; everything that is not recorded passes through."""

    def __init__(self, disk: SimulatedDisk) -> None:
        self._disk = disk
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
        self._disk.record(DiskState.sync_folder if folder else DiskState.sync, name)

    fdatasync = fsync

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

    def _written(self, descriptor: int, offset: int, payload: bytes) -> None:
        if descriptor in self._names:
            self._disk.record(DiskState.write, self._names[descriptor], offset, payload)


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
def recorded_files(disk: SimulatedDisk, *modules: str) -> Iterator[None]:
    """Record what these modules do through `os`, for example `diptych.core.files`."""
    system = RecordingOs(disk)
    with ExitStack() as stack:
        for module in modules:
            stack.enter_context(patch(f"{module}.os", system))
        yield
