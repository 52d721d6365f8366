"""Readings on disk: checked, without duplicates, durable before anybody is told.

One SQLite file (WAL, `synchronous=FULL`); a batch of frames is one transaction. A reading is known
by (device, counter). The same bytes again are a duplicate delivery, as QoS 1 and gateways make
them; other bytes under a known counter are a conflict, which is kept as evidence.
"""

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from diptych.core.clock import Clock, system_clock
from diptych.core.database import (
    Connect,
    Connection,
    connect_secret,
    make_durable,
    transaction,
)
from diptych.core.errors import JsonValue, MalformedError
from diptych.core.files import database_fault, sync_folder
from diptych.data.sensors.errors import StoreCorrupt
from diptych.data.sensors.fleet import DeviceKey, Fleet
from diptych.data.sensors.frame import Frame, parse_frame
from diptych.data.sensors.signatures import FrameVerifier

SCHEMA_VERSION = 1
SALT_BYTES = 32
BATCH_FRAMES = 4096
_MAX_NAMED = 100
_TABLES = """
CREATE TABLE meta (version INTEGER NOT NULL);
CREATE TABLE devices (id INTEGER PRIMARY KEY, fleet TEXT NOT NULL, name TEXT NOT NULL,
    UNIQUE (fleet, name));
CREATE TABLE frames (id INTEGER PRIMARY KEY AUTOINCREMENT, device INTEGER NOT NULL,
    frame BLOB NOT NULL, salts BLOB NOT NULL, skipped BLOB);
CREATE TABLE readings (device INTEGER NOT NULL, counter INTEGER NOT NULL, frame INTEGER NOT NULL,
    place INTEGER NOT NULL, PRIMARY KEY (device, counter)) WITHOUT ROWID;
CREATE TABLE conflicts (device INTEGER NOT NULL, counter INTEGER NOT NULL, frame BLOB NOT NULL,
    arrived_s REAL NOT NULL, PRIMARY KEY (device, counter, frame)) WITHOUT ROWID;
CREATE TABLE intervals (id INTEGER PRIMARY KEY AUTOINCREMENT, fleet TEXT NOT NULL,
    first_frame INTEGER NOT NULL, last_frame INTEGER NOT NULL, leaves INTEGER NOT NULL,
    record TEXT NOT NULL)
"""


