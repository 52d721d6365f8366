"""Strict JSON: what a hostile file may not do to the verifier.

Refused with `Verify.Malformed`: too many bytes or values, non-UTF-8, duplicate keys, NaN and
infinities, integers beyond 2^53-1, lone surrogates, trailing data, nesting beyond the limit.
"""

import base64
import binascii
import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import NoReturn

from diptych_verify.errors import JsonValue, MalformedError

MAX_INTEGER = 2**53 - 1
MAX_VALUES = 1_000_000
_MAX_NUMBER_CHARACTERS = 32
_NOT_STRUCTURE = bytes(byte for byte in range(256) if byte not in b'"[]{}')
_HEX = re.compile(r"(?:[0-9a-f]{2})*")


def strict_json(
    raw: bytes, *, max_bytes: int, max_depth: int, max_values: int = MAX_VALUES
) -> JsonValue:
    """Parse one JSON document.

    Args:
        raw: UTF-8 bytes, no byte-order mark.
        max_bytes: longest input accepted.
        max_depth: deepest nesting accepted; a bare scalar has depth 0, `[]` depth 1.
        max_values: upper bound of array items and object members together.

    Raises:
        MalformedError: the input is not exactly one acceptable document.

    >>> strict_json(b'{"a": [1]}', max_bytes=100, max_depth=2)
    {'a': [1]}
    """
    if len(raw) > max_bytes:
        raise MalformedError(f"got {len(raw)} bytes of JSON, expected at most {max_bytes}")
    if raw.count(b",") + raw.count(b"[") + raw.count(b"{") > max_values:
        raise MalformedError(f"got JSON with more than {max_values} values")
    _check_nesting(raw, max_depth)
    try:
        value: JsonValue = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_integer,
            parse_float=_number,
        )
    except UnicodeDecodeError as error:
        raise MalformedError(f"JSON is not UTF-8: {error.reason} at byte {error.start}") from None
    except RecursionError:
        raise MalformedError(f"got JSON nested deeper than {max_depth}") from None
    except ValueError as error:
        raise MalformedError(f"not JSON: {error}") from None
    _check_tree(value, max_depth=max_depth, escapes=b"\\u" in raw)
    return value


def _check_nesting(raw: bytes, max_depth: int) -> None:
    """Refuse deep nesting before the recursive parser sees it.

    Its own guard is the process-wide recursion limit, which libraries raise until the C stack
    overflows (py_ecc sets 100,000 when imported).
    """
    if raw.count(b"[") + raw.count(b"{") <= max_depth:
        return
    unescaped = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    outside = b"".join(unescaped.translate(None, _NOT_STRUCTURE).split(b'"')[::2])
    depth = 0
    for byte in outside:
        depth += 1 if byte in b"[{" else -1
        if depth > max_depth:
            raise MalformedError(f"got JSON nested deeper than {max_depth}")


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise MalformedError(f"got JSON key {shown(twice)} twice")
    return members


def _constant(name: str) -> NoReturn:
    raise MalformedError(f"got {name} in JSON, expected a finite number")


def _integer(text: str) -> int:
    if len(text) > _MAX_NUMBER_CHARACTERS or abs(int(text)) > MAX_INTEGER:
        raise MalformedError(
            f"got JSON integer {shown(text)} beyond 2^53-1", hint="write it as a decimal string"
        )
    return int(text)


def _number(text: str) -> float:
    if len(text) > _MAX_NUMBER_CHARACTERS or not math.isfinite(float(text)):
        raise MalformedError(f"got JSON number {shown(text)}, expected a finite double")
    return float(text)


def _check_tree(value: JsonValue, *, max_depth: int, escapes: bool) -> None:
    """Refuse nesting beyond the limit and, where escapes occur, lone surrogates."""
    row: list[JsonValue] = [value]
    depth = 0
    while row:
        if escapes:
            _check_text(row)
        below: list[JsonValue] = []
        containers = 0
        for item in row:
            if isinstance(item, dict):
                containers += 1
                below.extend(item.values())
                if escapes:
                    _check_text(list(item))
            elif isinstance(item, list):
                containers += 1
                below.extend(item)
        depth += 1 if containers else 0
        if depth > max_depth:
            raise MalformedError(f"got JSON nested deeper than {max_depth}")
        row = below


def _check_text(row: Sequence[JsonValue]) -> None:
    for item in row:
        if isinstance(item, str):
            try:
                item.encode()
            except UnicodeEncodeError:
                raise MalformedError("got a lone surrogate in a JSON string") from None


def shown(text: object, limit: int = 40) -> str:
    """Return hostile text quoted, escaped and shortened, fit for an error message."""
    quoted = ascii(text)
    return quoted if len(quoted) <= limit else f"{quoted[:limit]}…"


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
