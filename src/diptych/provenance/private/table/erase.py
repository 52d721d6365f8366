"""Erase subjects, rows or single fields of a private table, or all of it, so that nothing is left.

Order: note what goes; destroy the keys and rewrite their file; overwrite the ciphertext; then the
caller logs an `erased` record and calls `settle`. An erasure that was cut off before the keys went
did not happen; one that was cut off later is finished by `finish_erasing`.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from diptych.provenance.private.errors import PrivateCorrupt, PrivateErased, SubjectColumn
from diptych.provenance.private.table.boxes import KEY_BYTES
from diptych.provenance.private.table.cells import lock_row, prefixes_of, unlock_row
from diptych.provenance.private.table.keys import RowKey, SubjectEntry
from diptych.provenance.private.table.layout import Run, runs_of
from diptych.provenance.private.table.opened import OpenedTable
from diptych.provenance.private.table.seal import TableStores
from diptych.provenance.private.table.store import Erasing


@dataclass(frozen=True)
class Erasure:
    """What is to be erased of one subject.

    Attributes:
        subject: whose rows.
        blocks: which of its rows, empty for all.
        columns: which fields of these rows, empty for all.
    """

    subject: SubjectEntry
    blocks: frozenset[int] = frozenset()
    columns: tuple[str, ...] = ()


class TableEraser:
    """Erases parts of one opened table.

    Args:
        table: opened.
        stores: where it is kept.
    """

    def __init__(self, table: OpenedTable, stores: TableStores) -> None:
        self._table = table
        self._stores = stores
        self._id = table.entry.id

    def erase(self, erasures: Sequence[Erasure]) -> list[Run]:
        """Destroy keys, salts and payload; return the leaves that are gone.

        Raises:
            PrivateErased: nothing that was asked for is left.
            EraseIncomplete: another process keeps old pages alive; erase again.
        """
        plan = _Plan(self._table)
        wanted: dict[int, _Wanted] = {}
        for erasure in erasures:
            found = wanted.setdefault(erasure.subject.id, _Wanted(erasure.subject))
            found.add(erasure, self._places(erasure.columns))
        for one in wanted.values():
            plan.add(one.subject, one.blocks)
        if not plan.erasing:
            raise PrivateErased("nothing is left of what should be erased")
        self._stores.tables.begin_erasing(self._id, plan.erasing)
        self._stores.keys.replace(self._table.root, plan.kept)
        return self.finish()

    def finish(self) -> list[Run]:
        """Finish what was begun: wipe keys and rows whose keys are gone; return their leaves.

        What an earlier, interrupted call has destroyed without a record is in the answer too.

        Raises:
            EraseIncomplete: another process keeps old pages alive; erase again.
        """
        done, undone = self._open()
        if not done and not undone:
            return []
        self._stores.keys.wipe()
        self._stores.tables.settle(undone=undone)
        self._stores.tables.wipe(self._id, done)
        return runs_of(self._runs(done))

    def settle(self) -> None:
        """Note that an `erased` record says what is gone."""
        self._stores.tables.settle(logged=self._open()[0])

    def _places(self, columns: Sequence[str]) -> set[int] | None:
        if columns and self._table.about.get("subject") in columns:
            raise SubjectColumn(
                "this column says whose row it is, and stands in the key store too",
                hint="erase the whole row, without --column",
            )
        return {self._table.layout.place(name) for name in columns} if columns else None

    def _open(self) -> tuple[list[Erasing], list[Erasing]]:
        """Return the erasures without a record: those that happened, and those that did not."""
        done: list[Erasing] = []
        undone: list[Erasing] = []
        for one in self._stores.tables.erased(self._id, unlogged=True):
            (undone if self._still_there(one) else done).append(one)
        return done, undone

    def _still_there(self, one: Erasing) -> bool:
        """Tell whether the key that an erasure should destroy is still in the key store."""
        entry = None
        if one.entry is not None:
            entry = self._stores.keys.entry(self._table.root, one.entry)
        key = (
            next((row.key for row in entry.rows if row.block == one.block), None) if entry else None
        )
        if key is None or one.places is None:
            return key is not None
        body = one.instead or self._stores.tables.body(self._id, one.block)
        try:
            unlock_row(key, body, self._table.layout.width)
        except PrivateCorrupt:
            return True
        return False

    def _runs(self, done: Iterable[Erasing]) -> Iterable[Run]:
        width = self._table.layout.width
        for one in done:
            first = one.block * width
            if one.places is None:
                yield first, width
            else:
                yield from ((first + place, 1) for place in one.places)


@dataclass(frozen=True)
class _Wanted:
    """What goes of one subject: by block the places of fields, None for the whole row."""

    subject: SubjectEntry
    blocks: dict[int, set[int] | None] = field(default_factory=dict)

    def add(self, erasure: Erasure, places: set[int] | None) -> None:
        for row in erasure.subject.rows:
            if not erasure.blocks or row.block in erasure.blocks:
                before = self.blocks.get(row.block, set())
                if before is not None and places is not None:
                    self.blocks[row.block] = before | places
                else:
                    self.blocks[row.block] = None


class _Plan:
    """Gathers what happens to each subject and row."""

    def __init__(self, table: OpenedTable) -> None:
        self.erasing: list[Erasing] = []
        self.kept: list[tuple[SubjectEntry, list[RowKey]]] = []
        self._table = table
        self._prefixes = prefixes_of(table.columns)

    def add(self, subject: SubjectEntry, wanted: dict[int, set[int] | None]) -> None:
        kept = []
        for row in subject.rows:
            if row.block not in wanted:
                kept.append(row)
                continue
            places = wanted[row.block]
            remaining = None if places is None else self._punctured(row, places, subject)
            if remaining is None:
                self.erasing.append(Erasing(row.block, None, subject.id))
            else:
                kept.append(remaining)
        if kept != list(subject.rows):
            self.kept.append((subject, kept))

    def _punctured(self, row: RowKey, places: set[int], subject: SubjectEntry) -> RowKey | None:
        """Seal the rest of a row under a new key; None if nothing of it would be left."""
        before = self._table.open_row(row)
        fresh = sorted(places - before.gone)
        if len(before.gone | places) == len(self._table.columns):
            return None
        if not fresh:
            return row
        after = before.without(fresh, self._prefixes)
        key = secrets.token_bytes(KEY_BYTES)
        rest = lock_row(key, after)
        self.erasing.append(Erasing(row.block, tuple(sorted(after.gone)), subject.id, rest))
        return RowKey(row.block, key)


def erase_table(root: bytes, stores: TableStores) -> None:
    """Destroy every key, row and node of a table, and its description; needs no master key.

    Keys go first: from then on nothing can be opened. May be called again.

    Raises:
        PrivateMissing: no such table was sealed here.
        EraseIncomplete: another process keeps old pages alive; erase again.
    """
    entry = stores.tables.find(root)
    stores.keys.forget(root)
    stores.keys.wipe()
    stores.tables.drop(entry)
    stores.objects.remove(entry.object_name)
