"""A source in front of another one that keeps what was fetched, and does without it if asked to."""

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from diptych.core.errors import EnvironmentFault
from diptych.index.blocks import BlockRef, Chunk, Span, Wanted
from diptych.index.cache.chain import ChainFolder, chain_folder
from diptych.index.cache.pieces import Piece, chunk_of_pieces, piece_of
from diptych.index.cache.segments import Segment
from diptych.index.cache.streams import Stream, streams_of, wanted_of
from diptych.index.source.source import BranchChanged, Identity, NotOffered, Source

WINDOW = 256
_MERGE_EVERY = 64
_ANY = (1 << 63) - 1


class CachedSource:
    """Keeps raw data of a source in Parquet.

    Rows of blocks that a reorganisation took back are forgotten through `forget_after`. After a
    crash, rows near the head are compared with the source before they are used.

    Args:
        source: where blocks come from; None only with `offline`.
        folder: of the cache; each chain has a folder in it, by the hash of its first block.
        offline: whether the source is never asked, not even for its head.
        genesis_hash: which chain, if several are kept.
        window: blocks from the head that may be taken back; beyond, small files are merged.
        notice: told once if nothing can be kept because the disk is full or read-only.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        source: Source | None,
        folder: Path,
        *,
        offline: bool = False,
        genesis_hash: bytes | None = None,
        window: int = WINDOW,
        notice: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._source = None if offline else source
        self._parent = folder
        self._genesis_hash = genesis_hash
        self._window = window
        self._notice = notice
        self._clock = clock
        self._opened: ChainFolder | None = None
        self._keeps = True
        self._checked: set[str] = set()
        self._since_merge = 0
        self._highest = -1
        self._given: BlockRef | None = None

    @property
    def damaged(self) -> int:
        """How many damaged files were dropped so far."""
        return self._chain.damaged

    def identity(self) -> Identity:
        """Return which chain this is."""
        if self._source is None:
            return self._chain.identity()
        return self._source.identity()

    def head(self) -> BlockRef:
        """Return the newest block; offline the last that was kept."""
        found = self._chain.head() if self._source is None else self._source.head()
        if found is None:
            raise NotOffered("the cache holds no blocks", hint="index from an endpoint first")
        self._highest = max(self._highest, found.number)
        return found

    def header(self, number: int) -> BlockRef | None:
        """Return the block of a height, None past the head.

        Raises:
            NotOffered: offline, the cache does not know the block.
        """
        if self._source is not None:
            return self._source.header(number)
        head = self.head()
        if number > head.number:
            return None
        found = head if number == head.number else self._chain.block(number)
        if found is None:
            raise NotOffered(f"the cache does not know block {number}")
        return found

    def wait(self, timeout_s: float) -> None:
        """Wait for a new head; offline there is none."""
        if self._source is not None:
            self._source.wait(timeout_s)

    def forget_after(self, block: BlockRef) -> None:
        """Forget everything of later blocks."""
        self._given = None
        self._chain.forget_after(block)

    def fetch(self, span: Span, wanted: Wanted) -> Chunk:
        """Return what is wanted of a span, from the cache as far as it is kept.

        Offline, the chunk may end at another block than asked for, where the cache knows no block
        to end at: earlier if it knows one, else at the end of what is kept together.

        Raises:
            NotOffered: offline, some of it is not kept.
            LedgerError: those of the source.
        """
        streams = streams_of(wanted)
        if not streams:
            return self._nothing(span, wanted)
        self._check_newest(streams)
        pieces: list[Piece] = []
        start = span.first
        while start <= span.last:
            piece = self._piece(Span(start, span.last), streams, wanted)
            pieces.append(piece)
            start = piece.span.last + 1
        chunk = self._finished(pieces, streams, wanted)
        self._given = chunk.last
        self._tidy()
        return chunk

    def _finished(self, pieces: list[Piece], streams: Sequence[Stream], wanted: Wanted) -> Chunk:
        last = pieces[-1].last or self._block(pieces[-1].span.last)
        if last is None and len(pieces) > 1:
            pieces = pieces[:-1]
            last = pieces[-1].last
        if last is None:
            whole = Span(pieces[-1].span.first, _ANY)
            pieces = [self._piece(whole, streams, wanted)]
            last = pieces[-1].last
        if last is None:
            raise NotOffered(f"the cache does not know block {pieces[-1].span.last}")
        if wanted.links and not all(one.fresh for one in pieces):
            self._require_canonical(pieces[0].span.first, last)
        return chunk_of_pieces(pieces, streams, last, wanted)

    def _block(self, number: int) -> BlockRef | None:
        """Return the block of a height, None if only the source could know it and is not there."""
        if self._given is not None and self._given.number == number:
            return self._given
        if self._source is None:
            return self._chain.block(number)
        found = self._source.header(number)
        if found is None:
            raise BranchChanged(f"block {number} is kept, and the source has it no more")
        return found

    def _piece(self, span: Span, streams: Sequence[Stream], wanted: Wanted) -> Piece:
        """Return the longest piece at the beginning of a span."""
        later = [one for one in streams if one.since > span.first]
        span = Span(span.first, min([span.last, *(one.since - 1 for one in later)]))
        begun = [one for one in streams if one not in later]
        segments = {one.name: self._kept(one, span.first) for one in begun}
        missing = [one for one in begun if segments[one.name] is None]
        if missing:
            ends = [one.span.last for one in segments.values() if one is not None]
            for name, segment in self._fetched(span, missing, ends, wanted).items():
                segments[name] = segment
        found = [one for one in segments.values() if one is not None]
        piece = piece_of(span, begun, found, fresh=len(missing) == len(begun))
        nothing = {one.name: one.schema.empty_table() for one in later}
        return piece._replace(rows={**piece.rows, **nothing})

    def _kept(self, stream: Stream, number: int) -> Segment | None:
        for one in stream.kept_in:
            name = self._chain.stream(one).at(number)
            segment = None if name is None else self._chain.read(one, name)
            if segment is not None:
                return segment
        return None

    def _fetched(
        self, span: Span, missing: list[Stream], ends: list[int], wanted: Wanted
    ) -> dict[str, Segment]:
        """Fetch and keep what is missing, up to where something is kept again."""
        if self._source is None:
            raise NotOffered(
                f"the cache holds no {missing[0].name[:80]} at block {span.first}",
                hint="run once with the endpoint, without --offline",
            )
        kept = [one for stream in missing for one in stream.kept_in]
        gaps = [self._chain.stream(one).gap_end(span.first) for one in kept]
        last = min([span.last, *ends, *(one for one in gaps if one is not None)])
        chunk = self._source.fetch(Span(span.first, last), wanted_of(missing, wanted))
        found = {}
        for one in missing:
            segment = Segment(chunk.span, chunk.last, one.rows(chunk))
            found[one.name] = segment
            self._keep(one, segment, durable=not wanted.links)
        return found

    def _keep(self, stream: Stream, segment: Segment, *, durable: bool) -> None:
        if not self._keeps:
            return
        try:
            self._chain.add(stream, segment, durable=durable)
            head = self._chain.head()
            if head is None or head.number < segment.last.number:
                self._chain.write_head(segment.last, durable=durable)
        except EnvironmentFault as error:
            # What is indexed matters more than what could be replayed.
            self._keeps = False
            self._notice(f"nothing more is kept in the cache: {error.message}")

    def _require_canonical(self, first: int, last: BlockRef) -> None:
        """Compare kept blocks near the head with the source; forget them if they differ.

        Raises:
            BranchChanged: they differ.
        """
        if self._source is None:
            return
        now = self._source.header(last.number)
        if now is None or now.hash != last.hash:
            before = self._source.header(first - 1) if first else None
            if before is not None:
                self._chain.forget_after(before)
            raise BranchChanged(f"block {last.number} was replaced since it was kept")

    def _check_newest(self, streams: Iterable[Stream]) -> None:
        """Drop what was kept of blocks that were replaced while nobody looked."""
        heads: dict[int, BlockRef | None] = {}
        for stream in [kept for one in streams for kept in one.kept_in]:
            if self._source is None or stream.name in self._checked:
                continue
            folder = self._chain.stream(stream)
            while (name := folder.newest) is not None:
                segment = self._chain.read(stream, name)
                if name.last not in heads:
                    heads[name.last] = self._source.header(name.last)
                now = heads[name.last]
                if now is None:
                    return
                if segment is not None and segment.last.hash == now.hash:
                    break
                if segment is not None:
                    self._chain.drop(stream, name)
            self._checked.add(stream.name)

    def _nothing(self, span: Span, wanted: Wanted) -> Chunk:
        if self._source is not None:
            return self._source.fetch(span, wanted)
        last = self._block(span.last)
        if last is None:
            raise NotOffered(f"the cache does not know block {span.last}")
        return chunk_of_pieces([Piece(span, last, {}, fresh=False)], [], last, wanted)

    def _tidy(self) -> None:
        self._since_merge += 1
        if self._since_merge >= _MERGE_EVERY and self._keeps:
            self._since_merge = 0
            try:
                self._chain.merge(self._highest - self._window)
            except EnvironmentFault as error:
                self._keeps = False
                self._notice(f"nothing more is kept in the cache: {error.message}")

    @property
    def _chain(self) -> ChainFolder:
        if self._opened is None:
            if self._source is None:
                path = chain_folder(self._parent, self._genesis_hash)
                self._opened = ChainFolder(path, clock=self._clock)
            else:
                identity = self._source.identity()
                path = chain_folder(self._parent, identity.genesis_hash)
                self._opened = ChainFolder(path, clock=self._clock)
                self._opened.write_identity(identity)
        return self._opened
