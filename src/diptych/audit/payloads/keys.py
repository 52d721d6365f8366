"""Content under a repeating XOR key, found by what it must contain.

Where a key of length L repeats, the XOR of two bytes that are L apart does not depend on it. So a
word that a payload contains shows itself by those differences, for all keys at once.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

__all__ = ["unmasked", "unshifted"]

_CRIBS = (
    b"This program cannot be run in DOS mode",
    b"document.createElement(",
    b"document.getElementById",
    b"new Function('return",
    b"new XMLHttpRequest(",
    b"<script>fetch('https://",
    b".DownloadString(",
    b"subprocess.run(",
    b"addEventListener(",
    b"child_process",
    b"new Function(",
    b"powershell",
    b"function(",
    b"os.system(",
    b"import os",
    b"=document.",
    b"await fetch(",
    b"bash -c ",
    b"curl -",
    b"wget -",
    b"https://",
    b"<script>",
    b"<script ",
    b"require(",
    b"http://",
    b"window[",
    b"cmd /c ",
    b"eval(",
    b"atob(",
    b"tcp://",
    b"#!/bin/",
    b"\x7fELF\x02\x01\x01\x00",
    b"\x7fELF\x01\x01\x01\x00",
    b"MZ\x90\x00\x03\x00\x00\x00",
)
_PRINTABLE = bytes(range(0x20, 0x7F)) + b"\t\r\n"
_HEADS = (b"MZ", b"\x7fELF")
_MIN_BYTES = 12
_MAX_BYTES = 1 << 16
_MAX_KEY = 16
_MAX_SHIFTED = 1 << 13
_MIN_TURNS = 3  # times that the key comes round
_PROOF = 3  # differences that must agree
_MAX_FOUND = 4


def unmasked(data: bytes) -> Iterator[bytes]:
    """Yield what bytes are under the keys that make a known word appear in them.

    Keys have up to 16 bytes, and at most half of the word's; at most four answers are given.
    """
    data = data[:_MAX_BYTES]
    if len(data) < _MIN_BYTES:
        return
    seen: set[bytes] = set()
    for length in range(1, min(_MAX_KEY, len(data) // _MIN_TURNS) + 1):
        gaps = _gaps(data, length)
        for crib, wanted in _wanted(length):
            at = gaps.find(wanted)
            key = b"" if at < 0 else _key(data, crib, at, length)
            if any(key) and key not in seen and not _repeats(key):
                seen.add(key)
                plain = _xor(data, key)
                if _is_plain(plain):
                    yield plain
            if len(seen) >= _MAX_FOUND:
                return


@lru_cache(maxsize=_MAX_KEY)
def _wanted(length: int) -> tuple[tuple[bytes, bytes], ...]:
    """Return the words long enough to prove a key of a length, each with its differences."""
    proof = max(_PROOF, length)
    return tuple((crib, _gaps(crib, length)) for crib in _CRIBS if len(crib) - length >= proof)


def unshifted(data: bytes) -> Iterator[bytes]:
    """Yield what bytes are less one number added to each, where a known word then appears."""
    data = data[:_MAX_SHIFTED]
    steps = _steps(data)
    for crib in _CRIBS:
        at = steps.find(_crib_steps(crib)) if len(crib) > _PROOF else -1
        shift = 0 if at < 0 else (data[at] - crib[0]) % 256
        if shift:
            yield bytes((each - shift) % 256 for each in data)
            return


@lru_cache(maxsize=64)
def _crib_steps(crib: bytes) -> bytes:
    return _steps(crib)


def _steps(data: bytes) -> bytes:
    return bytes((after - before) % 256 for before, after in pairwise(data))


def _is_plain(data: bytes) -> bool:
    """Whether bytes are mostly printable, or a program."""
    rest = len(data.translate(None, _PRINTABLE))
    return rest <= len(data) * 0.3 or data.startswith(_HEADS)


def _gaps(data: bytes, length: int) -> bytes:
    """Return each byte XOR the one `length` later."""
    return _combined(data[:-length], data[length:])


def _combined(first: bytes, second: bytes) -> bytes:
    size = min(len(first), len(second))
    mixed = int.from_bytes(first[:size], "big") ^ int.from_bytes(second[:size], "big")
    return mixed.to_bytes(size, "big")


def _key(data: bytes, crib: bytes, at: int, length: int) -> bytes:
    """Return the key, turned so that it starts at the first byte of the data."""
    part = _combined(data[at : at + length], crib)
    shift = -at % length
    return part[shift:] + part[:shift]


def _repeats(key: bytes) -> bool:
    """Whether a shorter key is the same, and was tried."""
    return len(key) > 1 and any(
        len(key) % size == 0 and key == key[:size] * (len(key) // size)
        for size in range(1, len(key))
    )


def _xor(data: bytes, key: bytes) -> bytes:
    size = len(data)
    stream = (key * (size // len(key) + 1))[:size]
    return _combined(data, stream)
