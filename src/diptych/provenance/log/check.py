"""Checking a log against itself: the head on every open for append, everything on request."""

import sqlite3
from collections.abc import Iterator, Sequence

from diptych.core.database import Row
from diptych.core.progress import ProgressFactory
from diptych.provenance.log.edge import Edge
from diptych.provenance.log.errors import Corrupt, storage_error
from diptych.provenance.log.finder import RUN_LENGTH, build_run
from diptych.provenance.log.store import Store, tile_id
from diptych.provenance.log.tiles import TILE_HEIGHT, TILE_WIDTH, split_tile
from diptych_verify.merkle import leaf_hash
from diptych_verify.note import VerifierKey, verify_checkpoint, verify_cosignature

_CHUNK_ENTRIES = 256


def check_head(store: Store, key: VerifierKey) -> Edge:
    """Check the newest signed head against the stored tiles and newest entries.

    Returns:
        The edge to append to.

    Raises:
        Corrupt: the root does not follow from the data.
        BadSignature: the log's key did not sign it.
    """
    head = store.head()
    edge = Edge.load(head.size, store.load_tile)
    if edge.root() != head.root:
        raise Corrupt(
            f"{store.path}: at size {head.size} the data give root {edge.root().hex()}, "
            f"but {head.root.hex()} was signed",
            hint="diptych log check --full names the entry",
            size=head.size,
        )
    verify_checkpoint(head.note(key), key)
    return edge


def check_everything(store: Store, key: VerifierKey, progress: ProgressFactory) -> None:
    """Recompute every hash from the entries; memory stays bounded.

    Raises:
        Corrupt: naming the first bad index or tile.
        BadSignature: the newest or a cosigned checkpoint does not verify.
    """
    _check_pages(store)
    size = store.head().size
    check = _FullCheck(store)
    with progress("checking the log", total=size, unit=" entries") as task:
        for rows in _stream(store, size):
            check.feed(rows)
            task.advance(len(rows))
    check.finish(size)
    _check_tables(store, size)
    check_head(store, key)
    for at, witness, line in store.rows("SELECT size, witness, line FROM cosignatures"):
        note = store.head_at(at).note(key)
        verify_checkpoint(note, key)
        verify_cosignature(note + line, VerifierKey.parse(witness))


class _FullCheck:
    """Rebuilds the tree entry by entry and compares it with what is stored."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._edge = Edge()
        self._pending: list[bytes] = []
        self._run: list[bytes] = []
        self._good = 0  # size of the last signed head that agreed

    def feed(self, rows: Sequence[Row]) -> None:
        for index, envelope, root in rows:
            self._pending.append(leaf_hash(envelope))
            if root is not None or len(self._pending) == TILE_WIDTH:
                self._flush()
            if root is not None:
                if self._edge.root() != root:
                    raise self._wrong_root(index)
                self._good = index + 1

    def finish(self, size: int) -> None:
        self._flush()
        for level in range(1, self._edge.last_level + 1):
            hashes = self._edge.hashes(level)
            if hashes:
                number = size >> (level + 1) * TILE_HEIGHT
                self._compare_tile(level, number, b"".join(hashes))

    def _flush(self) -> None:
        changed = self._edge.extend(self._pending)
        for (level, number), body in changed.items():
            if len(body) == TILE_WIDTH * 32:
                self._compare_tile(level, number, body)
                if level == 0:
                    self._extend_run(number, split_tile(body))
        self._pending.clear()

    def _extend_run(self, number: int, leaves: list[bytes]) -> None:
        self._run += leaves
        if len(self._run) < RUN_LENGTH:
            return
        run = number * TILE_WIDTH // RUN_LENGTH
        stored: dict[int, bytes] = dict(
            self._store.rows(
                "SELECT id, body FROM finder WHERE id>=? AND id<?", (run << 8, run + 1 << 8)
            )
        )
        if stored != dict(build_run(run, self._run)):
            raise Corrupt(
                f"{self._store.path}: the record index of entries {run * RUN_LENGTH} to "
                f"{(run + 1) * RUN_LENGTH - 1} is wrong",
                index=run * RUN_LENGTH,
            )
        self._run.clear()

    def _compare_tile(self, level: int, number: int, body: bytes) -> None:
        stored = self._store.tile_body(level, number) or b""
        if stored == body:
            return
        position = _first_difference(stored, body)
        index = (number * TILE_WIDTH + position) << level * TILE_HEIGHT
        raise Corrupt(
            f"{self._store.path}: tile {level}/{number} and entry {index} contradict each other",
            level=level,
            number=number,
            index=index,
        )

    def _wrong_root(self, index: int) -> Corrupt:
        number = index // TILE_WIDTH
        stored = self._store.tile_body(0, number)
        bad = self._good
        if stored is not None:  # every entry may agree with it: then the root itself is wrong
            computed = self._edge.hashes(0)
            position = _first_difference(stored, b"".join(computed))
            bad = number * TILE_WIDTH + position if position < len(computed) else index
        return Corrupt(
            f"{self._store.path}: the signed root at size {index + 1} does not follow from the "
            f"entries; the first that can be wrong is {bad}",
            index=bad,
            size=index + 1,
        )


def _first_difference(stored: bytes, computed: bytes) -> int:
    """Return the position of the first hash that differs."""
    pairs = zip(split_tile(stored), split_tile(computed), strict=False)
    same = (position for position, (one, two) in enumerate(pairs) if one != two)
    return next(same, min(len(stored), len(computed)) // 32)


def _stream(store: Store, size: int) -> Iterator[list[Row]]:
    """Yield (index, envelope, root) rows in chunks; every index must be there."""
    for start in range(0, size, _CHUNK_ENTRIES):
        stop = min(size, start + _CHUNK_ENTRIES)
        rows = store.rows(
            "SELECT idx, envelope, root FROM entries WHERE idx>=? AND idx<? ORDER BY idx",
            (start, stop),
        )
        for index, row in enumerate(rows, start=start):
            if row[0] != index:
                raise Corrupt(f"{store.path}: entry {index} is missing", index=index)
        if len(rows) != stop - start:
            missing = start + len(rows)
            raise Corrupt(f"{store.path}: entry {missing} is missing", index=missing)
        yield rows


def _check_pages(store: Store) -> None:
    """Let SQLite check the file and the types of all columns, on which all that follows relies."""
    try:
        report = store.connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise storage_error(store.path, error) from error
    if report[0] != "ok":
        raise Corrupt(f"{store.path}: {report[0]}", hint="diptych restore BACKUP")


def _check_tables(store: Store, size: int) -> None:
    """Check what the walk over the entries does not see."""
    for query, what in (
        ("SELECT idx FROM entries WHERE idx<0 OR idx>=? LIMIT 1", "entry"),
        ("SELECT idx FROM labels WHERE idx<0 OR idx>=? LIMIT 1", "label"),
        ("SELECT size FROM cosignatures WHERE size<0 OR size>? LIMIT 1", "cosignature"),
    ):
        row = store.row(query, (size,))
        if row is not None:
            raise Corrupt(f"{store.path}: a {what} stands at {row[0]} of {size}", index=row[0])
    stray = store.row(
        "SELECT id FROM tiles WHERE id>=? AND id<? LIMIT 1",
        (tile_id(0, size // TILE_WIDTH), tile_id(1, 0)),
    )
    if stray is not None:
        raise Corrupt(f"{store.path}: tile 0/{stray[0]} lies beyond the log", number=stray[0])
