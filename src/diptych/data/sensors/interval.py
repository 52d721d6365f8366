"""Intervals: the readings since the last checkpoint under one salted root.

Each reading is one field of a private tree (docs/formats.md), so that it can be shown alone with
its device's signature, and so that nothing about the others can be guessed from the root.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass

from diptych.core.canonical import canonical_json
from diptych.core.database import Connection
from diptych.core.errors import JsonValue
from diptych.data.sensors.errors import NoSuchReading, NothingNew
from diptych.data.sensors.frame import parse_frame
from diptych.data.sensors.store import SALT_BYTES
from diptych.provenance.private.commitments import commitment_of, inclusion_path
from diptych_verify.bundle import DisclosedField
from diptych_verify.merkle import leaf_hash, merkle_root
from diptych_verify.readings import READING_FIELD

FORMAT = "diptych-interval/1"


@dataclass(frozen=True)
class Interval:
    """What a checkpoint covers.

    Attributes:
        fleet: name of the fleet.
        first_frame: first frame of the store in it.
        last_frame: last one.
        leaves: leaf hashes, one for each reading, in order of arrival.
        from_ms: smallest time of a reading, milliseconds since the epoch.
        to_ms: largest one.
        devices: by name: readings, smallest and largest counter.
    """

    fleet: str
    first_frame: int
    last_frame: int
    leaves: tuple[bytes, ...]
    from_ms: int
    to_ms: int
    devices: dict[str, tuple[int, int, int]]

    @property
    def root(self) -> bytes:
        """Root of the field tree."""
        return merkle_root(self.leaves)

    def document(self) -> bytes:
        """Return the interval's object: which devices sent how much."""
        rows: list[JsonValue] = [[name, *self.devices[name]] for name in sorted(self.devices)]
        return canonical_json({"devices": rows, "fleet": self.fleet, "format": FORMAT})


@dataclass(frozen=True)
class _Leaf:
    device: str
    raw: bytes
    message: bytes
    salt: bytes


def collect_interval(connection: Connection, fleet: str) -> Interval:
    """Gather what no checkpoint covers yet.

    Args:
        connection: of the `ReadingStore`.
        fleet: name of the fleet.

    Raises:
        NothingNew: there is nothing.
    """
    first, last = _open_range(connection, fleet)
    leaves: list[bytes] = []
    devices: dict[str, tuple[int, int, int]] = {}
    from_ms, to_ms, newest = 1 << 62, 0, first
    for number, leaf in _leaves(connection, fleet, first, last):
        newest = number
        leaves.append(_leaf_hash(leaf))
        counter = int.from_bytes(leaf.raw[:8], "big")
        time_ms = int.from_bytes(leaf.raw[8:16], "big")
        from_ms, to_ms = min(from_ms, time_ms), max(to_ms, time_ms)
        count, low, high = devices.get(leaf.device, (0, counter, counter))
        devices[leaf.device] = (count + 1, min(low, counter), max(high, counter))
    if not leaves:
        raise NothingNew(f"fleet '{fleet}' sent nothing since its last checkpoint")
    return Interval(fleet, first, newest, tuple(leaves), from_ms, to_ms, devices)


def open_interval(connection: Connection, interval: Interval) -> None:
    """Fix what the next record will cover: after a crash the same interval is collected again.

    Does nothing where one is open, or where another process has covered part of it meanwhile.
    """
    connection.execute(
        "INSERT INTO intervals (fleet, first_frame, last_frame, leaves, record)"
        " SELECT ?, ?, ?, ?, '' WHERE NOT EXISTS"
        " (SELECT 1 FROM intervals WHERE fleet = ? AND (record = '' OR last_frame >= ?))",
        (
            interval.fleet,
            interval.first_frame,
            interval.last_frame,
            len(interval.leaves),
            interval.fleet,
            interval.first_frame,
        ),
    )


def is_open(connection: Connection, interval: Interval) -> bool:
    """Say whether this very interval still waits for its record."""
    found = connection.execute(
        "SELECT first_frame, last_frame FROM intervals WHERE fleet = ? AND record = ''",
        (interval.fleet,),
    ).fetchone()
    return found is not None and tuple(found) == (interval.first_frame, interval.last_frame)


def close_interval(connection: Connection, interval: Interval, record: str) -> None:
    """Remember which record covers the open interval."""
    connection.execute(
        "UPDATE intervals SET record = ? WHERE fleet = ? AND record = ''",
        (record, interval.fleet),
    )


