"""Bring keys of tables back from a copy, without those of anything that was erased since."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from diptych.provenance.private.errors import PrivateMissing
from diptych.provenance.private.table.keys import DataKeys, RowKey, SubjectEntry
from diptych.provenance.private.table.layout import Run
from diptych.provenance.private.table.store import Erasing, TableStore


@dataclass(frozen=True)
class Gone:
    """What is known to be erased of a table: `runs` of leaves, None for all; leaves per row."""

    runs: tuple[Run, ...] | None
    width: int

    def touches(self, block: int) -> bool:
        """Tell whether anything of a row was erased.

        Its key opens the erased fields too, so it must not come back even if only one is gone.
        """
        if self.runs is None:
            return True
        first, end = block * self.width, (block + 1) * self.width
        return any(at < end and first < at + count for at, count in self.runs)

    def blocks(self) -> set[int]:
        """Return the rows that were erased as a whole, or in part."""
        return {
            block
            for at, count in self.runs or ()
            for block in range(at // self.width, (at + count - 1) // self.width + 1)
        }


@dataclass(frozen=True)
class Adopted:
    """What came back, and how many rows did not because something of them was erased."""

    tables: int = 0
    subjects: int = 0
    dropped: int = 0


def adopt_keys(live: DataKeys, copy: DataKeys, gone: Mapping[bytes, Gone]) -> Adopted:
    """Add the keys of a copy that are missing here; nothing that is here is changed.

    Args:
        live: the key store in use.
        copy: keys from a backup, in memory.
        gone: all known erasures by root.
    """
    tables = subjects = dropped = 0
    known = set(live.roots())
    for root in copy.roots():
        erased = gone.get(root)
        if live.was_forgotten(root) or (erased is not None and erased.runs is None):
            dropped += sum(len(one.rows) for one in copy.subjects(root))
            continue
        wanted: list[tuple[str, list[RowKey]]] = []
        for subject in copy.subjects(root):
            rows = [one for one in subject.rows if erased is None or not erased.touches(one.block)]
            dropped += len(subject.rows) - len(rows)
            if rows and (root not in known or live.find(root, subject.name) is None):
                wanted.append((subject.name, rows))
        if root not in known:
            live.add_table(root, copy.table_key(root), wanted)
            tables += 1
        else:
            live.add_subjects(root, wanted)
        subjects += len(wanted)
    return Adopted(tables, subjects, dropped)


def scrub_keys(keys: DataKeys, tables: TableStore, gone: Mapping[bytes, Gone]) -> int:
    """Destroy what is here of keys and rows that are known to be erased; return how many rows.

    For stores that came from an old backup as they were.

    Raises:
        EraseIncomplete: another process keeps old pages alive; call again.
    """
    count = 0
    for root, erased in gone.items():
        changes = _kept(keys, root, erased.touches)
        count += sum(len(subject.rows) - len(rows) for subject, rows in changes)
        if erased.runs is None:
            keys.forget(root)
        elif changes:
            keys.replace(root, changes)
    if gone:
        keys.wipe()
    for root, erased in gone.items():
        _scrub_rows(tables, root, erased)
    return count


def _kept(
    keys: DataKeys, root: bytes, touched: Callable[[int], bool]
) -> list[tuple[SubjectEntry, list[RowKey]]]:
    """Return the subjects that lose rows, each with the rows that it keeps."""
    if root not in keys.roots():
        return []
    kept = (
        (one, [row for row in one.rows if not touched(row.block)]) for one in keys.subjects(root)
    )
    return [(one, rows) for one, rows in kept if len(rows) != len(one.rows)]


def _scrub_rows(tables: TableStore, root: bytes, erased: Gone) -> None:
    try:
        entry = tables.find(root)
    except PrivateMissing:
        return
    if erased.runs is None:
        tables.drop(entry)
        return
    known = {one.block for one in tables.erased(entry.id)}
    fresh = [Erasing(block) for block in sorted(erased.blocks() - known)]
    if fresh:
        tables.begin_erasing(entry.id, fresh)
        noted = tables.erased(entry.id, unlogged=True)
        tables.wipe(entry.id, noted)
        tables.settle(logged=noted)
