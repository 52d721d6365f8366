"""Where compressed pictures hold bytes that are no picture: comments, application data, padding.

Each walker follows one picture from its first byte and returns where it ends and which ranges of
it say something besides the picture. Sources: ITU-T T.81 annex B (JPEG), T.87 (JPEG-LS), T.800
annexes A and I (JPEG 2000), DICOM PS3.5 annex G (RLE).
"""

import re
import struct
from collections.abc import Iterator

from diptych.data.imaging.errors import Refused

Ranges = list[tuple[int, int]]
_MARKER = re.compile(rb"\xff[\x80-\xcf\xd8-\xfe]")
_ALONE = {0x01, *range(0xD0, 0xD8)}
_END, _SCAN, _COMMENT = 0xD9, 0xDA, 0xFE
_TABLES = {*range(0xC0, 0xD0), 0xDB, 0xDC, 0xDD, 0xDE, 0xDF, 0xF7, 0xF8}
_PLAIN = {0xE0: (b"JFIF\0", 12), 0xE8: (b"mrfx", 5), 0xEE: (b"Adobe", 12)}
_J2K_KNOWN = {0x50, 0x51, 0x52, 0x53, 0x55, 0x57, 0x58, 0x59, 0x5C, 0x5D, 0x5E, 0x5F, 0x60, 0x61}
_J2K_KNOWN |= {0x63, 0x64, 0x90}
_J2K_START, _J2K_TILE, _J2K_DATA, _J2K_COMMENT = 0x4F, 0x90, 0x93, 0x64
_JP2 = b"\0\0\0\x0cjP  \r\n\x87\n"
_JP2_HEADER_BYTES = 128


def broken() -> Refused:
    """Return the refusal of pixels that are not built as their standard says."""
    return Refused("pixel-layout", "its compressed pixels are not built as their standard says")


def walk_jpeg(data: bytes, start: int) -> tuple[int, Ranges]:
    """Follow a JPEG or JPEG-LS picture.

    Raises:
        Refused: it is none, or ends early.
    """
    if data[start : start + 2] != b"\xff\xd8":
        raise broken()
    place, foreign = start + 2, Ranges()
    while True:
        place, marker = _marker(data, place)
        if marker == _END:
            return place, foreign
        if marker in _ALONE:
            continue
        end = place + _length(data, place)
        if marker == _COMMENT or marker & 0xF0 == 0xE0:
            foreign.append((place + 2 + _plain_bytes(data, place + 2, marker), end))
        elif marker == _SCAN:
            found = _MARKER.search(data, end)
            end = found.start() if found else len(data)
        elif marker not in _TABLES:
            raise broken()
        place = end


def walk_jpeg2000(data: bytes, start: int) -> tuple[int, Ranges]:
    """Follow a JPEG 2000 code stream, bare or in a JP2 file.

    Raises:
        Refused: it is none, or ends early.
    """
    if data[start : start + 12] == _JP2:
        return _walk_boxes(data, start)
    place, marker = _marker(data, start)
    foreign, tile = Ranges(), start
    if marker != _J2K_START:
        raise broken()
    while True:
        at = place
        place, marker = _marker(data, place)
        if marker == _END:
            return place, foreign
        if marker == _J2K_DATA:
            place = _tile_end(data, tile, at)
            continue
        if marker not in _J2K_KNOWN:
            raise broken()
        end = place + _length(data, place)
        tile = at if marker == _J2K_TILE else tile
        if marker == _J2K_COMMENT:
            foreign.append((place + 4, end))
        place = end


def _tile_end(data: bytes, tile: int, place: int) -> int:
    """Return where the next tile begins; a tile without length ends with the picture."""
    (size,) = struct.unpack_from(">L", data, tile + 6)
    end = tile + int(size) if size else data.rfind(b"\xff\xd9", place)
    if not place < end <= len(data):
        raise broken()
    return end


def walk_rle(data: bytes, start: int, end: int, plane_bytes: int) -> Ranges:
    """Return what a frame of RLE segments holds beyond the planes it decodes to.

    Args:
        data: all of the pixel data.
        start: of the frame.
        end: of the frame.
        plane_bytes: pixels of one plane of one byte each.

    Raises:
        Refused: it is no such frame.
    """
    if end - start < 64:
        raise broken()
    count, *offsets = struct.unpack_from("<16L", data, start)
    if not 1 <= count <= 15 or any(offsets[count:]):
        raise broken()
    stops = [*offsets[1:count], end - start]
    foreign, expected = Ranges(), 64
    for offset, stop in zip(offsets[:count], stops, strict=True):
        if not expected <= offset <= stop <= end - start:
            raise broken()
        foreign.append((start + expected, start + offset))
        used = _unpacked_end(data, start + offset, start + stop, plane_bytes)
        foreign.append((used, start + stop))
        expected = stop
    return foreign


def _unpacked_end(data: bytes, place: int, end: int, left: int) -> int:
    while left > 0:
        if place >= end:
            raise broken()
        head = data[place]
        if head < 128:
            place, left = place + head + 2, left - head - 1
        else:
            place, left = (
                place + (1 if head == 128 else 2),
                left - (0 if head == 128 else 257 - head),
            )
    if place > end:
        raise broken()
    return place


def _walk_boxes(data: bytes, start: int) -> tuple[int, Ranges]:
    foreign = Ranges()
    for kind, body, end in _boxes(data, start):
        if kind == b"jp2c":
            last, inner = walk_jpeg2000(data[:end], body)
            return last, foreign + inner
        if kind not in {b"jP  ", b"ftyp", b"jp2h"} or end - body > _JP2_HEADER_BYTES:
            foreign.append((body, end))
    raise broken()


def _boxes(data: bytes, place: int) -> Iterator[tuple[bytes, int, int]]:
    while place + 8 <= len(data):
        size, kind = struct.unpack_from(">L4s", data, place)
        end = place + size if size else len(data)
        if size == 1 or end < place + 8 or end > len(data):
            raise broken()
        yield kind, place + 8, end
        place = end


def _marker(data: bytes, place: int) -> tuple[int, int]:
    if data[place : place + 1] != b"\xff":
        raise broken()
    while data[place + 1 : place + 2] == b"\xff":
        place += 1
    if place + 2 > len(data):
        raise broken()
    return place + 2, data[place + 1]


def _length(data: bytes, place: int) -> int:
    if place + 2 > len(data):
        raise broken()
    length = int.from_bytes(data[place : place + 2])
    if length < 2 or place + length > len(data):
        raise broken()
    return length


def _plain_bytes(data: bytes, place: int, marker: int) -> int:
    """Return how many bytes of an application segment say how colours are coded."""
    sign, size = _PLAIN.get(marker, (b"\0", 0))
    return size if size and data.startswith(sign, place) else 0