def show_reading(
    connection: Connection, fleet: str, device: str, counter: int
) -> tuple[str, DisclosedField]:
    """Return (record id, opened field) of one reading.

    Raises:
        NoSuchReading: it is not stored, or no checkpoint covers it yet.
    """
    row = connection.execute(
        "SELECT frame, place FROM readings JOIN devices ON devices.id = device"
        " WHERE fleet = ? AND name = ? AND counter = ?",
        (fleet, device, counter),
    ).fetchone()
    if row is None:
        raise NoSuchReading(
            f"there is no reading {counter} of device '{device}' in fleet '{fleet}'",
            hint="diptych data sensors fleet",
        )
    covering = connection.execute(
        "SELECT first_frame, last_frame, record FROM intervals"
        " WHERE fleet = ? AND first_frame <= ? AND last_frame >= ? AND record != ''",
        (fleet, row[0], row[0]),
    ).fetchone()
    if covering is None:
        raise NoSuchReading(
            f"no checkpoint covers reading {counter} of device '{device}' yet",
            hint="diptych data sensors checkpoint",
        )
    return covering[2], _opened(connection, fleet, covering, (device, counter))


def _opened(
    connection: Connection, fleet: str, covering: tuple[int, int, str], wanted: tuple[str, int]
) -> DisclosedField:
    hashes: list[bytes] = []
    found: tuple[int, _Leaf] | None = None
    for _, leaf in _leaves(connection, fleet, covering[0], covering[1]):
        if (leaf.device, int.from_bytes(leaf.raw[:8], "big")) == wanted:
            found = (len(hashes), leaf)
        hashes.append(_leaf_hash(leaf))
    if found is None:
        raise NoSuchReading(f"reading {wanted[1]} of device '{wanted[0]}' is gone")
    index, leaf = found
    _, value = json.loads(leaf.message)
    path = inclusion_path(hashes, index)
    return DisclosedField(READING_FIELD, value, leaf.salt, index, len(hashes), path)


def _open_range(connection: Connection, fleet: str) -> tuple[int, int]:
    """Return (first, last) frame of the interval that is open, or that would be opened next."""
    left = connection.execute(
        "SELECT first_frame, last_frame FROM intervals WHERE fleet = ? AND record = ''", (fleet,)
    ).fetchone()
    if left is not None:
        return int(left[0]), int(left[1])
    (covered,) = connection.execute(
        "SELECT MAX(last_frame) FROM intervals WHERE fleet = ?", (fleet,)
    ).fetchone()
    return int(covered or 0) + 1, 1 << 62


def _leaf_hash(leaf: _Leaf) -> bytes:
    return leaf_hash(commitment_of(leaf.message, leaf.salt))


def _leaves(
    connection: Connection, fleet: str, first: int, last: int
) -> Iterator[tuple[int, _Leaf]]:
    """Yield (frame number, leaf) of the readings that frames brought, in order of arrival."""
    rows = connection.execute(
        "SELECT frames.id, name, frame, salts, skipped FROM frames"
        " JOIN devices ON devices.id = frames.device"
        " WHERE frames.id BETWEEN ? AND ? AND fleet = ? ORDER BY frames.id",
        (first, last, fleet),
    )
    for number, device, raw, salts, mask in rows:
        skipped = _skipped(mask)
        for place, (reading, message) in enumerate(_messages(device, raw)):
            if place not in skipped:
                salt = salts[SALT_BYTES * place : SALT_BYTES * (place + 1)]
                yield number, _Leaf(device, reading, message, salt)


def _skipped(mask: bytes | None) -> frozenset[int]:
    raw = mask or b""
    return frozenset(int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2))


def _messages(device: str, raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (reading, canonical `["reading", value]`) of a frame.

    The bytes are those of `canonical_json`, put together by hand: all but the device's name is
    base64, hex or a number.
    """
    frame = parse_frame(raw)
    name = canonical_json(device)
    key, signature = frame.key.hex().encode(), base64.b64encode(frame.signature)
    count = len(frame.readings)
    hashes = frame.leaves()
    for place, reading in enumerate(frame.readings):
        proof = base64.b64encode(b"".join(inclusion_path(hashes, place))) if count > 1 else b""
        yield (
            reading,
            b'["reading",[%b,"ed25519:%b","%b",%d,%d,"%b","%b"]]'
            % (name, key, base64.b64encode(reading), place, count, proof, signature),
        )
