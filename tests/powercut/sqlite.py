"""SQLite on the simulated disk: an APSW virtual file system and a connection like sqlite3's."""

import itertools
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import apsw
from tests.powercut.disk import DiskState, SimulatedDisk
from typing_extensions import override

_NUMBERS = itertools.count()
_SYNCED_WITH_FOLDER = apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_WAL


class _File(apsw.VFSFile):
    """A real file whose writes are recorded; shared memory is left to the operating system."""

    def __init__(self, disk: SimulatedDisk, filename: Any, flags: list[int]) -> None:
        path = filename if isinstance(filename, str) else filename.filename()
        name = disk.name_of(path)
        assert name is not None, f"{path} lies outside the simulated disk"
        self._disk, self._name = disk, name
        new = not Path(path).exists()
        # As os_unix.c does (UNIXFILE_DIRSYNC): a journal's first sync covers its folder too,
        # whether this handle or another one made the file.
        self._folder_due = bool(
            flags[0] & apsw.SQLITE_OPEN_CREATE and flags[0] & _SYNCED_WITH_FOLDER
        )
        super().__init__("", filename, flags)
        if new:
            disk.record(DiskState.create, name)

    @override
    def xWrite(self, data: Any, offset: int) -> None:
        super().xWrite(data, offset)
        self._disk.record(DiskState.write, self._name, offset, bytes(data))

    @override
    def xTruncate(self, newsize: int) -> None:
        super().xTruncate(newsize)
        self._disk.record(DiskState.truncate, self._name, newsize)

    @override
    def xSync(self, flags: int) -> None:
        """Record only: the real disk need not be slow for this."""
        del flags
        self._disk.record(DiskState.sync, self._name)
        if self._folder_due:
            self._disk.record(DiskState.sync_folder, str(Path(self._name).parent))
            self._folder_due = False


class _FileSystem(apsw.VFS):
    def __init__(self, disk: SimulatedDisk) -> None:
        self._disk = disk
        self.vfs_name = f"powercut-{os.getpid()}-{next(_NUMBERS)}"
        super().__init__(self.vfs_name, "")

    @override
    def xOpen(self, filename: Any, flags: list[int]) -> Any:
        if filename is None:  # temporary, never needed after a cut
            return apsw.VFSFile("", filename, flags)
        return _File(self._disk, filename, flags)

    @override
    def xDelete(self, filename: str, syncdir: bool) -> None:
        super().xDelete(filename, syncdir)
        name = self._disk.name_of(filename)
        assert name is not None
        self._disk.record(DiskState.delete, name)
        if syncdir:
            self._disk.record(DiskState.sync_folder, str(Path(name).parent))


class ApswConnection:
    """An APSW connection that looks like `sqlite3`'s in autocommit mode, errors included."""

    def __init__(self, connection: apsw.Connection, *, synchronous: str = "FULL") -> None:
        self._connection = connection
        self._synchronous = synchronous

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Any:
        sql = sql.replace("synchronous=FULL", f"synchronous={self._synchronous}")
        with _translated():
            return self._connection.execute(sql, tuple(parameters))

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> object:
        with _translated():
            return self._connection.executemany(sql, (tuple(row) for row in parameters))

    def create_function(self, name: str, narg: int, func: Callable[..., Any], /) -> None:
        with _translated():
            self._connection.create_scalar_function(name, func, narg)

    def close(self) -> None:
        with _translated():
            self._connection.close()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except apsw.ConstraintError as error:
        raise sqlite3.IntegrityError(str(error)) from error
    except apsw.BusyError as error:
        raise sqlite3.OperationalError(f"database is locked: {error}") from error
    except apsw.Error as error:
        raise sqlite3.OperationalError(str(error)) from error


class SimulatedSqlite:
    """Opens SQLite databases on a simulated disk; `connect` fits `diptych`'s `Connect`.

    Args:
        disk: where the files are.
        checkpoint_pages: size of the write-ahead log at which it is moved into the database; small,
            so that short runs pass through many of these.
        synchronous: `OFF` or `NORMAL` weaken what the program asks for behind its back, to show
            that a test on this disk can fail.
    """

    def __init__(
        self, disk: SimulatedDisk, *, checkpoint_pages: int = 12, synchronous: str = "FULL"
    ) -> None:
        self._file_system = _FileSystem(disk)
        self._checkpoint_pages = checkpoint_pages
        self._synchronous = synchronous
        self._opened: list[ApswConnection] = []

    def connect(self, path: Path) -> ApswConnection:
        """Open or create a database on the simulated disk."""
        raw = apsw.Connection(str(path), vfs=self._file_system.vfs_name)
        raw.wal_autocheckpoint(self._checkpoint_pages)
        self._opened.append(ApswConnection(raw, synchronous=self._synchronous))
        return self._opened[-1]

    def close(self) -> None:
        """Close what is still open and forget the file system."""
        for connection in self._opened:
            connection.close()
        self._file_system.unregister()


@contextmanager
def simulated_sqlite(
    disk: SimulatedDisk, random: Random, *, synchronous: str
) -> Iterator[SimulatedSqlite]:
    """Give an SQLite on a simulated disk, of a random patience with its write-ahead log."""
    sqlite = SimulatedSqlite(
        disk, checkpoint_pages=random.choice((4, 12, 60)), synchronous=synchronous
    )
    try:
        yield sqlite
    finally:
        sqlite.close()
