"""The graph of one log as a file: opened, caught up, asked.

`.diptych/graph.sqlite` is a cache. It speeds up finding what belongs together; whatever is shown
as verified is read from the log and verified there. A damaged or foreign file is replaced.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from diptych.core.database import Connect, Connection, Row, connect_sqlite
from diptych.core.progress import ProgressFactory, silent
from diptych.provenance.graph.catch_up import CaughtUp, catch_up
from diptych.provenance.graph.errors import GraphUnusable
from diptych.provenance.graph.file import in_memory, open_file, replace_file
from diptych.provenance.graph.walking import IndexedEdge
from diptych.provenance.log import LogReader

T = TypeVar("T")
_CHUNK = 400


@dataclass(frozen=True, slots=True)
class IndexedNode:
    """One record as the graph holds it; `record` is the 32-byte record id."""

    index: int
    record: bytes
    kind: str
    name: str
    time_s: int
    signers: tuple[str, ...]


@dataclass(frozen=True)
class AsOf:
    """How many records had been logged by a date, by their claimed times.

    Attributes:
        size: every record below it claims a time up to the date.
        ended_by: the first record that claims a later one, None if there is none.
    """

    size: int
    ended_by: int | None


class Graph:
    """A graph file; use as a context manager, from one thread.

    Args:
        path: made if missing. If it cannot be written, a copy in memory stands in.
        connect: opens the database.
    """

    def __init__(self, path: Path, *, connect: Connect = connect_sqlite) -> None:
        self._path = path
        self._connect = connect
        self._connection = open_file(path, connect)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def connection(self) -> Connection:
        """The file, for the other modules of this package."""
        return self._connection

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def catch_up(
        self, log: LogReader, *, progress: ProgressFactory = silent, rebuild: bool = False
    ) -> CaughtUp:
        """Add what the log has more; see `catch_up.catch_up`.

        Raises:
            GraphUnusable: the file cannot be written, not even after it was made anew.
        """
        try:
            return catch_up(self._connection, log, progress=progress, rebuild=rebuild)
        except sqlite3.OperationalError:  # read-only, full or locked for long
            self._connection.close()
            self._connection = in_memory(self._connect)
        except (sqlite3.Error, ValueError):
            self._replace()
        try:
            return catch_up(self._connection, log, progress=progress)
        except sqlite3.Error as error:
            raise GraphUnusable(f"cannot use {self._path}: {error}") from error

    def ask(self, log: LogReader, question: Callable[["Graph"], T]) -> T:
        """Return the answer to a question; if the file turns out to be damaged, ask a new one.

        Raises:
            GraphUnusable: the new one cannot be read either.
        """
        try:
            return question(self)
        except (sqlite3.Error, ValueError, TypeError):
            self._replace()
        try:
            catch_up(self._connection, log, rebuild=True)
            return question(self)
        except sqlite3.Error as error:
            raise GraphUnusable(f"cannot use {self._path}: {error}") from error

    def nodes(self, indexes: Iterable[int]) -> dict[int, IndexedNode]:
        """Return records by log index."""
        sql = (
            "SELECT n.idx, n.record, k.text, n.name, n.time, s.text FROM nodes n"
            " JOIN words k ON k.id = n.kind JOIN words s ON s.id = n.signers WHERE n.idx IN "
        )
        return {
            row[0]: IndexedNode(row[0], row[1], row[2], row[3], row[4], tuple(row[5].split()))
            for row in self._chunked(sql, sorted(indexes))
        }

    def edges_from(
        self, indexes: Sequence[int], relations: Iterable[str], *, size: int, limit: int
    ) -> Iterator[IndexedEdge]:
        """Return the edges of these relations that these records state; see `EdgeSource`."""
        words = self._words(relations)
        sql = (
            "SELECT e.src, w.text, CASE WHEN e.dst < ?1 THEN e.dst END,"
            " CASE WHEN e.dst < ?1 THEN NULL WHEN e.dst IS NULL THEN e.pointer"
            " ELSE (SELECT record FROM nodes WHERE idx = e.dst) END, e.extra"
            f" FROM edges e JOIN words w ON w.id = e.rel WHERE e.rel IN ({words})"
            " AND e.src < ?1 AND e.src IN "
        )
        return self._edges(sql, indexes, size=size, limit=limit)

    def edges_to(
        self, indexes: Sequence[int], relations: Iterable[str], *, size: int, limit: int
    ) -> Iterator[IndexedEdge]:
        """Return the edges of these relations that point to these records; see `EdgeSource`."""
        words = self._words(relations)
        sql = (
            "SELECT e.src, w.text, e.dst, NULL, e.extra"
            f" FROM edges e JOIN words w ON w.id = e.rel WHERE e.rel IN ({words})"
            " AND e.src < ?1 AND e.dst IN "
        )
        return self._edges(sql, indexes, size=size, limit=limit)

    def of_kind(self, kind: str, *, size: int) -> list[int]:
        """Return the indexes below `size` of all records of a kind."""
        rows = self._connection.execute(
            "SELECT n.idx FROM nodes n JOIN words k ON k.id = n.kind"
            " WHERE k.text = ? AND n.idx < ? ORDER BY n.idx",
            (kind, size),
        ).fetchall()
        return [int(index) for (index,) in rows]

    def first_index(self, index: int) -> int:
        """Return where the envelope of a record was logged first: one may stand there twice."""
        row = self._connection.execute(
            "SELECT min(b.idx) FROM nodes a JOIN nodes b ON b.record = a.record WHERE a.idx=?",
            (index,),
        ).fetchone()
        return index if row[0] is None else int(row[0])

    def as_of(self, time_s: int) -> AsOf:
        """Return the size of the log at a date, by what its records claim.

        It is the longest beginning of the log in which no record claims a later time. Records that
        are appended from now on cannot change it, whatever time they claim.
        """
        row = self._connection.execute("SELECT size FROM state").fetchone()
        low, high = 0, int(row[0])
        while low < high:
            middle = (low + high) // 2
            (peak,) = self._connection.execute(
                "SELECT peak FROM nodes WHERE idx=?", (middle,)
            ).fetchone()
            low, high = (low, middle) if peak > time_s else (middle + 1, high)
        return AsOf(low, low if low < int(row[0]) else None)

    def _replace(self) -> None:
        self._connection.close()
        self._connection = replace_file(self._path, self._connect, damaged=True)

    def _edges(
        self, sql: str, indexes: Sequence[int], *, size: int, limit: int
    ) -> Iterator[IndexedEdge]:
        for source, relation, target, pointer, extra in self._chunked(
            sql, indexes, before=(size,), limit=limit
        ):
            yield IndexedEdge(source, relation, target, pointer, json.loads(extra) if extra else {})

    def _chunked(
        self,
        sql: str,
        indexes: Sequence[int],
        *,
        before: tuple[int, ...] = (),
        limit: int | None = None,
    ) -> Iterator[Row]:
        left = limit
        for at in range(0, len(indexes), _CHUNK):
            chunk = indexes[at : at + _CHUNK]
            marks = ",".join("?" * len(chunk))
            tail = "" if left is None else f" LIMIT {left}"
            rows = self._connection.execute(f"{sql}({marks}){tail}", (*before, *chunk)).fetchall()
            yield from rows
            if left is not None:
                left -= len(rows)
                if left <= 0:
                    return

    def _words(self, texts: Iterable[str]) -> str:
        """Return the numbers of relations as SQL; unknown ones have no edges."""
        names = sorted(texts)
        marks = ",".join("?" * len(names))
        rows = self._connection.execute(f"SELECT id FROM words WHERE text IN ({marks})", names)
        return ",".join(str(int(number)) for (number,) in rows.fetchall()) or "NULL"
