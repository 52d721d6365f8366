"""The JSON-RPC value encodings (EIP-1474): quantities and byte strings as hex, read strictly."""

import re
from collections.abc import Mapping

from diptych.core.errors import JsonValue
from diptych.ledger.errors import MalformedAnswer

_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
_BYTES = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
COUNT_BITS = 63
"""Heights, nonces, gas and seconds fit a signed 64-bit integer (EIP-2681), as in SQLite."""

Fields = Mapping[str, JsonValue]


def to_quantity(number: int) -> str:
    """Encode a non-negative integer.

    >>> to_quantity(1024)
    '0x400'
    """
    return hex(number)


def to_data(payload: bytes) -> str:
    """Encode bytes.

    >>> to_data(b"abc")
    '0x616263'
    """
    return "0x" + payload.hex()


def read_quantity(value: JsonValue, name: str, *, bits: int = 256) -> int:
    """Decode a quantity of at most `bits` bits.

    Raises:
        MalformedAnswer: anything else than 0x and 1 to 64 hex digits, or a larger number.

    >>> read_quantity("0x10", "gas")
    16
    """
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise _wrong(value, name, "a hex quantity")
    number = int(value, 16)
    if number >> bits:
        raise _wrong(value, name, f"at most {bits} bits")
    return number


def read_bytes(value: JsonValue, name: str, *, length: int | None = None) -> bytes:
    """Decode a byte string, of exactly `length` bytes when given.

    Raises:
        MalformedAnswer: not 0x-hex, or another length.
    """
    if not isinstance(value, str) or not _BYTES.fullmatch(value):
        raise _wrong(value, name, "0x-prefixed hex bytes")
    payload = bytes.fromhex(value[2:])
    if length is not None and len(payload) != length:
        raise _wrong(value, name, f"{length} bytes")
    return payload


def read_object(value: JsonValue, name: str) -> dict[str, JsonValue]:
    """Return a JSON object.

    Raises:
        MalformedAnswer: any other type.
    """
    if not isinstance(value, dict):
        raise _wrong(value, name, "an object")
    return value


def read_list(value: JsonValue, name: str) -> list[JsonValue]:
    """Return a JSON array.

    Raises:
        MalformedAnswer: any other type.
    """
    if not isinstance(value, list):
        raise _wrong(value, name, "an array")
    return value


def quantity_field(fields: Fields, name: str, *, bits: int = 256) -> int:
    """Decode the required quantity `name`."""
    return read_quantity(fields.get(name), name, bits=bits)


def count_field(fields: Fields, name: str) -> int:
    """Decode the required quantity `name` that counts something: blocks, gas, seconds."""
    return read_quantity(fields.get(name), name, bits=COUNT_BITS)


def bytes_field(fields: Fields, name: str, *, length: int | None = None) -> bytes:
    """Decode the required byte string `name`."""
    return read_bytes(fields.get(name), name, length=length)


def _wrong(value: JsonValue, name: str, expected: str) -> MalformedAnswer:
    shown = repr(value) if isinstance(value, str | int | None) else type(value).__name__
    return MalformedAnswer(f"got {name} = {shown[:80]}, expected {expected}")
