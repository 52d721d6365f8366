"""Segments of the cache: rows of one stream over a span, as one Parquet file. Pure.

The file's name says span, rows and digest of its content; its metadata repeats stream and span and
says which block is the last. So no list of files is kept that could contradict them.
"""

import hashlib
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from diptych.core.errors import LedgerError
from diptych.index.blocks import BlockRef, Span
from diptych.index.cache.streams import Stream
from diptych.index.source.bounded import read_json

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIX = ".parquet"
MAX_BYTES = 1 << 30
_MAX_UNPACKED_BYTES = 4 << 30
_FORMAT = 1
_NOTE = b"diptych.segment"
_MAX_NOTE_BYTES = 64 << 10
_DIGEST_BYTES = 16
_NAME = re.compile(r"(\d{12,19})-(\d{12,19})\.(\d{1,12})\.([0-9a-f]{32})\.parquet")


class DamagedSegment(LedgerError):
    """A file of the cache is not what its name says; it is dropped and fetched anew."""

    code = "Index.DamagedSegment"


class SegmentName(NamedTuple):
    """What a segment's file name says.

    Attributes:
        first: first block.
        last: last block.
        rows: how many.
        digest: BLAKE2b-128 of the content, hex.
    """

    first: int
    last: int
    rows: int
    digest: str

    @property
    def text(self) -> str:
        """The file name."""
        return f"{self.first:012}-{self.last:012}.{self.rows}.{self.digest}{SUFFIX}"


class Segment(NamedTuple):
    """Rows of one stream over a span.

    Attributes:
        span: blocks that it covers completely.
        last: its last block.
        rows: in chain order.
    """

    span: Span
    last: BlockRef
    rows: "pa.Table"


class SegmentNote(Struct, frozen=True, forbid_unknown_fields=True):
    """What a segment says of itself; hashes in hex."""

    format: int
    stream: str
    kind: str
    first: int
    last: int
    hash: str
    parent_hash: str
    timestamp_s: int


def read_name(name: str) -> SegmentName | None:
    """Return what a file name says, None if it is no segment's."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    first, last, rows = (int(found[at]) for at in (1, 2, 3))
    return SegmentName(first, last, rows, found[4]) if first <= last else None


def pack(stream: Stream, segment: Segment) -> tuple[SegmentName, "pa.Buffer"]:
    """Return a segment's name and file content."""
    import pyarrow as pa
    from msgspec import json
    from pyarrow import parquet

    last = segment.last
    note = SegmentNote(
        _FORMAT,
        stream.name,
        stream.kind,
        segment.span.first,
        segment.span.last,
        last.hash.hex(),
        last.parent_hash.hex(),
        last.timestamp_s,
    )
    rows = segment.rows.replace_schema_metadata({_NOTE: json.encode(note)})
    sink = pa.BufferOutputStream()
    parquet.write_table(rows, sink, compression="zstd", compression_level=1, write_statistics=False)
    content = sink.getvalue()
    return SegmentName(*segment.span, rows.num_rows, _digest(content)), content


def unpack(name: SegmentName, stream: Stream, content: "pa.Buffer") -> Segment:
    """Return the segment that a file holds.

    Args:
        name: of the file.
        stream: whose folder it is in.
        content: of the file.

    Raises:
        DamagedSegment: the content is not what the name says, or cannot be read.
    """
    import pyarrow as pa
    from pyarrow import parquet

    if _digest(content) != name.digest:
        raise DamagedSegment(f"{name.text}: got other content than was written")
    try:
        file = parquet.ParquetFile(pa.BufferReader(content))
        meta = file.metadata
        groups = (meta.row_group(at) for at in range(meta.num_row_groups))
        unpacked = sum(group.total_byte_size for group in groups)
        if meta.num_rows != name.rows or unpacked > _MAX_UNPACKED_BYTES:
            raise DamagedSegment(f"{name.text}: got {meta.num_rows} rows, {unpacked} bytes")
        note = read_note(meta.metadata)
        rows = file.read(use_threads=False).replace_schema_metadata(None)
        last = last_block(note)
    except (pa.ArrowException, OSError, ValueError, LedgerError) as error:
        raise DamagedSegment(f"{name.text}: cannot be read: {str(error)[:200]}") from None
    if (note.stream, note.first, note.last) != (stream.name, name.first, name.last):
        raise DamagedSegment(f"{name.text}: got blocks {note.first} to {note.last} inside")
    if not rows.schema.equals(stream.schema):
        raise DamagedSegment(f"{name.text}: got other columns than this version keeps")
    return Segment(Span(name.first, name.last), last, rows)


def read_note(metadata: dict[bytes, bytes] | None) -> SegmentNote:
    """Return what the metadata of a file says.

    Raises:
        MalformedAnswer: it is no segment's.
        ValueError: it is of another version.
    """
    raw = (metadata or {}).get(_NOTE, b"")
    note: SegmentNote = read_json(raw, SegmentNote, max_bytes=_MAX_NOTE_BYTES, max_depth=4)
    if note.format != _FORMAT:
        raise ValueError(f"got format {note.format}, expected {_FORMAT}")
    return note


def last_block(note: SegmentNote) -> BlockRef:
    """Return the last block of a segment.

    Raises:
        ValueError: its hashes are no hex.
    """
    hashes = bytes.fromhex(note.hash), bytes.fromhex(note.parent_hash)
    return BlockRef(note.last, *hashes, note.timestamp_s)


def _digest(content: Any) -> str:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()
