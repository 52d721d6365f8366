"""The folder of one stream: its segments, without gap or overlap between two of them.

A file appears whole or not at all (temporary file, rename). Files that overlap, as an interrupted
merge leaves them, are told apart by their names when the folder is opened.
"""

import os
from bisect import bisect_right
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from diptych.core.errors import LedgerError
from diptych.core.files import make_folder, write_durably, write_error, writing
from diptych.index.blocks import BlockRef, Span
from diptych.index.cache.pieces import within
from diptych.index.cache.segments import (
    MAX_BYTES,
    Segment,
    SegmentName,
    pack,
    read_name,
    read_note,
    unpack,
)
from diptych.index.cache.streams import Stream

if TYPE_CHECKING:
    import pyarrow as pa

_STALE_S = 3_600.0
_MERGE_AT = 32
_MERGED_ROWS = 64_000


class StreamFolder:
    """Segments of one stream.

    Args:
        parent: folder of the chain.
        stream: which.
        clock: seconds since the epoch.
    """

    def __init__(self, parent: Path, stream: Stream, clock: Callable[[], float]) -> None:
        self._path = parent / stream.folder
        self._stream = stream
        self._names = self._scan(clock() - _STALE_S)
        self.damaged = 0

    @property
    def newest(self) -> SegmentName | None:
        """The segment that reaches furthest."""
        return self._names[-1] if self._names else None

    def at(self, number: int) -> SegmentName | None:
        """Return the segment that covers a height, None if none does."""
        place = self._place(number)
        return self._names[place] if place >= 0 and number <= self._names[place].last else None

    def gap_end(self, number: int) -> int | None:
        """Return the last height of the gap that a height is in, None if it has no end."""
        place = self._place(number) + 1
        return self._names[place].first - 1 if place < len(self._names) else None

    def path(self, name: SegmentName) -> Path:
        """Return where a segment stands."""
        return self._path / name.text

    def read(self, name: SegmentName) -> Segment | None:
        """Return a segment; None if its file is damaged, then it is dropped."""
        import pyarrow as pa

        path = self.path(name)
        try:
            if path.stat().st_size > MAX_BYTES:
                raise LedgerError(f"{name.text}: got more than {MAX_BYTES} bytes")
            content = pa.py_buffer(path.read_bytes())
            return unpack(name, self._stream, content)
        except (OSError, LedgerError):
            self.damaged += 1
            self.drop(name)
            return None

    def add(self, segment: Segment, *, durable: bool) -> SegmentName:
        """Keep a segment that overlaps no other.

        Args:
            segment: what to keep.
            durable: whether it must outlive a power cut; without, it may have to be fetched again.

        Raises:
            DiskFull: no space or quota left.
            CannotWrite: any other I/O failure.
        """
        name, content = pack(self._stream, segment)
        path = self.path(name)
        if not self._path.is_dir():
            with writing(self._path):
                make_folder(self._path)
        if durable:
            write_durably(path, content.to_pybytes())
        else:
            write_at_once(path, content)
        self._names.insert(self._place(name.first) + 1, name)
        return name

    def drop(self, name: SegmentName) -> None:
        """Forget a segment."""
        self._names.remove(name)
        with suppress(OSError):
            self.path(name).unlink()

    def forget_after(self, block: BlockRef) -> None:
        """Forget all rows of later blocks."""
        straddling = self.at(block.number)
        while self._names and self._names[-1].first > block.number:
            self.drop(self._names[-1])
        if straddling is None or straddling.last == block.number:
            return
        kept = self.read(straddling)
        if kept is not None:
            # Dropped before the rest is written: a gap is fetched again, a wrong row is not.
            self.drop(straddling)
            span = Span(straddling.first, block.number)
            rows = within(kept.rows, self._stream.number, span)
            self.add(Segment(span, block, rows), durable=False)

    def merge(self, final: int) -> None:
        """Make few files of many small neighbours that no reorganisation takes back.

        Args:
            final: last block that is final.
        """
        group: list[SegmentName] = []
        for name in [*self._names, None]:
            fits = name is not None and name.last <= final and _neighbours(group, name)
            if fits and name is not None:
                group.append(name)
                continue
            if len(group) >= _MERGE_AT:
                self._join(group)
            group = [name] if name is not None and name.rows < _MERGED_ROWS else []

    def _join(self, names: Sequence[SegmentName]) -> None:
        import pyarrow as pa

        segments = [self.read(name) for name in names]
        whole = [one for one in segments if one is not None]
        if len(whole) < len(names):
            return
        rows = pa.concat_tables([one.rows for one in whole]).combine_chunks()
        span = Span(names[0].first, names[-1].last)
        merged, content = pack(self._stream, Segment(span, whole[-1].last, rows))
        write_durably(self.path(merged), content.to_pybytes())
        for name in names:
            self.drop(name)
        self._names.insert(self._place(merged.first) + 1, merged)

    def _place(self, number: int) -> int:
        """Return the place of the last segment that begins at or before a height, or -1."""
        return bisect_right(self._names, number, key=lambda name: name.first) - 1

    def _scan(self, stale_before_s: float) -> list[SegmentName]:
        found = []
        with suppress(FileNotFoundError):
            for entry in os.scandir(self._path):
                name = read_name(entry.name)
                if name is not None:
                    found.append(name)
                elif entry.name.endswith(".tmp") and entry.stat().st_mtime < stale_before_s:
                    with suppress(OSError):
                        os.unlink(entry.path)
        found.sort(key=lambda name: (name.first, -name.last))
        kept: list[SegmentName] = []
        for name in found:
            if kept and name.first <= kept[-1].last:
                with suppress(OSError):
                    self.path(name).unlink()
            else:
                kept.append(name)
        return kept


def stream_in(path: Path) -> Stream | None:
    """Return the stream that a folder's files are of, None if none of them says so."""
    import pyarrow as pa
    from pyarrow import parquet

    names = os.listdir(path) if path.is_dir() else []
    for name in (one for one in names if read_name(one) is not None):
        with suppress(OSError, ValueError, LedgerError, pa.ArrowException):
            note = read_note(parquet.read_metadata(path / name).metadata)
            return Stream(note.stream, note.kind)
    return None


def _neighbours(group: Sequence[SegmentName], name: SegmentName) -> bool:
    rows = sum(one.rows for one in group) + name.rows
    return rows <= _MERGED_ROWS and (not group or group[-1].last + 1 == name.first)


def write_at_once(path: Path, content: "pa.Buffer | bytes") -> None:
    """Replace a file whole or not at all, without waiting until a power cut cannot lose it.

    Raises:
        DiskFull: no space or quota left.
        CannotWrite: any other I/O failure.
    """
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}.tmp")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise write_error(path, error) from error
