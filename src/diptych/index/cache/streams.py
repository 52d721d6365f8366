"""What of a chunk is kept apart, each in a stream of its own. Pure."""

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from diptych.index.blocks import (
    Chunk,
    LogSelector,
    Wanted,
    blocks_schema,
    logs_schema,
    receipts_schema,
    traces_schema,
    transactions_schema,
)
from diptych.index.source.recording.recorder import fitted
from diptych.index.source.selection import select_logs

if TYPE_CHECKING:
    import pyarrow as pa

TIME = "timestamp_s"
"""Column of kept logs that raw logs do not have: when their block was."""

_PROVEN = "verified:"


class Stream(NamedTuple):
    """What is kept in one folder.

    Attributes:
        name: for example the addresses of a contract; the same for the same declaration.
        kind: `logs`, `blocks`, `transactions`, `receipts` or `traces`.
        selector: which logs.
    """

    name: str
    kind: str
    selector: LogSelector = LogSelector()

    @property
    def kept_in(self) -> "list[Stream]":
        """The streams whose rows will do: what was verified serves without a wish for it too."""
        if self.name.startswith(_PROVEN):
            return [self]
        return [self, self._replace(name=_PROVEN + self.name)]

    @property
    def since(self) -> int:
        """The first block whose rows matter."""
        return self.selector.since

    @property
    def folder(self) -> str:
        """Name of its folder."""
        return hashlib.blake2b(self.name.encode(), digest_size=16).hexdigest()

    @property
    def schema(self) -> "pa.Schema":
        """Columns of its rows."""
        import pyarrow as pa

        if self.kind == "logs":
            return logs_schema().append(pa.field(TIME, pa.int64(), nullable=False))
        schemas = {
            "blocks": blocks_schema,
            "transactions": transactions_schema,
            "receipts": receipts_schema,
            "traces": traces_schema,
        }
        return schemas[self.kind]()

    @property
    def number(self) -> str:
        """Column that holds the height."""
        return "number" if self.kind == "blocks" else "block_number"

    def rows(self, chunk: Chunk) -> "pa.Table":
        """Return what is kept of a chunk that was fetched with `wanted_of([this, ...])`."""
        if self.kind == "logs":
            return _with_time(select_logs(chunk.logs, Wanted(logs=(self.selector,))), chunk)
        return fitted(self.kind, getattr(chunk, self.kind))


def streams_of(wanted: Wanted) -> list[Stream]:
    """Return the streams that together hold what is wanted."""
    proven = _PROVEN if wanted.verified else ""
    found: dict[str, Stream] = {}
    selectors = (LogSelector(stream="*"),) if wanted.receipts else wanted.logs
    for one in selectors:
        name = f"{proven}logs:{_text(one)}"
        since = min(one.since, found[name].selector.since) if name in found else one.since
        found[name] = Stream(name, "logs", one._replace(stream="", since=since))
    kinds = {
        "blocks": wanted.links or wanted.transactions or wanted.receipts or wanted.traces,
        "transactions": wanted.transactions,
        "receipts": wanted.receipts,
        "traces": wanted.traces,
    }
    for kind, kept in kinds.items():
        if kept:
            whole = kind == "blocks" and (wanted.transactions or wanted.receipts)
            name = f"{proven}{'whole ' if whole else ''}{kind}"
            found[name] = Stream(name, kind)
    return list(found.values())


def wanted_of(streams: list[Stream], wanted: Wanted) -> Wanted:
    """Return what to fetch for some of the streams of a wish."""
    kinds = {one.kind for one in streams}
    return Wanted(
        logs=tuple(one.selector for one in streams if one.kind == "logs"),
        transactions="transactions" in kinds or (wanted.transactions and "blocks" in kinds),
        receipts="receipts" in kinds,
        traces="traces" in kinds,
        verified=wanted.verified,
        links=wanted.links or "blocks" in kinds,
    )


def _text(selector: LogSelector) -> str:
    if selector.stream:
        return selector.stream
    parts = (sorted(selector.addresses), sorted(selector.topics))
    return "/".join(",".join(one.hex() for one in part) or "*" for part in parts)


def _with_time(logs: "pa.Table", chunk: Chunk) -> "pa.Table":
    import numpy as np
    import pyarrow as pa

    numbers = chunk.blocks.column("number").to_numpy()
    times = chunk.blocks.column(TIME).to_numpy()
    places = np.searchsorted(numbers, logs.column("block_number").to_numpy())
    column = pa.chunked_array([pa.array(times[places], pa.int64())])
    return logs.append_column(pa.field(TIME, pa.int64(), nullable=False), column)
