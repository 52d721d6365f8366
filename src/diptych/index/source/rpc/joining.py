"""Chunks of neighbouring spans as one. Pure."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from diptych.index.blocks import Chunk, Span
from diptych.index.source.source import BranchChanged

if TYPE_CHECKING:
    import pyarrow as pa


def joined_chunks(span: Span, chunks: Sequence[Chunk]) -> Chunk:
    """Return neighbouring chunks, at least one, as one.

    Raises:
        BranchChanged: they do not follow each other.
    """
    import pyarrow as pa

    for before, after in pairwise(chunks):
        if after.blocks.column("parent_hash")[0].as_py() != before.last.hash:
            raise BranchChanged(f"block {before.last.number} was replaced while it was read")
    if len(chunks) == 1:
        return chunks[0]

    def table(name: str) -> "pa.Table | None":
        parts = [getattr(chunk, name) for chunk in chunks]
        return None if parts[0] is None else pa.concat_tables(parts)

    return Chunk(
        span,
        chunks[-1].last,
        pa.concat_tables([chunk.blocks for chunk in chunks]),
        pa.concat_tables([chunk.logs for chunk in chunks]),
        table("transactions"),
        table("receipts"),
        table("traces"),
    )
