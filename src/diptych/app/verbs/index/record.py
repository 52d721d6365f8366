"""`index record`: write blocks of a chain into files."""

from dataclasses import dataclass
from pathlib import Path

from diptych.app.verbs.index.origin import Origin, open_origin
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.index.blocks import LogSelector, Span, Wanted
from diptych.index.etl.exporting import EtlWriter, Writer, export_blocks
from diptych.index.source.recording.recorder import Recorder
from diptych.index.source.source import NotOffered

FORMS = ("parquet", "csv", "json")


@dataclass(frozen=True)
class Recording:
    """What is recorded.

    Attributes:
        first: first block, None for the first there is.
        last: last block, None for the head.
        form: `parquet`, or `csv` or `json` as ethereum-etl writes them.
        traces: whether call traces come too.
        verified: whether every root, bloom and sender is recomputed.
        logs_only: whether transactions and receipts are left out.
    """

    first: int | None = None
    last: int | None = None
    form: str = "parquet"
    traces: bool = False
    verified: bool = False
    logs_only: bool = False


@dataclass(frozen=True)
class Recorded:
    """What was recorded: where from, which blocks, how many rows of each table."""

    source: str
    first: int
    last: int
    rows: dict[str, int]

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return {**vars(self), "rows": dict(self.rows)}


def record(workspace: Workspace, folder: Path, origin: Origin, asked: Recording) -> Recorded:
    """Write blocks into files of a folder.

    Args:
        workspace: whose settings and chain profiles.
        folder: is made; must not hold such files.
        origin: where blocks come from.
        asked: what is recorded.

    Raises:
        NotOffered: the source has not all of it, or no such blocks.
        ProofMismatch: a block is not what its header commits to.
        WrongFiles: the folder holds files already.
    """
    source = open_origin(workspace, origin, verified=asked.verified)
    identity, head = source.identity(), source.head().number
    first = identity.first if asked.first is None else asked.first
    last = head if asked.last is None else asked.last
    if not identity.first <= first <= last <= head:
        raise NotOffered(f"got blocks {first} to {last}, the source has {identity.first} to {head}")
    wanted = Wanted(
        logs=(LogSelector(),),
        transactions=not asked.logs_only,
        receipts=not asked.logs_only,
        traces=asked.traces,
        verified=asked.verified,
    )
    writer: Writer
    if asked.form == "parquet":
        writer = Recorder(folder, wanted, chain_id=identity.chain_id)
    else:
        writer = EtlWriter(folder, form=asked.form)
    span = Span(first, last)
    rows = export_blocks(source, span, wanted, writer, progress=workspace.progress)
    return Recorded(identity.name, first, last, rows)
