"""Rows of several streams, put together to the chunk that was wanted. Pure."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from diptych.index.blocks import BlockRef, Chunk, Span, Wanted, blocks_schema, logs_schema
from diptych.index.cache.segments import Segment
from diptych.index.cache.streams import TIME, Stream

if TYPE_CHECKING:
    import pyarrow as pa

_INDEX_BITS = 31


class Piece(NamedTuple):
    """A span that one segment of each stream covers.

    Attributes:
        span: its blocks.
        last: its last block, None where no segment ends there and no block of it is kept.
        rows: of each stream, by its name.
        fresh: whether all of it was fetched just now.
    """

    span: Span
    last: BlockRef | None
    rows: "Mapping[str, pa.Table]"
    fresh: bool


def piece_of(
    span: Span, streams: Sequence[Stream], segments: Sequence[Segment], *, fresh: bool
) -> Piece:
    """Return what segments that all hold the first block of a span have in common."""
    end = min([span.last, *(one.span.last for one in segments)])
    common = Span(span.first, end)
    ends = [one.last for one in segments if one.span.last == end]
    rows = {
        stream.name: within(segment.rows, stream.number, common)
        for stream, segment in zip(streams, segments, strict=True)
    }
    kept = [rows[one.name] for one in streams if one.kind == "blocks"]
    last = ends[0] if ends else (block_at(kept[0], end) if kept else None)
    return Piece(common, last, rows, fresh)


def within(rows: "pa.Table", column: str, span: Span) -> "pa.Table":
    """Return the rows of a span; they are in order."""
    heights = rows.column(column).to_numpy()
    start = int(heights.searchsorted(span.first, side="left"))
    return rows.slice(start, int(heights.searchsorted(span.last, side="right")) - start)


def block_at(blocks: "pa.Table", number: int) -> BlockRef | None:
    """Return a block of a table of blocks, None if it is not there."""
    found = within(blocks, "number", Span(number, number)).select(BlockRef._fields).to_pylist()
    return BlockRef(**found[0]) if found and found[0]["parent_hash"] is not None else None


def chunk_of_pieces(
    pieces: Sequence[Piece], streams: Sequence[Stream], last: BlockRef, wanted: Wanted
) -> Chunk:
    """Return the chunk that neighbouring pieces make.

    Args:
        pieces: in order; at least one.
        streams: each is in every piece.
        last: last block of the last piece.
        wanted: what was asked for.
    """
    import pyarrow as pa

    def rows(stream: Stream) -> "pa.Table":
        return pa.concat_tables([one.rows[stream.name] for one in pieces])

    tables = {one.kind: rows(one) for one in streams if one.kind != "logs"}
    logs = _merged([rows(one) for one in streams if one.kind == "logs"])
    blocks = tables.get("blocks")
    return Chunk(
        Span(pieces[0].span.first, last.number),
        last,
        _blocks(logs, last) if blocks is None else blocks,
        logs_schema().empty_table() if logs is None else logs.drop_columns([TIME]),
        tables.get("transactions"),
        tables.get("receipts"),
        tables.get("traces"),
    )


def _merged(parts: "Sequence[pa.Table]") -> "pa.Table | None":
    """Return logs of several streams in chain order, each once."""
    import numpy as np
    import pyarrow as pa

    filled = [one for one in parts if one.num_rows] or list(parts[:1])
    if len(filled) < 2:
        return filled[0] if filled else None
    table = pa.concat_tables(filled)
    numbers = table.column("block_number").to_numpy()
    places = (numbers << _INDEX_BITS) | table.column("log_index").to_numpy()
    _, first_of_each = np.unique(places, return_index=True)
    return table.take(first_of_each)


def _blocks(logs: "pa.Table | None", last: BlockRef) -> "pa.Table":
    """Return the blocks that logs are of, and the last."""
    import numpy as np
    import pyarrow as pa

    schema = pa.schema([blocks_schema().field(name) for name in BlockRef._fields])
    ending = pa.Table.from_pylist([last._asdict()], schema=schema)
    if logs is None or not logs.num_rows:
        return ending
    numbers = logs.column("block_number").to_numpy()
    starts = np.flatnonzero(np.r_[True, numbers[1:] != numbers[:-1]])
    starts = starts[numbers[starts] != last.number]
    some = logs.select(["block_number", "block_hash", TIME]).take(starts)
    parents = pa.nulls(some.num_rows, pa.binary(32))
    columns = [some.column(0), some.column(1), parents, some.column(2)]
    return pa.concat_tables([pa.Table.from_arrays(columns, schema=schema), ending])
