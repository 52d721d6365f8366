"""Protocol-buffer wire format, read strictly: enough to look into an ONNX file before it is run.

Source: https://protobuf.dev/programming-guides/encoding/. Nothing is interpreted beyond fields.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from diptych.models.errors import BadModelFile

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its number, its wire type, and an integer or a view of its bytes."""

    number: int
    wire: int
    integer: int
    payload: memoryview


_NOTHING = memoryview(b"")


def fields(message: memoryview, *, where: str) -> Iterator[Field]:
    """Yield the fields of a message in file order.

    Args:
        message: the encoded message.
        where: its name in errors.

    Raises:
        BadModelFile: truncated, an unknown wire type, or a field number of zero.
    """
    at, end = 0, len(message)
    while at < end:
        tag, at = varint(message, at, where=where)
        number, wire = tag >> 3, tag & 7
        if number == 0:
            raise BadModelFile(f"{where}: got field number 0")
        if wire == VARINT:
            value, at = varint(message, at, where=where)
            yield Field(number, wire, value, _NOTHING)
            continue
        if wire == BYTES:
            size, at = varint(message, at, where=where)
        elif wire in (FIXED32, FIXED64):
            size = 4 if wire == FIXED32 else 8
        else:
            raise BadModelFile(f"{where}: got wire type {wire}, expected 0, 1, 2 or 5")
        if size > end - at:
            raise BadModelFile(f"{where}: a field of {size} bytes ends {size - end + at} too late")
        yield Field(number, wire, 0, message[at : at + size])
        at += size


def grouped(message: memoryview, *, where: str) -> dict[int, list[Field]]:
    """Return the fields of a message by number, each list in file order."""
    found: dict[int, list[Field]] = {}
    for each in fields(message, where=where):
        found.setdefault(each.number, []).append(each)
    return found


def varint(message: memoryview, at: int, *, where: str) -> tuple[int, int]:
    """Return a base-128 integer (unsigned, 64 bits) and the position behind it.

    Raises:
        BadModelFile: truncated or longer than ten bytes.
    """
    value = shift = 0
    while shift < 70:
        if at >= len(message):
            raise BadModelFile(f"{where}: a number is cut off")
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & (1 << 64) - 1, at
        shift += 7
    raise BadModelFile(f"{where}: a number is longer than ten bytes")


def packed(field: Field, *, where: str) -> list[int]:
    """Return the integers of a repeated varint field, packed or not, as signed 64 bits."""
    if field.wire == VARINT:
        return [signed(field.integer)]
    found = []
    at = 0
    while at < len(field.payload):
        value, at = varint(field.payload, at, where=where)
        found.append(signed(value))
    return found


def signed(value: int) -> int:
    """Return a 64-bit two's complement number."""
    return value - (1 << 64) if value >= 1 << 63 else value


def text(field: Field, *, where: str) -> str:
    """Return a string field.

    Raises:
        BadModelFile: it is not UTF-8.
    """
    try:
        return bytes(field.payload).decode()
    except UnicodeDecodeError:
        raise BadModelFile(f"{where}: a text is not UTF-8") from None
