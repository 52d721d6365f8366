"""What a device does: keep its key, count its readings, sign them. For simulation and gateways."""

import math
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from diptych.data.sensors.errors import BadFleet, BadSeries
from diptych.data.sensors.frame import sign_burst
from diptych.data.sensors.series import Series
from diptych_verify.readings import MAX_BURST, UNITS, Reading

_MAX_PEM_BYTES = 4096


def load_device_key(path: Path) -> Ed25519PrivateKey:
    """Read a device's key from an unencrypted PEM file.

    Raises:
        BadFleet: it is no Ed25519 key.
    """
    raw = path.read_bytes()[: _MAX_PEM_BYTES + 1]
    try:
        key = load_pem_private_key(raw, password=None)
    except (ValueError, TypeError):
        raise BadFleet(f"{path.name} is no private key in PEM") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadFleet(f"{path.name} holds another kind of key, expected Ed25519")
    return key


def sign_series(
    key: Ed25519PrivateKey,
    series: Series,
    *,
    first: int = 1,
    burst: int = 1,
    unit: str = "degC",
    decimals: int = 3,
) -> Iterator[bytes]:
    """Yield the signed frames of a series.

    Args:
        key: the device's key.
        series: its counters, where there are any, are kept.
        first: counter of the first reading of a series without counters.
        burst: readings under each signature.
        unit: one of `UNITS`.
        decimals: digits after the point that are kept.

    Raises:
        BadSeries: a value does not fit, or the unit is unknown.
    """
    if unit not in UNITS:
        raise BadSeries(f"got the unit '{unit[:20]}', expected one of {', '.join(UNITS)}")
    if not 1 <= burst <= MAX_BURST:
        raise BadSeries(f"got bursts of {burst}, expected 1 to {MAX_BURST}")
    waiting: list[Reading] = []
    for place in range(len(series)):
        counter = first + place if series.counters is None else int(series.counters[place])
        value = float(series.values[place])
        mantissa = round(value * 10**decimals)
        if not math.isfinite(value) or abs(mantissa) >= 1 << 63:
            raise BadSeries(f"reading {counter}: the value {value} does not fit")
        time_ms = round(float(series.times_s[place]) * 1000)
        waiting.append(
            Reading(counter, time_ms, mantissa, unit=UNITS.index(unit), exponent=-decimals)
        )
        if len(waiting) == burst:
            yield sign_burst(key, waiting)
            waiting = []
    if waiting:
        yield sign_burst(key, waiting)
