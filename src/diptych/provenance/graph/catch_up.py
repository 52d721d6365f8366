"""Bring the graph file up to the log: in batches, each one transaction that also says how far.

The file holds a prefix of the log and the root of that prefix. If origin or root do not fit the
log any more (another log, a restored backup), everything is forgotten and read again.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from diptych.core.database import Connection, transaction
from diptych.core.progress import ProgressFactory, silent
from diptych.provenance.graph.extract import RecordNode, node_of
from diptych.provenance.graph.schema import empty
from diptych.provenance.log import LogReader
from diptych_verify.statement import Edge

BATCH_RECORDS = 4_096
_MAX_EXTRA_CHARACTERS = 4_096
_INSERT_NODE = "INSERT INTO nodes VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_EDGE = "INSERT INTO edges VALUES (?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True)
class CaughtUp:
    """What a catch-up did: the size now, how many records it read, and whether from the start."""

    size: int
    added: int
    rebuilt: bool


def catch_up(
    connection: Connection,
    log: LogReader,
    *,
    progress: ProgressFactory = silent,
    rebuild: bool = False,
) -> CaughtUp:
    """Add to the graph what the log has more than it.

    Args:
        connection: the prepared graph file.
        log: opened for reading.
        progress: shows the records done.
        rebuild: forget everything first.

    Raises:
        Corrupt: the log has a hole.
    """
    target = log.size
    size, fits = _prefix(connection, log)
    rebuilt = rebuild or not fits
    if rebuilt:
        with transaction(connection):
            size, fits = _prefix(connection, log)
            if rebuild or not fits:
                empty(connection)
                size = 0
    before = size
    if size < target:
        with progress("indexing", total=target - size, unit="record") as task:
            while size < target:
                reached = _one_batch(connection, log, target)
                task.advance(reached - size)
                size = reached
    return CaughtUp(size, size - before, rebuilt)


def _prefix(connection: Connection, log: LogReader) -> tuple[int, bool]:
    origin, size, root = connection.execute("SELECT origin, size, root FROM state").fetchone()
    if size == 0:
        return 0, True
    return int(size), origin == log.origin and size <= log.size and root == log.root(size)


def _one_batch(connection: Connection, log: LogReader, target: int) -> int:
    """Add the next batch, behind whatever another process may have added meanwhile."""
    with transaction(connection):
        (start,) = connection.execute("SELECT size FROM state").fetchone()
        stop = min(target, start + BATCH_RECORDS)
        if start >= stop:
            return int(start)
        _Batch(connection, start).write(log.entries(start, stop))
        connection.execute(
            "UPDATE state SET origin=?, size=?, root=?", (log.origin, stop, log.root(stop))
        )
    return int(stop)


class _Batch:
    """The rows of one batch."""

    def __init__(self, connection: Connection, start: int) -> None:
        self._connection = connection
        self._start = start
        self._words: dict[str, int] = {}
        self._known: dict[bytes, int] = {}
        row = connection.execute("SELECT peak FROM nodes WHERE idx=?", (start - 1,)).fetchone()
        self._peak: int | None = None if row is None else row[0]

    def write(self, envelopes: Iterable[bytes]) -> None:
        nodes: list[tuple[object, ...]] = []
        edges: list[tuple[object, ...]] = []
        for index, envelope in enumerate(envelopes, start=self._start):
            node = node_of(envelope)
            nodes.append(self._node_row(index, node))
            edges += [self._edge_row(index, at, edge) for at, edge in enumerate(node.edges)]
            self._known.setdefault(node.record, index)
        self._connection.executemany(_INSERT_NODE, nodes)
        self._connection.executemany(_INSERT_EDGE, edges)
        self._settle()

    def _node_row(self, index: int, node: RecordNode) -> tuple[object, ...]:
        peak = node.time_s if self._peak is None else max(self._peak, node.time_s)
        if node.kind:
            self._peak = peak
        kind, signers = self._word(node.kind), self._word(" ".join(node.signers))
        shown = node.name.encode(errors="replace").decode()
        return (index, node.record, kind, shown, node.time_s, peak, signers, node.manifest)

    def _edge_row(self, index: int, at: int, edge: Edge) -> tuple[object, ...]:
        target = None if edge.record is None else self._find(edge.record)
        extra = json.dumps(edge.extra) if edge.extra else None
        if extra is not None and len(extra) > _MAX_EXTRA_CHARACTERS:
            extra = None
        pointer = edge.record if target is None else None
        return (index, at, self._word(edge.relation), target, pointer, extra)

    def _find(self, record: bytes) -> int | None:
        """Return the first position of a record: the same envelope may stand in a log twice."""
        row = self._connection.execute(
            "SELECT min(idx) FROM nodes WHERE record=?", (record,)
        ).fetchone()
        return self._known.get(record) if row[0] is None else int(row[0])

    def _settle(self) -> None:
        """Join edges to records that were logged after the record that names them."""
        rows = self._connection.execute(
            "SELECT e.src, e.pos, min(n.idx) FROM edges e JOIN nodes n ON n.record = e.pointer"
            " WHERE e.dst IS NULL AND e.pointer IS NOT NULL AND n.idx >= ?"
            " GROUP BY e.src, e.pos",
            (self._start,),
        ).fetchall()
        self._connection.executemany(
            "UPDATE edges SET dst=?, pointer=NULL WHERE src=? AND pos=?",
            [(index, source, at) for source, at, index in rows],
        )

    def _word(self, text: str) -> int:
        known = self._words.get(text)
        if known is None:
            known = self._words[text] = self._intern(text)
        return known

    def _intern(self, text: str) -> int:
        self._connection.execute("INSERT OR IGNORE INTO words (text) VALUES (?)", (text,))
        row = self._connection.execute("SELECT id FROM words WHERE text=?", (text,)).fetchone()
        return int(row[0])
