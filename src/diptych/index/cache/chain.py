"""The folder of one chain: which chain it is, how far it was read, and a folder for each stream."""

import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from msgspec import Struct, json

from diptych.core.errors import LedgerError, UsageError
from diptych.core.files import make_folder, write_durably, writing
from diptych.index.blocks import BlockRef
from diptych.index.cache.folder import StreamFolder, stream_in, write_at_once
from diptych.index.cache.pieces import block_at
from diptych.index.cache.segments import Segment, SegmentName
from diptych.index.cache.streams import Stream
from diptych.index.source.bounded import read_json
from diptych.index.source.source import Identity

_NOTE = "chain.json"
_HEAD = "head.json"
_MAX_BYTES = 64 << 10
_FORMAT = 1
_RECENT_BYTES = 64 << 20
_MAX_CHAINS = 1_000
_MAX_STREAMS = 10_000


class _ChainNote(Struct, frozen=True, forbid_unknown_fields=True):
    format: int
    chain_id: int | None
    genesis_hash: str
    first: int
    name: str


class _HeadNote(Struct, frozen=True, forbid_unknown_fields=True):
    number: int
    hash: str
    parent_hash: str
    timestamp_s: int


class ChainFolder:
    """Everything kept of one chain.

    Args:
        path: its folder.
        clock: seconds since the epoch.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._streams: dict[str, tuple[Stream, StreamFolder]] = {}
        self._recent: OrderedDict[Path, Segment] = OrderedDict()
        self._recent_bytes = 0
        self._head: BlockRef | None = None

    @property
    def damaged(self) -> int:
        """How many damaged files were dropped."""
        return sum(one.damaged for _, one in self._streams.values())

    def stream(self, stream: Stream) -> StreamFolder:
        """Return the folder of a stream."""
        found = self._streams.get(stream.name)
        if found is None:
            folder = StreamFolder(self._path, stream, self._clock)
            found = self._streams[stream.name] = (stream, folder)
        return found[1]

    def read(self, stream: Stream, name: SegmentName) -> Segment | None:
        """Return a segment, None if it is damaged; the newest ones stay in memory."""
        path = self.stream(stream).path(name)
        found = self._recent.get(path)
        if found is None:
            found = self.stream(stream).read(name)
            if found is not None:
                self._remember(path, found)
        else:
            self._recent.move_to_end(path)
        return found

    def add(self, stream: Stream, segment: Segment, *, durable: bool) -> None:
        """Keep a segment.

        Raises:
            DiskFull: no space or quota left.
            CannotWrite: any other I/O failure.
        """
        folder = self.stream(stream)
        self._remember(folder.path(folder.add(segment, durable=durable)), segment)

    def drop(self, stream: Stream, name: SegmentName) -> None:
        """Forget a segment."""
        folder = self.stream(stream)
        gone = self._recent.pop(folder.path(name), None)
        self._recent_bytes -= 0 if gone is None else gone.rows.nbytes
        folder.drop(name)

    def merge(self, final: int) -> None:
        """Make few files of many small ones up to a block that is final.

        Raises:
            DiskFull: no space or quota left.
        """
        for _, one in self._streams.values():
            one.merge(final)

    def forget_after(self, block: BlockRef) -> None:
        """Forget all rows of later blocks, also of streams that nobody asked for yet.

        Raises:
            CannotWrite: a file cannot be changed.
        """
        self._recent.clear()
        self._recent_bytes = 0
        self._open_all()
        if (head := self.head()) is not None and head.number > block.number:
            self.write_head(block)
        for _, one in self._streams.values():
            one.forget_after(block)

    def block(self, number: int) -> BlockRef | None:
        """Return a block that ends a segment or is kept with others, None if none is."""
        self._open_all()
        for stream, folder in self._streams.values():
            name = folder.at(number)
            if name is None or (name.last != number and stream.kind != "blocks"):
                continue
            segment = self.read(stream, name)
            if segment is None:
                continue
            ends = name.last == number
            found = segment.last if ends else block_at(segment.rows, number)
            if found is not None:
                return found
        return None

    def _open_all(self) -> None:
        """Open the folders of streams that nobody asked for yet."""
        known = {stream.folder for stream, _ in self._streams.values()}
        with suppress(FileNotFoundError):
            for entry in sorted(self._path.iterdir())[:_MAX_STREAMS]:
                stream = stream_in(entry) if entry.name not in known else None
                if stream is not None and stream.folder == entry.name:
                    self.stream(stream)

    def identity(self) -> Identity:
        """Return which chain was kept.

        Raises:
            UsageError: the note of it is missing or damaged.
        """
        try:
            raw = (self._path / _NOTE).read_bytes()
            note: _ChainNote = read_json(raw, _ChainNote, max_bytes=_MAX_BYTES, max_depth=4)
            genesis = bytes.fromhex(note.genesis_hash)
        except (OSError, LedgerError, ValueError) as error:
            raise UsageError(f"{self._path}: got no cache of a chain ({error})") from None
        return Identity(note.chain_id, genesis, note.first, note.name)

    def write_identity(self, identity: Identity) -> None:
        """Say which chain this is."""
        with suppress(UsageError):
            if self.identity() == identity:
                return
        note = _ChainNote(
            _FORMAT,
            identity.chain_id,
            identity.genesis_hash.hex(),
            identity.first,
            identity.name,
        )
        with writing(self._path):
            make_folder(self._path)
        write_durably(self._path / _NOTE, json.format(json.encode(note)) + b"\n")

    def head(self) -> BlockRef | None:
        """Return the last block that was read, None before the first."""
        if self._head is None:
            with suppress(OSError, LedgerError, ValueError):
                raw = (self._path / _HEAD).read_bytes()
                note: _HeadNote = read_json(raw, _HeadNote, max_bytes=_MAX_BYTES, max_depth=4)
                hashes = bytes.fromhex(note.hash), bytes.fromhex(note.parent_hash)
                self._head = BlockRef(note.number, *hashes, note.timestamp_s)
        return self._head

    def write_head(self, block: BlockRef, *, durable: bool = True) -> None:
        """Say how far was read."""
        note = _HeadNote(block.number, block.hash.hex(), block.parent_hash.hex(), block.timestamp_s)
        write = write_durably if durable else write_at_once
        write(self._path / _HEAD, json.encode(note) + b"\n")
        self._head = block

    def _remember(self, path: Path, segment: Segment) -> None:
        self._recent[path] = segment
        self._recent_bytes += segment.rows.nbytes
        while self._recent_bytes > _RECENT_BYTES and len(self._recent) > 1:
            _, oldest = self._recent.popitem(last=False)
            self._recent_bytes -= oldest.rows.nbytes


def chain_folder(parent: Path, genesis_hash: bytes | None) -> Path:
    """Return the folder of a chain, or of the only one that is kept.

    Raises:
        UsageError: no chain, or several, are kept and none was named.
    """
    if genesis_hash is not None:
        return parent / genesis_hash.hex()
    found = [path.parent for path in sorted(parent.glob(f"*/{_NOTE}"))[:_MAX_CHAINS]]
    if len(found) != 1:
        raise UsageError(
            f"{parent}: got {len(found)} chains in the cache, expected 1",
            hint="index from an endpoint first, or say which chain",
        )
    return found[0]
