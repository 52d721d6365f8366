"""Records of e2store files, bounded.

Source: github.com/status-im/nimbus-eth2/blob/stable/docs/e2store.md: each record is two bytes of
type, four of length (little-endian), two of zero, and the content. Compressed content is in the
framing format of Snappy.
"""

import os
from typing import NamedTuple

from diptych.index.source.source import MalformedFile

VERSION = 0x3265
COMPRESSED_HEADER = 0x03
COMPRESSED_BODY = 0x04
COMPRESSED_RECEIPTS = 0x05
TOTAL_DIFFICULTY = 0x06
ACCUMULATOR = 0x07
BLOCK_INDEX = 0x3266
HEADER_BYTES = 8
_NAMES = {
    VERSION: "version",
    COMPRESSED_HEADER: "header",
    COMPRESSED_BODY: "body",
    COMPRESSED_RECEIPTS: "receipts",
    TOTAL_DIFFICULTY: "total difficulty",
    ACCUMULATOR: "accumulator",
    BLOCK_INDEX: "block index",
}
_STREAM = b"\xff\x06\x00\x00sNaPpY"
_MAX_CHUNK_BYTES = 1 << 16
_AHEAD_BYTES = 1024
"""Most records are shorter than this, so that one read is enough."""


class Record(NamedTuple):
    """A record's content and where the next one starts."""

    content: bytes
    end: int


def read_record(file: int, offset: int, kind: int, *, max_bytes: int) -> Record:
    """Read one record of a known type.

    Args:
        file: descriptor.
        offset: where it starts.
        kind: its type.
        max_bytes: longest content accepted.

    Raises:
        MalformedFile: another type, too long, or the file ends before it does.
    """
    ahead = os.pread(file, _AHEAD_BYTES, offset)
    length = record_length(ahead[:HEADER_BYTES], kind, max_bytes=max_bytes)
    content = ahead[HEADER_BYTES : HEADER_BYTES + length]
    start = offset + HEADER_BYTES
    if len(content) < length:
        content += os.pread(file, length - len(content), start + len(content))
    if len(content) != length:
        raise MalformedFile(f"got {len(content)} bytes of {_NAMES[kind]}, expected {length}")
    return Record(content, start + length)


def skip_record(file: int, offset: int, kind: int, *, max_bytes: int) -> int:
    """Return where the record after the one at `offset` starts.

    Raises:
        MalformedFile: another type or too long.
    """
    raw = os.pread(file, HEADER_BYTES, offset)
    return offset + HEADER_BYTES + record_length(raw, kind, max_bytes=max_bytes)


def record_length(raw: bytes, kind: int, *, max_bytes: int) -> int:
    """Return the length that the eight bytes before a record's content tell.

    Raises:
        MalformedFile: another type, or too long.
    """
    name = _NAMES[kind]
    if len(raw) != HEADER_BYTES:
        raise MalformedFile(f"got the end of the file, expected a record of {name}")
    found, length, zero = raw[0] | raw[1] << 8, int.from_bytes(raw[2:6], "little"), raw[6:]
    if found != kind or zero != b"\x00\x00":
        shown = _NAMES.get(found, f"{found:#06x}")
        raise MalformedFile(f"got a record of {shown}, expected {name}")
    if length > max_bytes:
        raise MalformedFile(f"got {length} bytes of {name}, expected at most {max_bytes}")
    return length


def decompress(content: bytes, *, max_bytes: int) -> bytes:
    """Return what Snappy's framing format holds.

    Args:
        content: compressed.
        max_bytes: longest result accepted; checked before anything is decompressed.

    Raises:
        MalformedFile: damaged, or too long.
    """
    import cramjam

    size = _promised_bytes(content, max_bytes)
    try:
        output = bytes(cramjam.snappy.decompress(content, output_len=size))
    except cramjam.DecompressionError as error:
        raise MalformedFile(f"got damaged Snappy data: {str(error)[:100]}") from None
    if len(output) != size:
        raise MalformedFile(f"got {len(output)} decompressed bytes, expected {size}")
    return output


def _promised_bytes(content: bytes, max_bytes: int) -> int:
    """Return how long the chunks say that their content is (framing format, section 4)."""
    if content[: len(_STREAM)] != _STREAM:
        raise MalformedFile("got no Snappy stream")
    at, size = len(_STREAM), 0
    while at < len(content):
        kind, length = content[at], int.from_bytes(content[at + 1 : at + 4], "little")
        start, at = at + 4, at + 4 + length
        if at > len(content) or length < 4 or kind > 1:
            raise MalformedFile("got a damaged Snappy chunk")
        chunk = length - 4 if kind else _varint(content, start + 4)
        size += chunk
        if chunk > _MAX_CHUNK_BYTES or size > max_bytes:
            raise MalformedFile(f"got more than {max_bytes} decompressed bytes")
    return size


def _varint(content: bytes, at: int) -> int:
    """Return the little-endian base-128 number of at most four bytes."""
    value = 0
    for shift in (0, 7, 14, 21):
        if at >= len(content):
            break
        value |= (content[at] & 0x7F) << shift
        if content[at] < 0x80:
            return value
        at += 1
    raise MalformedFile("got a damaged Snappy length")
