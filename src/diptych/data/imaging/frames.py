"""Leave nothing in pixel data but pixels: comments and spare bytes of it are made zero.

No pixel changes: a picture decodes to what it was, and every offset into it stays true.
"""

import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Any

from diptych.data.imaging.errors import Refused
from diptych.data.imaging.outside import PIXELS, WAVEFORM
from diptych.data.imaging.reading import items_of
from diptych.data.imaging.streams import Ranges, broken, walk_jpeg, walk_jpeg2000, walk_rle

_FAMILY = "1.2.840.10008.1.2."
_PLAIN = {"1.2.840.10008.1.2", *(_FAMILY + one for one in ("1", "1.99", "2"))}
_RLE = _FAMILY + "5"
_JPEG = {f"{_FAMILY}4.{one}" for one in (*range(50, 67), 70, 80, 81)}
_JPEG2000 = {f"{_FAMILY}4.{one}" for one in (90, 91, 92, 93, 201, 202, 203)}
COMPRESSED = frozenset(_JPEG | _JPEG2000 | {_RLE})
_BITS = {0x7FE00008: 32, 0x7FE00009: 64}
_WAVEFORMS = 0x54000100
_OFFSETS, _LENGTHS = 0x7FE00001, 0x7FE00002
_ITEM, _DELIMITER = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"


