"""Blocks of any source written to files: Parquet as a recording, or rows as ethereum-etl's."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from diptych.core.files import make_folder
from diptych.core.progress import ProgressFactory, silent
from diptych.index.blocks import Chunk, Span, Wanted
from diptych.index.etl.contracts import COLUMNS as CONTRACTS
from diptych.index.etl.contracts import contract_rows
from diptych.index.etl.rows import (
    BLOCKS,
    LOGS,
    RECEIPTS,
    TRACES,
    TRANSACTIONS,
    Row,
    block_rows,
    log_rows,
    receipt_rows,
    trace_rows,
    transaction_rows,
)
from diptych.index.etl.transfers import COLUMNS as TRANSFERS
from diptych.index.etl.transfers import token_transfer_rows
from diptych.index.etl.writing import RowFile
from diptych.index.source.source import Source

BLOCKS_AT_ONCE = 256


class Writer(Protocol):
    """Where chunks go."""

    def add(self, chunk: Chunk) -> None:
        """Write a chunk that follows the one before."""
        ...

    def close(self) -> None:
        """Finish what was written."""
        ...


class EtlWriter:
    """Writes a file for each of ethereum-etl's tables that a chunk has rows for."""

    def __init__(self, folder: Path, *, form: str) -> None:
        """Begin; files are made with their first chunk, those without a table not at all.

        Args:
            folder: is made.
            form: `csv` or `json`.
        """
        make_folder(folder)
        self._folder, self._form = folder, form
        self._files: dict[str, RowFile] = {}

    def add(self, chunk: Chunk) -> None:
        """Write the rows of a chunk.

        Raises:
            UsageError: a file is there already, or the form is unknown.
        """
        self._write("blocks", block_rows(chunk.blocks), BLOCKS)
        if chunk.transactions is not None:
            rows = transaction_rows(chunk.transactions, chunk.blocks)
            self._write("transactions", rows, TRANSACTIONS)
        if chunk.receipts is not None:
            self._write("receipts", receipt_rows(chunk.receipts), RECEIPTS)
        logs = log_rows(chunk.logs)
        self._write("logs", logs, LOGS)
        self._write("token_transfers", token_transfer_rows(logs), TRANSFERS)
        if chunk.traces is not None:
            traces = trace_rows(chunk.traces)
            self._write("traces", traces, TRACES)
            self._write("contracts", contract_rows(traces), CONTRACTS)

    def _write(self, name: str, rows: list[Row], columns: Sequence[str]) -> None:
        if name not in self._files:
            path = self._folder / f"{name}.{self._form}"
            self._files[name] = RowFile(path, columns, form=self._form)
        self._files[name].add(rows)

    def close(self) -> None:
        """Finish the files."""
        for file in self._files.values():
            file.close()


def export_blocks(
    source: Source,
    span: Span,
    wanted: Wanted,
    writer: Writer,
    *,
    progress: ProgressFactory = silent,
) -> dict[str, int]:
    """Fetch a span in pieces and write them; return how many rows of each table there were.

    Args:
        source: where blocks come from.
        span: which blocks.
        wanted: what of them.
        writer: where they go; it is closed, also when fetching fails.
        progress: told blocks.

    Raises:
        LedgerError: the source cannot give it.
        UsageError: the writer refuses.
    """
    counts: dict[str, int] = {}
    try:
        with progress("blocks", total=span.blocks, unit="block") as shown:
            for first in range(span.first, span.last + 1, BLOCKS_AT_ONCE):
                piece = Span(first, min(span.last, first + BLOCKS_AT_ONCE - 1))
                chunk = source.fetch(piece, wanted)
                writer.add(chunk)
                _count(counts, chunk)
                shown.advance(piece.blocks)
    finally:
        writer.close()
    return counts


def _count(counts: dict[str, int], chunk: Chunk) -> None:
    for name in ("blocks", "transactions", "receipts", "logs", "traces"):
        table: Any = getattr(chunk, name)
        if table is not None:
            counts[name] = counts.get(name, 0) + table.num_rows
