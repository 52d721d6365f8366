"""Recordings in Parquet: one file for each raw table, and what they cover in `recording.json`.

Bytes and numbers stand as in `index.blocks`. Signatures and some header fields are no columns of
raw tables, so such a recording cannot be verified again: verify what is recorded.
"""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diptych.core.errors import LedgerError
from diptych.index.blocks import BlockRef, Chunk, LogSelector, Span, Wanted, logs_schema
from diptych.index.source.assembling import last_ref
from diptych.index.source.bounded import read_json
from diptych.index.source.recording.recorder import FORMAT, NOTE, SCHEMAS, Choice, Note, fitted
from diptych.index.source.selection import select_logs
from diptych.index.source.source import Identity, MalformedFile, NotOffered, WrongFiles

if TYPE_CHECKING:
    import pyarrow as pa

_MAX_NOTE_BYTES = 4 << 20
_MAX_GROUP_ROWS, _MAX_GROUP_BYTES = 1 << 20, 1 << 29
_LINKS = ["number", "hash", "parent_hash", "timestamp_s"]


class ParquetRecording:
    """Blocks of a folder that `Recorder` wrote."""

    def __init__(self, folder: Path, *, sleep: Callable[[float], None] = time.sleep) -> None:
        """Open a recording.

        Args:
            folder: where it stands.
            sleep: waits some seconds.

        Raises:
            WrongFiles: no recording.
            MalformedFile: a file is damaged or of another kind; the message names it.
        """
        self._folder, self._sleep = folder, sleep
        self._note = _read_note(folder)
        for name in self._note.tables:
            self._read(name, [])

    def identity(self) -> Identity:
        """Return the first block recorded."""
        first = self._ref(self._note.first)
        name = f"recording:{self._folder.name}"
        return Identity(self._note.chain_id, first.hash, first.number, name)

    def head(self) -> BlockRef:
        """Return the last block recorded."""
        return self._ref(self._note.last)

    def header(self, number: int) -> BlockRef | None:
        """Return a block, None outside the recording."""
        return self._ref(number) if self._note.first <= number <= self._note.last else None

    def wait(self, timeout_s: float) -> None:
        """Wait; recordings do not grow."""
        self._sleep(timeout_s)

    def fetch(self, span: Span, wanted: Wanted) -> Chunk:
        """Return what is wanted of a span.

        Raises:
            NotOffered: something of it was not recorded, or verification.
        """
        if wanted.verified:
            raise NotOffered(
                "a Parquet recording holds too little to be verified",
                hint="verify while you record, or index from era1 files, JSON or an endpoint",
            )
        note = self._note
        if span.blocks < 1 or span.first < note.first or span.last > note.last:
            raise NotOffered(
                f"got blocks {span.first} to {span.last}, the recording holds {note.first} to "
                f"{note.last}"
            )
        self._require_logs(wanted)
        logs = wanted.logs or wanted.receipts
        return Chunk(
            span=span,
            last=self._ref(span.last),
            blocks=self._rows("blocks", span),
            logs=select_logs(self._rows("logs", span), wanted)
            if logs
            else logs_schema().empty_table(),
            transactions=self._rows("transactions", span) if wanted.transactions else None,
            receipts=self._rows("receipts", span) if wanted.receipts else None,
            traces=self._rows("traces", span) if wanted.traces else None,
        )

    def _require_logs(self, wanted: Wanted) -> None:
        recorded = [_selector(choice) for choice in self._note.logs]
        asked = (LogSelector(),) if wanted.receipts else wanted.logs
        for one in asked:
            if not any(_covers(each, one) for each in recorded):
                raise NotOffered("other logs are wanted than were recorded")

    def _rows(self, name: str, span: Span) -> "pa.Table":
        if name not in self._note.tables:
            raise NotOffered(f"no {name} were recorded")
        key = "number" if name == "blocks" else "block_number"
        return self._read(name, [(key, ">=", span.first), (key, "<=", span.last)])

    def _read(
        self, name: str, rows: list[tuple[str, str, int]], columns: list[str] | None = None
    ) -> "pa.Table":
        """Read rows, or with no condition only the schema."""
        import pyarrow as pa
        from pyarrow import parquet

        path = self._folder / f"{name}.parquet"
        try:
            if not rows:
                file = parquet.ParquetFile(path)
                _require_bounded(path.name, file.metadata)
                return fitted(name, file.schema_arrow.empty_table())
            read = parquet.read_table(path, filters=rows, columns=columns)
            return fitted(name, read) if columns is None else read
        except (pa.ArrowException, OSError, KeyError) as error:
            raise MalformedFile(f"{path.name}: cannot be read: {str(error)[:100]}") from None

    def _ref(self, number: int) -> BlockRef:
        found = self._read("blocks", [("number", "==", number)], _LINKS)
        if found.num_rows != 1:
            raise NotOffered(f"got {found.num_rows} rows of block {number}, expected 1")
        return last_ref(found)


def _require_bounded(name: str, told: Any) -> None:
    """Refuse groups of rows that would need much memory, however small the file is."""
    for at in range(told.num_row_groups):
        group = told.row_group(at)
        if group.num_rows > _MAX_GROUP_ROWS or group.total_byte_size > _MAX_GROUP_BYTES:
            raise MalformedFile(
                f"{name}: got a group of {group.num_rows} rows and {group.total_byte_size} bytes, "
                f"expected at most {_MAX_GROUP_ROWS} and {_MAX_GROUP_BYTES}"
            )


def _read_note(folder: Path) -> Note:
    path = folder / NOTE
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_NOTE_BYTES + 1)
        note: Note = read_json(raw, Note, max_bytes=_MAX_NOTE_BYTES, max_depth=8)
    except FileNotFoundError:
        raise WrongFiles(f"{folder}: got no {NOTE}, expected a recording") from None
    except OSError as error:
        raise MalformedFile(f"{path.name}: cannot be read: {error.strerror}") from None
    except LedgerError as error:
        raise MalformedFile(f"{path.name}: {error.message}") from None
    unknown = set(note.tables) - set(SCHEMAS)
    if note.format != FORMAT or unknown or "blocks" not in note.tables:
        raise MalformedFile(f"{path.name}: got format {note.format} of {note.tables}")
    return note


def _selector(choice: Choice) -> LogSelector:
    try:
        return LogSelector(_hexes(choice.addresses), _hexes(choice.topics))
    except ValueError:
        raise MalformedFile(f"{NOTE}: got a choice of logs that is no hex") from None


def _hexes(texts: Iterable[str]) -> frozenset[bytes]:
    return frozenset(bytes.fromhex(text.removeprefix("0x")) for text in texts)


def _covers(recorded: LogSelector, asked: LogSelector) -> bool:
    pairs = ((recorded.addresses, asked.addresses), (recorded.topics, asked.topics))
    return all(not held or (bool(wished) and wished <= held) for held, wished in pairs)