def count_frames(dataset: Any, transfer_syntax: str) -> int:
    """Return how many frames the pixel data may hold, whatever NumberOfFrames says.

    Raises:
        Refused: it is built in a way that this cannot be told.
    """
    said = max(1, _number(dataset, "NumberOfFrames", 1))
    for tag in sorted(PIXELS & set(map(int, dataset.keys()))):
        value = dataset.get_item(tag).value or b""
        if transfer_syntax not in _PLAIN:
            return max(said, _count_pictures(value, transfer_syntax))
        bits = (_BITS.get(tag) or _number(dataset, "BitsAllocated", 0)) * (
            _number(dataset, "Rows", 0)
            * _number(dataset, "Columns", 0)
            * _number(dataset, "SamplesPerPixel", 1)
        )
        if bits < 1:
            raise Refused("pixel-layout", "rows, columns or bits of its pixels are missing")
        said = max(said, len(value) * 8 // bits)
    return said


def _count_pictures(value: bytes, transfer_syntax: str) -> int:
    """Return how many pictures stand in compressed pixel data."""
    _, fragments = _fragments(value)
    if transfer_syntax in _JPEG | _JPEG2000:
        return _walk(value, fragments, transfer_syntax)[1]
    return len(fragments)


def strip_pixels(dataset: Any, transfer_syntax: str) -> None:
    """Make zero what pixel data holds besides pixels, in place.

    Raises:
        Refused: it is built in a way that what else it holds cannot be told.
    """
    for tag in sorted(PIXELS & set(map(int, dataset.keys()))):
        value = dataset.get_item(tag).value or b""
        if not any(value):
            continue
        if transfer_syntax in _PLAIN:
            stripped = _exact(value, _pixel_bytes(dataset, tag, len(value)))
        else:
            stripped = _stripped(dataset, value, transfer_syntax)
        if stripped != value:
            dataset[tag].value = stripped
    for item in items_of(dataset, _WAVEFORMS) if _WAVEFORMS in dataset else ():
        _strip_waveform(item)


def _strip_waveform(item: Any) -> None:
    """Cut off what follows the samples of one group of channels."""
    sample = _number(item, "WaveformBitsAllocated", 0) // 8
    count = _number(item, "NumberOfWaveformChannels", 0)
    count *= _number(item, "NumberOfWaveformSamples", 0)
    for tag, size in zip(sorted(WAVEFORM), (sample, sample * count), strict=True):
        value = item[tag].value if tag in item else b""
        if isinstance(value, bytes) and any(value[size:]):
            item[tag].value = _exact(value, size)


def _pixel_bytes(dataset: Any, tag: int, length: int) -> int:
    """Return how many bytes the pixels need."""
    bits = _BITS.get(tag) or _number(dataset, "BitsAllocated", 0)
    bits *= _number(dataset, "Rows", 0) * _number(dataset, "Columns", 0)
    bits *= _number(dataset, "SamplesPerPixel", 1)
    if bits < 1:
        raise Refused("pixel-layout", "rows, columns or bits of its pixels are missing")
    bits *= _number(dataset, "NumberOfFrames", 0) or max(1, length * 8 // bits)
    if "422" in str(dataset.get("PhotometricInterpretation", "")) and bits > length * 8:
        bits = bits * 2 // 3  # two pixels share their chrominance
    return (bits + 7) // 8


def _number(dataset: Any, keyword: str, default: int) -> int:
    """Return a number, the default where there is none or it is damaged."""
    try:
        return int(dataset.get(keyword) or default)
    except (TypeError, ValueError):
        return default


def _exact(value: bytes, size: int) -> bytes:
    padded = size + (size & 1)  # big-endian words have the padding before the last byte
    return value if size <= len(value) <= padded else value[:size] + bytes(size & 1)


def _stripped(dataset: Any, value: bytes, transfer_syntax: str) -> bytes:
    if transfer_syntax not in COMPRESSED:
        raise Refused(
            "compressed",
            "its pixels are compressed in a way that can hold texts which nothing here finds",
            hint="decompress the file first, for example by pydicom's decompress",
        )
    try:
        table, fragments = _fragments(value)
        _check_offsets(dataset, value[table[0] : table[1]], fragments)
        if transfer_syntax == _RLE:
            frames = _number(dataset, "NumberOfFrames", 1)
            plane = _number(dataset, "Rows", 0) * _number(dataset, "Columns", 0)
            foreign = [one for two in fragments for one in walk_rle(value, *two, plane)]
            whole = len(fragments) == frames
        else:
            foreign, whole = _walk(value, fragments, transfer_syntax)[0], True
    except struct.error as error:
        raise broken() from error
    if not whole:
        raise Refused("pixel-layout", "its fragments are not one for each frame")
    return _zeroed(value[: fragments[-1][1]], foreign)


def _walk(value: bytes, fragments: Ranges, transfer_syntax: str) -> tuple[Ranges, int]:
    """Walk from picture to picture; one may go over several fragments.

    Returns:
        What is foreign to the pictures, and how many they are.
    """
    joined = b"".join(value[start:end] for start, end in fragments)
    walker = walk_jpeg if transfer_syntax in _JPEG else walk_jpeg2000
    starts, place = [], 0
    for start, end in fragments:
        starts.append((place, start, end - start))
        place += end - start
    foreign, place, pictures = Ranges(), 0, 0
    for begin, _, _ in starts:
        if begin < place:
            continue  # goes on with the picture before
        foreign.append((place, begin))
        place, inner = walker(joined, begin)
        foreign += inner
        pictures += 1
    foreign.append((place, len(joined)))
    return list(_placed(foreign, starts)), pictures


def _placed(ranges: Ranges, starts: list[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
    """Bring ranges of the joined fragments to where they stand in the pixel data.

    Args:
        ranges: in the joined fragments.
        starts: of each fragment: its place joined, its place in the pixel data, its size.
    """
    begins = [begin for begin, _, _ in starts]
    for low, high in ranges:
        for begin, at, size in starts[bisect_right(begins, low) - 1 : bisect_left(begins, high)]:
            yield at + max(low, begin) - begin, at + min(high, begin + size) - begin


def _fragments(value: bytes) -> tuple[tuple[int, int], Ranges]:
    found = list(_items(value))
    if len(found) < 2:
        raise broken()
    return found[0], found[1:]


def _items(value: bytes) -> Iterator[tuple[int, int]]:
    place = 0
    while place < len(value) and value[place : place + 4] != _DELIMITER:
        if value[place : place + 4] != _ITEM:
            raise broken()
        (length,) = struct.unpack_from("<L", value, place + 4)
        if place + 8 + length > len(value):
            raise broken()
        yield place + 8, place + 8 + length
        place += 8 + length


def _check_offsets(dataset: Any, table: bytes, fragments: Ranges) -> None:
    """Refuse offset tables that hold something other than places of fragments."""
    places = {start - fragments[0][0] for start, _ in fragments}
    offsets = list(struct.unpack(f"<{len(table) // 4}L", table))
    if _OFFSETS in dataset or _LENGTHS in dataset:
        raw = dataset.get_item(_OFFSETS).value, dataset.get_item(_LENGTHS).value
        frames, sizes = (struct.unpack(f"<{len(one) // 8}Q", one) for one in raw)
        offsets += frames
        if len(frames) != len(sizes) or any(size > len(table) + fragments[-1][1] for size in sizes):
            raise broken()
    if not set(offsets) <= places:
        raise broken()


def _zeroed(value: bytes, ranges: Ranges) -> bytes:
    changed = bytearray(value)
    for start, end in ranges:
        changed[start:end] = bytes(max(0, end - start))
    return bytes(changed)
