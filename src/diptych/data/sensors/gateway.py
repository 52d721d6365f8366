"""Gateways: take frames while offline, keep them durably, hand them on in order, forget nothing.

A frame is acknowledged to the device only after it is on disk, and leaves the disk only after the
other side has it. A crash between the two sends it again; the receiver knows it by its counter.
"""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from diptych.core.database import Connect, Connection, connect_secret, make_durable, transaction
from diptych.core.errors import MalformedError
from diptych.core.files import database_fault
from diptych.core.progress import ProgressFactory, silent
from diptych.data.sensors.errors import StoreCorrupt
from diptych.data.sensors.frame import parse_frame

MAX_SPOOLED = 10_000_000
_BATCH = 1_000

Deliver = Callable[[Sequence[bytes]], int]
"""Hands frames on in order and returns how many the other side has for certain."""


class Spool:
    """Frames that wait for the way to be free; use as a context manager.

    Args:
        path: the database, in an existing folder.
        connect: opens the database.

    Raises:
        StoreCorrupt: the file is something else.
    """

    def __init__(self, path: Path, *, connect: Connect = connect_secret) -> None:
        self.connection: Connection = connect(path)
        try:
            make_durable(self.connection)
            self.connection.execute(
                "CREATE TABLE IF NOT EXISTS spool"
                " (id INTEGER PRIMARY KEY AUTOINCREMENT, frame BLOB NOT NULL UNIQUE)"
            )
        except sqlite3.DatabaseError as error:
            fault = database_fault(path, error)
            raise fault or StoreCorrupt(f"{path}: {error}", hint="move the file away") from error

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def __len__(self) -> int:
        return int(self.connection.execute("SELECT COUNT(*) FROM spool").fetchone()[0])

    def take(self, frames: Sequence[bytes]) -> int:
        """Keep frames durably; return how many are new. Malformed ones are left out.

        Raises:
            StoreCorrupt: the spool is full: 10 million frames.
        """
        good = [frame for frame in frames if _is_frame(frame)]
        before = len(self)
        if before + len(good) > MAX_SPOOLED:
            raise StoreCorrupt(f"the spool holds {before:,} frames, expected less")
        with transaction(self.connection):
            self.connection.executemany(
                "INSERT OR IGNORE INTO spool (frame) VALUES (?)", [(frame,) for frame in good]
            )
        return len(self) - before

    def forward(self, deliver: Deliver, *, progress: ProgressFactory = silent) -> int:
        """Hand on what waits, oldest first, until all is gone or the way is blocked.

        Args:
            deliver: see `Deliver`; raising leaves everything not counted in the spool.
            progress: told of frames.

        Returns:
            How many frames left the spool.
        """
        total = 0
        with progress("forward", total=len(self), unit=" frames") as shown:
            while rows := self._oldest():
                count = deliver([bytes(frame) for _, frame in rows])
                done = rows[:count]
                if done:
                    with transaction(self.connection):
                        self.connection.executemany(
                            "DELETE FROM spool WHERE id = ?", [(number,) for number, _ in done]
                        )
                total += len(done)
                shown.advance(len(done))
                if count < len(rows):
                    break
        return total

    def _oldest(self) -> list[tuple[int, bytes]]:
        query = "SELECT id, frame FROM spool ORDER BY id LIMIT ?"
        return self.connection.execute(query, (_BATCH,)).fetchall()


def _is_frame(raw: bytes) -> bool:
    try:
        parse_frame(raw)
    except MalformedError:
        return False
    return True
