"""Questions to the stored readings."""

from collections.abc import Iterator

from diptych.core.database import Connection
from diptych.data.sensors.frame import HEAD_BYTES
from diptych_verify.readings import READING_BYTES


def conflicts(connection: Connection, fleet: str) -> list[tuple[str, int]]:
    """Return (device, counter) of readings that came twice with different bytes."""
    return connection.execute(
        "SELECT DISTINCT name, counter FROM conflicts JOIN devices ON devices.id = device"
        " WHERE fleet = ? ORDER BY name, counter",
        (fleet,),
    ).fetchall()


def readings(connection: Connection, fleet: str, device: str) -> Iterator[bytes]:
    """Yield the 28 bytes of a device's readings, by counter."""
    rows = connection.execute(
        "SELECT frames.frame, place FROM readings JOIN frames ON frames.id = readings.frame"
        " JOIN devices ON devices.id = readings.device"
        " WHERE fleet = ? AND name = ? ORDER BY counter",
        (fleet, device),
    )
    for frame, place in rows:
        at = HEAD_BYTES + READING_BYTES * place
        yield frame[at : at + READING_BYTES]


def devices(connection: Connection, fleet: str) -> list[tuple[str, int, int]]:
    """Return (device, readings, newest counter) of a fleet, by name."""
    return connection.execute(
        "SELECT name, COUNT(*), MAX(counter) FROM devices"
        " JOIN readings ON readings.device = devices.id"
        " WHERE fleet = ? GROUP BY devices.id ORDER BY name",
        (fleet,),
    ).fetchall()


def newest_counter(connection: Connection, fleet: str, device: str) -> int:
    """Return the largest counter of a device, 0 if it sent nothing."""
    row = connection.execute(
        "SELECT MAX(counter) FROM readings JOIN devices ON devices.id = device"
        " WHERE fleet = ? AND name = ?",
        (fleet, device),
    ).fetchone()
    return int(row[0] or 0)
