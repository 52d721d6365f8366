"""Chunks made of blocks and receipts that were read whole. Pure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from diptych.index.blocks import BlockRef, Chunk, Span, Wanted, logs_schema
from diptych.index.source.normal import (
    block_transactions,
    blocks_table,
    logs_table,
    receipt_logs,
    receipts_table,
    transactions_table,
)
from diptych.index.source.selection import select_logs
from diptych.index.source.stored import StoredBlock

if TYPE_CHECKING:
    import pyarrow as pa


def chunk_of(
    span: Span, blocks: Sequence[StoredBlock], wanted: Wanted, *, traces: "pa.Table | None" = None
) -> Chunk:
    """Return the chunk of a span.

    Args:
        span: block numbers.
        blocks: each block of the span in order, with its receipts if logs or receipts are wanted.
        wanted: what was asked for.
        traces: traces of the span, if wanted.

    Raises:
        MalformedAnswer: a value has another form.
    """
    headers = blocks_table([each.block for each in blocks])
    receipts = [receipt for each in blocks for receipt in each.receipts]
    logs = logs_schema().empty_table()
    if wanted.logs or wanted.receipts:
        logs = select_logs(logs_table(receipt_logs(receipts)), wanted)
    return Chunk(
        span=span,
        last=last_ref(headers),
        blocks=headers,
        logs=logs,
        transactions=transactions_table(block_transactions([each.block for each in blocks]))
        if wanted.transactions
        else None,
        receipts=receipts_table(receipts) if wanted.receipts else None,
        traces=traces,
    )


def last_ref(blocks: "pa.Table") -> BlockRef:
    """Return the last block of a table that has some, of schema `blocks_schema()`."""
    columns = ("number", "hash", "parent_hash", "timestamp_s")
    row = blocks.select(columns).slice(blocks.num_rows - 1).to_pylist()[0]
    return BlockRef(*(row[name] for name in columns))
