"""A series: times, values and, where devices sent them, counters."""

import csv
import io
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from diptych.data.sensors.errors import BadSeries
from diptych_verify.readings import READING_BYTES, UNITS, parse_reading

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
MAX_READINGS = 20_000_000


@dataclass(frozen=True, eq=False)
class Series:
    """Readings of one sensor in the order of their counters (or of the log).

    Attributes:
        name: of the sensor.
        times_s: seconds since the epoch; any order, as the device's clock said.
        values: in `unit`.
        counters: strictly ascending; without them, missing readings cannot be told.
        unit: as in `UNITS`, empty if unknown.
    """

    name: str
    times_s: Floats
    values: Floats
    counters: Ints | None = None
    unit: str = ""

    def __len__(self) -> int:
        return len(self.values)

    def part(self, start: int, stop: int) -> "Series":
        """Return the readings from `start` up to, not including, `stop`."""
        counters = None if self.counters is None else self.counters[start:stop]
        times_s, values = self.times_s[start:stop], self.values[start:stop]
        return Series(self.name, times_s, values, counters, self.unit)

    def kept(self, keep: Flags) -> "Series":
        """Return the readings where `keep` is true."""
        counters = None if self.counters is None else self.counters[keep]
        return Series(self.name, self.times_s[keep], self.values[keep], counters, self.unit)


def series_of(name: str, readings: Iterable[bytes], *, channel: int | None = None) -> Series:
    """Return the series of stored readings.

    Args:
        name: of the sensor.
        readings: 28 bytes each, by counter.
        channel: only readings of this channel; by default that of the first reading.

    Raises:
        BadSeries: there is none of that channel, or units are mixed.
    """
    raw = b"".join(readings)
    if not raw:
        raise BadSeries(f"'{name}' sent no readings", hint="diptych data sensors fleet")
    rows = np.frombuffer(
        raw,
        dtype=[
            *(("counter", ">u8"), ("time_ms", ">u8"), ("channel", "u1"), ("unit", "u1")),
            *(("exponent", "i1"), ("quality", "u1"), ("mantissa", ">i8")),
        ],
    )
    wanted = parse_reading(raw[:READING_BYTES]).channel if channel is None else channel
    rows = rows[rows["channel"] == wanted]
    if not len(rows):
        raise BadSeries(f"'{name}' sent no readings of channel {wanted}")
    return Series(
        name,
        rows["time_ms"] / 1000.0,
        rows["mantissa"] * 10.0 ** rows["exponent"].astype(np.float64),
        rows["counter"].astype(np.int64),
        UNITS[int(rows["unit"][0])] if len(set(rows["unit"].tolist())) == 1 else "",
    )


def read_csv(text: str, *, name: str) -> Series:
    """Read a log with a column of times and one of values, and maybe `counter`.

    Times are ISO 8601 (UTC where no zone is given) or seconds since the epoch. The value is the
    last column that is neither time nor counter.

    Raises:
        BadSeries: a row cannot be read, or there is none.
    """
    rows = _records(text, name)
    header = [word.strip().lower() for word in next(rows, [])]
    if len(header) < 2:
        raise BadSeries(f"'{name}': got {len(header)} columns, expected time and value")
    counter = header.index("counter") if "counter" in header else None
    time = next((i for i, word in enumerate(header) if "time" in word or "date" in word), 0)
    value = max((i for i in range(len(header)) if i not in (counter, time)), default=-1)
    if value < 0:
        raise BadSeries(f"'{name}': got no column of values beside time and counter")
    found = list(_rows(rows, name, (time, value, counter)))
    if not found:
        raise BadSeries(f"'{name}' holds no readings")
    times, values, counters = zip(*found, strict=True)
    return Series(
        name,
        np.array(times, dtype=np.float64),
        np.array(values, dtype=np.float64),
        None if counter is None else np.array(counters, dtype=np.int64),
    )


def _records(text: str, name: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text))
    except csv.Error as error:
        raise BadSeries(f"'{name}' is no CSV: {error}") from None


def _rows(
    rows: Iterator[list[str]], name: str, columns: tuple[int, int, int | None]
) -> Iterator[tuple[float, float, int]]:
    time, value, counter = columns
    for number, row in enumerate(rows, 2):
        if not row:
            continue
        if number > MAX_READINGS:
            raise BadSeries(f"'{name}': got more than {MAX_READINGS:,} readings")
        try:
            measured = float(row[value])
            at = _seconds(row[time])
            count = number if counter is None else int(row[counter])
            if not 0 <= count < 1 << 63:
                raise ValueError
        except (ValueError, IndexError):
            raise BadSeries(f"'{name}' line {number}: cannot read {str(row)[:80]}") from None
        if not math.isfinite(measured) or not math.isfinite(at):
            raise BadSeries(f"'{name}' line {number}: got {row[value][:20]}, expected a number")
        yield at, measured, count


def _seconds(text: str) -> float:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return float(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
