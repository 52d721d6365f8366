"""Constants of EVM bytecode: what PUSH instructions hold, and the data behind the code."""

import re
from collections.abc import Iterator
from itertools import islice

__all__ = ["constants", "from_hex", "is_code"]

_STARTS = (b"\x60\x40\x52", b"\x39\x60\x00\xf3", b"\x39\x5f\xf3", b"\x34\x80\x15")
_PUSH1, _PUSH32 = 0x60, 0x7F
_INVALID = 0xFE
_MIN_PUSH = 6
_BRIDGE = 48  # bytes of code that may stand between the parts of one string
_MIN_DATA = 16
_MAX_TAILS = 6
# The compiler's own mark (CBOR), with its length behind it; constants can follow.
_MARK = re.compile(
    rb"[\xa1-\xa4](?:d(?:ipfs|solc)|ebzzr[01]|lexperimental).{0,90}?"
    rb"(?:dsolcC...|bzzr[01]X\x20.{32})(?:lexperimental\xf5)?\x00[\x0a-\x7f]",
    re.DOTALL,
)
_HEX = re.compile(rb"\s*(?:0x)?((?:[0-9a-fA-F]{2})+)\s*\Z")


def from_hex(text: bytes) -> bytes | None:
    """Read bytecode that is written in hex, with or without `0x`; None for anything else."""
    found = _HEX.match(text)
    return None if found is None else bytes.fromhex(found[1].decode("ascii"))


def is_code(data: bytes) -> bool:
    """Whether bytes start as compilers start a contract."""
    return data[:1] == b"\x60" and any(mark in data[:64] for mark in _STARTS)


def constants(code: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield what bytecode carries: strings put together from PUSH data, and data after code.

    Compilers store a long string word by word, so the words of neighbouring PUSH instructions are
    joined, less the zeros that fill the last one.

    Yields:
        Offset and bytes.
    """
    start, last, parts = 0, -_BRIDGE, bytearray()
    for at, word in _pushes(code):
        if at - last > _BRIDGE and parts:
            yield start, bytes(parts)
            parts = bytearray()
        if not parts:
            start = at
        parts += word.rstrip(b"\x00")
        last = at + len(word)
    if parts:
        yield start, bytes(parts)
    yield from _tails(code)


def _tails(code: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield what stands behind code: after its last instruction, and after the compiler's mark."""
    for match in islice(_MARK.finditer(code), _MAX_TAILS):
        if match.end() < len(code):
            yield match.end(), code[match.end() :]
    at = -1
    for _ in range(_MAX_TAILS):
        at = code.find(_INVALID, at + 1)
        if not 0 <= at < len(code) - _MIN_DATA:
            return
        yield at + 1, code[at + 1 :]


def _pushes(code: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(code):
        opcode = code[at]
        size = opcode - _PUSH1 + 1 if _PUSH1 <= opcode <= _PUSH32 else 0
        if size >= _MIN_PUSH:
            yield at + 1, code[at + 1 : at + 1 + size]
        at += 1 + size
