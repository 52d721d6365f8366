"""Readings signed by devices: the binary frame, its signature, and one reading shown alone.

A frame is `0x01 || key(32) || count(2) || count x reading(28) || signature(64)`, big endian. The
device signs the RFC 6962 root over `key || reading`, so each reading of a burst can be shown with
its signature and without the others. docs/formats.md has the layout.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from diptych_verify.bundle import DisclosedField
from diptych_verify.dsse import parse_keyid
from diptych_verify.errors import BadSignature, JsonValue, MalformedError
from diptych_verify.jsonio import decode_b64
from diptych_verify.merkle import HASH_BYTES, inclusion_root, leaf_hash

READING_FIELD: Final = "reading"
READING_BYTES: Final = 28
MAX_BURST: Final = 4096
MAX_TIME_MS: Final = 253_402_300_799_999
MAX_EXPONENT: Final = 18
QUALITIES: Final = ("good", "uncertain", "bad")
UNITS: Final = (
    *("1", "degC", "degF", "K", "%RH", "Pa", "m/s2", "deg"),
    *("lx", "ppm", "pH", "V", "A", "W", "m", "kg"),
)
"""Units by their code in the reading."""
_LAYOUT: Final = struct.Struct(">QQBBbBq")
_CONTEXT: Final = b"diptych-readings/1\n"


@dataclass(frozen=True)
class Reading:
    """One reading: `mantissa * 10**exponent` in `UNITS[unit]`.

    Attributes:
        counter: goes up by one with each reading of the device.
        time_ms: the device's clock, milliseconds since the epoch.
        mantissa: signed 64-bit integer.
        channel: which of the device's sensors.
        unit: index into `UNITS`.
        exponent: decimal exponent.
        quality: index into `QUALITIES`.
    """

    counter: int
    time_ms: int
    mantissa: int
    channel: int = 0
    unit: int = 1
    exponent: int = -2
    quality: int = 0

    def pack(self) -> bytes:
        """Return the 28 bytes.

        Raises:
            MalformedError: a field is outside its range.
        """
        fields = (self.counter, self.time_ms, self.channel, self.unit, self.exponent, self.quality)
        try:
            raw = _LAYOUT.pack(*fields, self.mantissa)
        except struct.error as error:
            raise MalformedError(f"reading {self.counter}: {error}") from None
        parse_reading(raw)
        return raw

    @property
    def value(self) -> float:
        """The value as the nearest binary float."""
        return float(f"{self.mantissa}e{self.exponent}")


def parse_reading(raw: bytes) -> Reading:
    """Parse 28 bytes.

    Raises:
        MalformedError: another length, or a field outside its range.
    """
    if len(raw) != READING_BYTES:
        raise MalformedError(f"got a reading of {len(raw)} bytes, expected {READING_BYTES}")
    counter, time_ms, channel, unit, exponent, quality, mantissa = _LAYOUT.unpack(raw)
    check_reading(counter, time_ms, (unit, exponent, quality))
    return Reading(counter, time_ms, mantissa, channel, unit, exponent, quality)


def check_reading(counter: int, time_ms: int, codes: tuple[int, int, int]) -> None:
    """Refuse a reading whose fields are outside their range.

    Raises:
        MalformedError: naming the field.
    """
    unit, exponent, quality = codes
    if counter >= 1 << 63:
        raise MalformedError(f"reading: got counter {counter}, expected less than 2^63")
    if time_ms > MAX_TIME_MS:
        raise MalformedError(f"reading {counter}: got time {time_ms} ms, after the year 9999")
    if unit >= len(UNITS) or quality >= len(QUALITIES) or abs(exponent) > MAX_EXPONENT:
        raise MalformedError(
            f"reading {counter}: got unit {unit}, exponent {exponent}, quality {quality}, "
            f"expected less than {len(UNITS)}, at most {MAX_EXPONENT}, less than {len(QUALITIES)}"
        )


def signed_message(key: bytes, count: int, root: bytes) -> bytes:
    """Return what a device signs: context, key, number of readings, their root."""
    return b"%b%b%b%b" % (_CONTEXT, key, count.to_bytes(2, "big"), root)


def reading_leaf(key: bytes, reading: bytes) -> bytes:
    """Return the leaf hash of a reading in its burst; it covers the device's key."""
    return leaf_hash(key + reading)


@dataclass(frozen=True)
class ShownReading:
    """One reading with what its device signed.

    Attributes:
        device: name in the fleet, on the word of the record's signer.
        keyid: the device's key.
        raw: the 28 bytes.
        index: place in the burst.
        count: readings of the burst.
        proof: inclusion proof in the burst, leaf to root.
        signature: 64 bytes over the burst.
    """

    device: str
    keyid: str
    raw: bytes
    index: int
    count: int
    proof: tuple[bytes, ...]
    signature: bytes

    @property
    def reading(self) -> Reading:
        """The parsed reading."""
        return parse_reading(self.raw)


def parse_shown(value: JsonValue) -> ShownReading:
    """Parse the value of a disclosed `reading` field.

    Raises:
        MalformedError: not `[device, key id, reading, index, count, proof, signature]`.
    """
    match value:
        case [str(name), str(keyid), str(raw), int(index), int(count), str(proof), str(signed)]:
            hashes = decode_b64(proof, where="reading proof")
            shown = ShownReading(
                name,
                keyid,
                decode_b64(raw, where="reading"),
                index,
                count,
                tuple(hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)),
                decode_b64(signed, where="reading signature"),
            )
            parse_reading(shown.raw)
            return shown
    raise MalformedError("bundle.disclosed: expected a reading field of seven members")


def verify_shown(shown: ShownReading) -> Reading:
    """Check that the device's key signed the burst and that the reading is in it.

    Raises:
        BadSignature: it did not.
        MalformedError: the key is no Ed25519 key, or the reading is malformed.
    """
    scheme, key = parse_keyid(shown.keyid)
    if scheme != "ed25519":
        raise MalformedError(f"got a device key {shown.keyid}, expected ed25519")
    leaf = reading_leaf(key, shown.raw)
    root = None
    if 0 < shown.count <= MAX_BURST:
        root = inclusion_root(leaf, index=shown.index, size=shown.count, proof=shown.proof)
    try:
        if root is None:
            raise InvalidSignature
        message = signed_message(key, shown.count, root)
        Ed25519PublicKey.from_public_bytes(key).verify(shown.signature, message)
    except (InvalidSignature, ValueError):
        raise BadSignature(
            f"reading {shown.reading.counter} of {shown.device!a} is not signed by {shown.keyid}"
        ) from None
    return shown.reading


def verify_readings(fields: Iterable[DisclosedField]) -> list[ShownReading]:
    """Check every disclosed field of a `readings` record and return what they show.

    Raises:
        BadSignature: a reading is not signed by the device's key.
        MalformedError: a field is no reading.
    """
    found = []
    for field in fields:
        if field.name != READING_FIELD:
            raise MalformedError(f"bundle.disclosed: got a field {field.name!a}, expected readings")
        shown = parse_shown(field.value)
        verify_shown(shown)
        found.append(shown)
    return found


def described(shown: ShownReading) -> str:
    """Return one reading as a sentence; the time is the device's word."""
    reading = shown.reading
    at = datetime.fromtimestamp(reading.time_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f"{shown.device!a} read {reading.value:g} {UNITS[reading.unit]} at {at}, by its clock, "
        f"counter {reading.counter}, signed by its key"
    )