@dataclass
class Ingested:
    """What became of a batch.

    Attributes:
        accepted: new readings, durable now.
        duplicates: readings that were stored before, byte for byte.
        conflicts: readings whose counter is stored with other bytes.
        refused: (place in the batch, reason) of frames that were not taken.
    """

    accepted: int = 0
    duplicates: int = 0
    conflicts: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: "Ingested") -> None:
        """Add the counts of another batch."""
        self.accepted += other.accepted
        self.duplicates += other.duplicates
        self.conflicts += other.conflicts
        self.refused += other.refused

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data sensors ingest --json` shows."""
        reasons: dict[str, JsonValue] = {}
        for _, reason in self.refused:
            reasons[reason] = int(str(reasons.get(reason, 0))) + 1
        return {
            "accepted": self.accepted,
            "duplicates": self.duplicates,
            "conflicts": self.conflicts,
            "refused": len(self.refused),
            "reasons": dict(list(reasons.items())[:_MAX_NAMED]),
        }


class ReadingStore:
    """The readings of one workspace; use as a context manager.

    Args:
        path: the database, in an existing folder; only its owner may read it.
        clock: seconds since the epoch.
        verifier: checks signatures; default is in this process.
        connect: opens the database; another SQLite binding can stand in.

    Raises:
        StoreCorrupt: the file is something else, or of a newer version.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock = system_clock,
        verifier: FrameVerifier | None = None,
        connect: Connect = connect_secret,
    ) -> None:
        self.path = path
        self._clock = clock
        self._verifier = verifier or FrameVerifier()
        self.connection: Connection = connect(path)
        try:
            make_durable(self.connection)
            self.connection.execute("PRAGMA secure_delete=ON").fetchall()
            self._prepare()
        except sqlite3.DatabaseError as error:
            corrupt = StoreCorrupt(f"{path}: {error}", hint="diptych restore BACKUP")
            raise database_fault(path, error) or corrupt from error

    def __enter__(self) -> "ReadingStore":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._verifier.__exit__()
        self.connection.close()

    def ingest(self, frames: Sequence[bytes], fleet: Fleet) -> Ingested:
        """Check and store frames; what it returns is durable.

        A frame is taken whole or, where readings of it are stored already, for the rest of them.

        Args:
            frames: as they came; any number, any order.
            fleet: who may sign now.

        Raises:
            sqlite3.OperationalError: the disk is full or the file is locked; nothing of the
                current batch was stored.
        """
        total = Ingested()
        for at in range(0, len(frames), BATCH_FRAMES):
            total.add(self._ingest_batch(frames[at : at + BATCH_FRAMES], fleet, at))
        return total

    def _ingest_batch(self, raw: Sequence[bytes], fleet: Fleet, first: int) -> Ingested:
        report = Ingested()
        parsed = [
            (first + place, *found)
            for place, frame in enumerate(raw)
            if (found := _admitted(frame, fleet, report, first + place)) is not None
        ]
        signed = self._verifier.valid([frame for _, frame, _ in parsed])
        good = []
        for (place, frame, key), valid in zip(parsed, signed, strict=True):
            if valid:
                good.append((frame, key))
            else:
                report.refused.append((place, "the signature does not verify"))
        if good:
            with transaction(self.connection):
                self._insert(good, fleet.name, report)
        return report

    def _insert(
        self, good: Sequence[tuple[Frame, DeviceKey]], fleet: str, report: Ingested
    ) -> None:
        frame_id = int(
            self.connection.execute("SELECT COALESCE(MAX(id), 0) FROM frames").fetchone()[0]
        )
        ids = self._device_ids(fleet, {key.device for _, key in good})
        frames, rows = [], []
        for number, (frame, key) in enumerate(good, frame_id + 1):
            device = ids[key.device]
            salts = os.urandom(SALT_BYTES * len(frame.counters))
            frames.append((number, device, frame.raw, salts, None))
            rows += [(device, c, number, place) for place, c in enumerate(frame.counters)]
        self.connection.execute("SAVEPOINT fast")
        try:
            self.connection.executemany("INSERT INTO frames VALUES (?, ?, ?, ?, ?)", frames)
            self.connection.executemany("INSERT INTO readings VALUES (?, ?, ?, ?)", rows)
        except sqlite3.IntegrityError:
            self.connection.execute("ROLLBACK TO fast")
            for row in frames:
                self._insert_known(row, report)
        else:
            report.accepted += len(rows)
        self.connection.execute("RELEASE fast")

    def _insert_known(self, row: tuple[int, int, bytes, bytes, None], report: Ingested) -> None:
        """Store one frame of which readings may be stored already."""
        number, device, raw, salts, _ = row
        frame = parse_frame(raw)
        fresh, skipped = [], []
        for place, counter in enumerate(frame.counters):
            stored = self._stored(device, counter)
            if stored is None:
                fresh.append((device, counter, number, place))
                continue
            skipped.append(place)
            if stored == frame.readings[place]:
                report.duplicates += 1
            else:
                report.conflicts += 1
                self.connection.execute(
                    "INSERT OR IGNORE INTO conflicts VALUES (?, ?, ?, ?)",
                    (device, counter, raw, self._clock()),
                )
        if fresh:
            mask = b"".join(place.to_bytes(2, "big") for place in skipped) or None
            self.connection.execute(
                "INSERT INTO frames VALUES (?, ?, ?, ?, ?)", (number, device, raw, salts, mask)
            )
            self.connection.executemany("INSERT INTO readings VALUES (?, ?, ?, ?)", fresh)
        report.accepted += len(fresh)

    def _stored(self, device: int, counter: int) -> bytes | None:
        row = self.connection.execute(
            "SELECT frames.frame, place FROM readings JOIN frames ON frames.id = readings.frame"
            " WHERE readings.device = ? AND counter = ?",
            (device, counter),
        ).fetchone()
        return None if row is None else bytes(row[0][35 + 28 * row[1] : 63 + 28 * row[1]])

    def _device_ids(self, fleet: str, names: set[str]) -> dict[str, int]:
        self.connection.executemany(
            "INSERT OR IGNORE INTO devices (fleet, name) VALUES (?, ?)",
            [(fleet, name) for name in sorted(names)],
        )
        select = "SELECT id FROM devices WHERE fleet = ? AND name = ?"
        return {n: self.connection.execute(select, (fleet, n)).fetchone()[0] for n in names}

    def _prepare(self) -> None:
        with transaction(self.connection):
            exists = self.connection.execute(
                "SELECT 1 FROM sqlite_master WHERE name = 'meta'"
            ).fetchone()
            if not exists:
                for statement in _TABLES.split(";\n"):
                    self.connection.execute(statement)
                self.connection.execute("INSERT INTO meta VALUES (?)", (SCHEMA_VERSION,))
                sync_folder(self.path.parent)
        (version,) = self.connection.execute("SELECT version FROM meta").fetchone()
        if version != SCHEMA_VERSION:
            raise StoreCorrupt(
                f"{self.path}: got version {version}, expected {SCHEMA_VERSION}",
                hint="update diptych",
            )


def _admitted(
    raw: bytes, fleet: Fleet, report: Ingested, place: int
) -> tuple[Frame, DeviceKey] | None:
    """Return the frame and its device's key, or note why it is refused."""
    try:
        frame = parse_frame(raw)
    except MalformedError as error:
        report.refused.append((place, f"malformed: {error.message}"))
        return None
    key = fleet.keys.get(frame.key)
    reason = "unknown device key" if key is None else key.refusal(frame.counters[-1])
    if key is None or reason:
        report.refused.append((place, reason))
        return None
    return frame, key
