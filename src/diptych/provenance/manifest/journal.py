"""Journal of a scan: digests by path and file state, so that an interrupted seal goes on.

A hint, nothing more. It is read when an unfinished seal of the same folder is started again, and
for `status`; never to verify, and never written for a private seal. It is created only when a
scan has run for some seconds, so that small seals pay nothing for it.
"""

import hashlib
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from diptych.core.clock import Clock, system_clock
from diptych.core.database import use_write_ahead_log
from diptych_verify.scan import Scanned

DELAY_S = 2.0
COMMIT_S = 1.0
COMMIT_FILES = 4_096
RACY_NS = 2_000_000_000
"""A file touched this shortly before it was hashed may change again within one timestamp tick."""
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS scan(identity TEXT NOT NULL, complete INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS files(path TEXT PRIMARY KEY, size INTEGER NOT NULL,"
    " mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL, inode INTEGER NOT NULL,"
    " digests BLOB NOT NULL) WITHOUT ROWID",
)
_Row = tuple[str, int, int, int, int, bytes]


def journal_path(workspace: Path, folder: Path) -> Path:
    """Return where the journal of sealing `folder` stands in a workspace."""
    name = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:32]
    return workspace / "journal" / f"{name}.sqlite"


class ScanJournal:
    """Digests found by the newest scan of one folder; use as a context manager.

    Args:
        path: database file; created late, its folder too.
        folder: what is scanned; a replaced folder (other inode) makes the journal void.
        algorithms: digests in order; others make the journal void.
        clock: seconds since the epoch.
        delay_s: how long a scan must have run before anything is written.

    Attributes:
        unfinished: the last scan was interrupted; `known` then continues it.
    """

    def __init__(
        self,
        path: Path,
        folder: Path,
        algorithms: tuple[str, ...],
        *,
        clock: Clock = system_clock,
        delay_s: float = DELAY_S,
    ) -> None:
        state = folder.stat()
        self._path = path
        self._identity = f"1:{state.st_dev}:{state.st_ino}:{'+'.join(algorithms)}"
        self._clock = clock
        self._start_s = clock() + delay_s
        self._committed_s = 0.0
        self._rows: list[_Row] = []
        self._writing = False
        self._failed = False
        self._connection: sqlite3.Connection | None = None
        self.unfinished = False
        with suppress(sqlite3.Error, OSError):
            self._load()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Keep what is buffered, whatever ended the scan."""
        if self._writing:
            self._commit()
        if self._connection is not None:
            self._connection.close()

    def known(self, path: str, state: os.stat_result) -> tuple[bytes, ...] | None:
        """Return the digests of a file whose size, times and inode are as recorded."""
        if self._connection is None or self._failed:
            return None
        try:
            row = self._connection.execute(
                "SELECT size, mtime_ns, ctime_ns, inode, digests FROM files WHERE path=?", (path,)
            ).fetchone()
        except sqlite3.Error:
            self._failed = True
            return None
        now = (state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino)
        if row is None or row[:4] != now:
            return None
        blob: bytes = row[4]
        return tuple(blob[start : start + 32] for start in range(0, len(blob), 32))

    def record(self, batch: list[Scanned]) -> None:
        """Remember a batch; cheap, and nothing at all before `delay_s` has passed."""
        now_s = self._clock()
        if now_s < self._start_s or self._failed:
            return
        newest_ns = int(now_s * 1e9) - RACY_NS
        for entry, state in batch:
            if max(state.st_mtime_ns, state.st_ctime_ns) < newest_ns:
                times = (state.st_mtime_ns, state.st_ctime_ns, state.st_ino)
                self._rows.append((entry.path, entry.size, *times, b"".join(entry.digests)))
        if len(self._rows) >= COMMIT_FILES or now_s - self._committed_s >= COMMIT_S:
            self._begin()
            self._commit()
            self._committed_s = now_s

    def complete(self) -> None:
        """Mark the scan as finished: from now on its digests serve `status` only."""
        if self._writing or self.unfinished:
            self._begin()
            self._commit()
            self._run("UPDATE scan SET complete=1")
        self.unfinished = False

    def _load(self) -> None:
        if not self._path.is_file():
            return
        connection = self._connect()
        row = connection.execute("SELECT identity, complete FROM scan").fetchone()
        if row is None or row[0] != self._identity:
            connection.close()
            return
        self._connection = connection
        self.unfinished = not row[1]

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None)
        use_write_ahead_log(connection)
        connection.execute("PRAGMA synchronous=NORMAL")
        for statement in _SCHEMA:
            connection.execute(statement)
        return connection

    def _begin(self) -> None:
        """Open the database for writing; a finished or foreign journal is started afresh."""
        if self._writing or self._failed:
            return
        try:
            if not self.unfinished:
                if self._connection is not None:
                    self._connection.close()
                for suffix in ("", "-wal", "-shm"):
                    self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._connection = self._connect()
                self._run("INSERT INTO scan VALUES(?, 0)", self._identity)
            self._writing = True
        except (sqlite3.Error, OSError):
            self._failed = True

    def _commit(self) -> None:
        rows, self._rows = self._rows, []
        if self._connection is None or self._failed:
            return
        try:
            self._connection.execute("BEGIN")
            self._connection.executemany("INSERT OR REPLACE INTO files VALUES(?,?,?,?,?,?)", rows)
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            self._failed = True

    def _run(self, statement: str, *values: object) -> None:
        if self._connection is not None and not self._failed:
            with suppress(sqlite3.Error):
                self._connection.execute(statement, values)
