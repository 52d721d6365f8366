"""Time as an injected dependency: nothing below `app` reads the wall clock by itself."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], float]
"""A clock returns seconds since the Unix epoch."""

system_clock: Clock = time.time


def fixed_clock(time_s: float) -> Clock:
    """Return a clock that stands still at `time_s`, for tests and golden files."""
    return lambda: time_s


def iso_utc(time_s: float) -> str:
    """Format seconds since the epoch as RFC 3339 in UTC, whole seconds.

    >>> iso_utc(0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(int(time_s), tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
