"""Reading JSON that somebody else wrote: field by field, with types and limits."""

import base64
import binascii
import re

from diptych_verify.errors import JsonValue, MalformedError
from diptych_verify.json_syntax import MAX_INTEGER, shown, strict_json

__all__ = ["MAX_INTEGER", "ObjectReader", "decode_b64", "decode_hex", "shown", "strict_json"]

_HEX = re.compile(r"(?:[0-9a-f]{2})*")


def decode_b64(text: str, *, where: str = "base64") -> bytes:
    """Decode standard base64 with padding; one byte string has exactly one accepted text.

    Raises:
        MalformedError: foreign characters, missing padding or non-zero trailing bits.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedError(f"{where}: got {shown(text)}, expected base64") from None
    if base64.b64encode(raw).decode() != text:
        raise MalformedError(f"{where}: got {shown(text)}, expected canonical base64")
    return raw


def decode_hex(text: str, *, size: int | None = None, where: str = "hex") -> bytes:
    """Decode lower-case hex without prefix; `size` is the exact length in bytes.

    Raises:
        MalformedError: other characters or another length.
    """
    if _HEX.fullmatch(text) is None or (size is not None and len(text) != 2 * size):
        length = "" if size is None else f"{2 * size} digits of "
        raise MalformedError(f"{where}: got {shown(text)}, expected {length}lower-case hex")
    return bytes.fromhex(text)


class ObjectReader:
    """Reads one JSON object field by field; `done` refuses what nobody asked for."""

    def __init__(self, value: JsonValue, where: str) -> None:
        """Take over an object.

        Args:
            value: the JSON value that must be an object.
            where: its name in error messages, for example `bundle.anchor`.
        """
        if not isinstance(value, dict):
            raise MalformedError(f"{where}: got {_kind(value)}, expected an object")
        self._members = value
        self._read: set[str] = set()
        self.where = where

    @property
    def members(self) -> dict[str, JsonValue]:
        """All fields of the object, read or not."""
        return self._members

    def has(self, key: str) -> bool:
        """Tell whether an optional field is there."""
        return key in self._members

    def raw(self, key: str) -> JsonValue:
        """Return a required field of any type."""
        if key not in self._members:
            raise MalformedError(f"{self.where}: the field '{key}' is missing")
        self._read.add(key)
        return self._members[key]

    def text(self, key: str, *, max_characters: int = 1024) -> str:
        """Return a required string, not longer than the limit."""
        value = self.raw(key)
        if not isinstance(value, str):
            raise self.wrong(key, "a string")
        if len(value) > max_characters:
            raise self.wrong(key, f"at most {max_characters} characters")
        return value

    def integer(self, key: str, *, minimum: int = 0, maximum: int = MAX_INTEGER) -> int:
        """Return a required integer within the bounds, never a bool or a float."""
        value = self.raw(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(key, "an integer")
        if not minimum <= value <= maximum:
            raise self.wrong(key, f"{minimum} to {maximum}")
        return value

    def hex_bytes(self, key: str, *, size: int, prefix: str = "") -> bytes:
        """Return `size` bytes written as lower-case hex after `prefix` (`0x` for Ethereum)."""
        text = self.text(key, max_characters=2 * size + len(prefix))
        if not text.startswith(prefix):
            raise self.wrong(key, f"the prefix '{prefix}'")
        where = f"{self.where}.{key}"
        return decode_hex(text.removeprefix(prefix), size=size, where=where)

    def b64_bytes(self, key: str, *, size: int | None = None, max_bytes: int = 1 << 20) -> bytes:
        """Return base64 bytes: exactly `size` of them, or at most `max_bytes`."""
        text = self.text(key, max_characters=4 * (max_bytes // 3 + 1))
        raw = decode_b64(text, where=f"{self.where}.{key}")
        if (size is not None and len(raw) != size) or len(raw) > max_bytes:
            raise self.wrong(key, f"{size or max_bytes} bytes")
        return raw

    def utf8_bytes(self, key: str, *, max_bytes: int) -> bytes:
        """Return the UTF-8 bytes of a required string: at most `max_bytes`."""
        text = self.text(key, max_characters=max_bytes)
        try:
            raw = text.encode()
        except UnicodeEncodeError:
            raise self.wrong(key, "text without lone surrogates") from None
        if len(raw) > max_bytes:
            raise self.wrong(key, f"at most {max_bytes} bytes of UTF-8")
        return raw

    def items(self, key: str, *, maximum: int, minimum: int = 0) -> list[JsonValue]:
        """Return a required array with a bounded number of items."""
        value = self.raw(key)
        if not isinstance(value, list):
            raise self.wrong(key, "an array")
        if not minimum <= len(value) <= maximum:
            raise MalformedError(
                f"{self.where}.{key}: got {len(value)} items, expected {minimum} to {maximum}"
            )
        return value

    def objects(self, key: str, *, maximum: int, minimum: int = 0) -> list["ObjectReader"]:
        """Return the objects of a required array."""
        values = self.items(key, maximum=maximum, minimum=minimum)
        return [ObjectReader(v, f"{self.where}.{key}[{i}]") for i, v in enumerate(values)]

    def b64_items(self, key: str, *, maximum: int, size: int | None = None) -> tuple[bytes, ...]:
        """Return the base64 byte strings of a required array, each of `size` bytes if given."""
        found = []
        for position, value in enumerate(self.items(key, maximum=maximum)):
            where = f"{self.where}.{key}[{position}]"
            if not isinstance(value, str):
                raise MalformedError(f"{where}: got {_kind(value)}, expected base64")
            raw = decode_b64(value, where=where)
            if size is not None and len(raw) != size:
                raise MalformedError(f"{where}: got {len(raw)} bytes, expected {size}")
            found.append(raw)
        return tuple(found)

    def texts(self, key: str, *, maximum: int, max_characters: int = 1024) -> tuple[str, ...]:
        """Return the strings of a required array."""
        found = []
        for position, value in enumerate(self.items(key, maximum=maximum)):
            if not isinstance(value, str) or len(value) > max_characters:
                where = f"{self.where}.{key}[{position}]"
                raise MalformedError(
                    f"{where}: got {_kind(value)}, expected a string of at most "
                    f"{max_characters} characters"
                )
            found.append(value)
        return tuple(found)

    def object(self, key: str) -> "ObjectReader":
        """Return a reader of a required nested object."""
        return ObjectReader(self.raw(key), f"{self.where}.{key}")

    def wrong(self, key: str, expected: str) -> MalformedError:
        """Return the error for a field of the wrong type or value."""
        got = shown(self._members.get(key))
        return MalformedError(f"{self.where}.{key}: got {got}, expected {expected}")

    def done(self) -> None:
        """Refuse fields that nobody has read.

        Raises:
            MalformedError: naming the first unknown field.
        """
        unknown = sorted(self._members.keys() - self._read)
        if unknown:
            raise MalformedError(f"{self.where}: got the unknown field {shown(unknown[0])}")


def _kind(value: JsonValue) -> str:
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean"}
    return names.get(type(value), "null" if value is None else "a number")
