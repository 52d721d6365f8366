"""Layers of encoding round a payload, each taken off within limits."""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from diptych.audit.payloads.keys import unmasked, unshifted
from diptych.audit.payloads.signs import has_magic

__all__ = ["Layer", "is_text", "peel"]


class Layer(NamedTuple):
    """What came out of a layer: its name, the content, and where it stood in the outer one."""

    name: str
    data: bytes
    start: int = 0


_MIN_RUN = 16
# One pattern for both, tried once a run: a pattern of its own for hex would be tried at each digit.
_RUN = re.compile(rb"[A-Za-z0-9+/_-]{%d,}={0,2}" % _MIN_RUN)
_HEX = re.compile(rb"[0-9a-fA-F]+")
_ESCAPES = re.compile(rb"\\x([0-9a-fA-F]{2})|\\u00([0-9a-fA-F]{2})")
_PERCENT = re.compile(rb"(?:%[0-9a-fA-F]{2}){3,}")
_NUMBERS = re.compile(
    rb"(?:(?:0x[0-9a-fA-F]{1,2}|\d{1,3})\s*,\s*){7,}(?:0x[0-9a-fA-F]{1,2}|\d{1,3})"
)
_JOINS = re.compile(rb"(['\"`])\s*\+\s*\1")
_WORDS = re.compile(rb"[\w\s.,:;'\"()/-]*")
_TEXT = bytes(range(0x20, 0x7F)) + b"\t\r\n"
_GZIP = b"\x1f\x8b\x08"
_ZLIB = tuple(bytes([0x78, level]) for level in (0x01, 0x5E, 0x9C, 0xDA))
_MIN_INFLATED_HEAD = 12


def is_text(data: bytes, share: float = 0.95) -> bool:
    """Whether bytes are printable ASCII, but for a few."""
    return bool(data) and len(data.translate(None, _TEXT)) <= (1 - share) * len(data)


def peel(data: bytes, max_bytes: int, max_ratio: int) -> Iterator[Layer]:
    """Yield what bytes hold one layer below.

    Args:
        data: the outer content.
        max_bytes: largest content to give.
        max_ratio: how many times its packed size content may have; a bomb is cut off there.
    """
    if data.startswith((_GZIP, *_ZLIB)):
        yield from _inflated(data, min(max_bytes, max_ratio * len(data)))
    elif is_text(data):
        yield from _from_text(data, max_bytes)
    elif b"\x00" in data[1::2] and is_text(data[::2]) and not data[1::2].strip(b"\x00"):
        yield Layer("utf-16", data[::2])
    elif not has_magic(data):
        yield from _unkeyed(data)


def _from_text(data: bytes, max_bytes: int) -> Iterator[Layer]:
    for layer in _runs(data):
        yield layer._replace(data=layer.data[:max_bytes])
    plain = _plain(data)
    if plain != data:
        yield Layer("escapes", plain[:max_bytes])
    yield Layer("reversed", data[::-1])
    if _WORDS.fullmatch(data) is None:
        yield from _unkeyed(data)


def _unkeyed(data: bytes) -> Iterator[Layer]:
    for found in unmasked(data):
        yield Layer("xor", found)
    for found in unshifted(data):
        yield Layer("shift", found)


def _runs(data: bytes) -> Iterator[Layer]:
    """Yield what runs of digits, of base64 or of numbers stand for."""
    for match in _RUN.finditer(data):
        digits = match[0].removeprefix(b"0x")
        if _HEX.fullmatch(digits) and len(digits) % 2 == 0:
            yield Layer("hex", binascii.unhexlify(digits), match.start())
        raw = _unbase64(match[0])
        if raw is not None:
            yield Layer("base64", raw, match.start())
    for match in _NUMBERS.finditer(data):
        raw = _unnumbered(match[0])
        if raw is not None:
            yield Layer("numbers", raw, match.start())


def _unnumbered(run: bytes) -> bytes | None:
    """Read numbers from 0 to 255; those with a leading zero, which Python refuses, are left out."""
    words = re.split(rb"\s*,\s*", run)
    plain = (each for each in words if each == b"0" or not each.startswith(b"0") or b"x" in each)
    values = [int(each, 0) for each in plain]
    return bytes(values) if all(value < 256 for value in values) else None


def _plain(data: bytes) -> bytes:
    r"""Undo a script's ways to write a string: `\x41`, `%41`, `'a' + 'b'`."""
    data = _ESCAPES.sub(lambda m: bytes([int(m[1] or m[2], 16)]), data)
    data = _PERCENT.sub(lambda m: unquote_to_bytes(m[0]), data)
    return _JOINS.sub(b"", data)


def _unbase64(run: bytes) -> bytes | None:
    body = run.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    body = body[: len(body) - (len(body) % 4 == 1)]
    try:
        return base64.b64decode(body + b"=" * (-len(body) % 4))
    except binascii.Error:  # pragma: no cover - the pattern admits nothing else
        return None


def _inflated(data: bytes, max_bytes: int) -> Iterator[Layer]:
    name, bits = ("gzip", 31) if data.startswith(_GZIP) else ("zlib", 15)
    machine = zlib.decompressobj(bits)
    try:
        content = machine.decompress(data, max_bytes)
    except zlib.error:
        return
    if len(content) >= _MIN_INFLATED_HEAD:
        yield Layer(name, content)
