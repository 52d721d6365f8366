"""Compare two tables: columns, and rows by key or as a multiset; in one pass over each. Pure.

Of every row only one 64-bit hash per column is kept (SipHash, keyed per process), so that a table
of a million rows fits. The answer is a help for people and no evidence.
"""

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from diptych.core.errors import JsonValue
from diptych.data.compare.errors import CannotCompare
from diptych.data.tables.table import Cell, Row, Table

MAX_CELLS = 1 << 28
SHOWN_KEYS = 20
_Hashes = bytes


@dataclass(frozen=True)
class TableChanges:
    """What changed from one table to another.

    Attributes:
        columns_added: names.
        columns_removed: names.
        columns_retyped: names of columns whose declared type is another.
        key: columns by which rows were matched; empty where whole rows were compared.
        rows: number of rows before and after.
        added: rows that are new.
        removed: rows that are gone.
        changed: rows of one key with other values in common columns.
        cells: number of changed cells by column.
        shown: keys of the first added, removed and changed rows.
        notes: what a reader must know.
    """

    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]
    columns_retyped: tuple[str, ...]
    key: tuple[str, ...]
    rows: tuple[int, int]
    added: int
    removed: int
    changed: int
    cells: dict[str, int] = field(default_factory=dict)
    shown: dict[str, list[list[Cell]]] = field(default_factory=dict, repr=False)
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """Return the counts as one phrase."""
        parts = [f"rows {self.rows[0]:,} -> {self.rows[1]:,}"]
        counts = {"added": self.added, "removed": self.removed, "changed": self.changed}
        parts += [f"{count:,} {word}" for word, count in counts.items() if count]
        for word, names in (
            ("new columns", self.columns_added),
            ("columns gone", self.columns_removed),
            ("columns of another type", self.columns_retyped),
        ):
            if names:
                parts.append(f"{word}: {', '.join(names[:10])}")
        if self.cells:
            busy = ", ".join(f"{name} {count:,}" for name, count in self.cells.items())
            parts.append(f"changed cells: {busy}")
        return "; ".join(parts)

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return {
            "columns_added": list(self.columns_added),
            "columns_removed": list(self.columns_removed),
            "columns_retyped": list(self.columns_retyped),
            "key": list(self.key),
            "rows": list(self.rows),
            "added": self.added,
            "removed": self.removed,
            "changed": self.changed,
            "cells": dict(self.cells),
            "shown": {word: [list(key) for key in keys] for word, keys in self.shown.items()},
            "notes": list(self.notes),
        }


def compare_tables(old: Table, new: Table, *, key: Sequence[str] = ()) -> TableChanges:
    """Compare two opened tables; the rows of both are used up.

    Args:
        old: the earlier one.
        new: the later one.
        key: columns that identify a row; by default those that both tables declare, if any.

    Raises:
        CannotCompare: a key column is missing or does not identify rows, or the tables are too
            large.
    """
    types = {column.name: column.type for column in old.columns}
    common = [column.name for column in new.columns if column.name in types]
    columns = _Columns(
        tuple(name for name in new.names if name not in types),
        tuple(name for name in old.names if name not in set(new.names)),
        tuple(
            column.name
            for column in new.columns
            if types.get(column.name, column.type) != column.type
        ),
        tuple(common),
    )
    chosen = tuple(key) or _declared_key(old, new)
    absent = [name for name in chosen if name not in common]
    if absent:
        raise CannotCompare(
            f"the column {absent[0]!a} of the key is not in both tables",
            hint=f"--key with some of {', '.join(common[:10])}",
        )
    if chosen:
        return _by_key(old, new, chosen, columns)
    return _as_multiset(old, new, columns)


@dataclass(frozen=True)
class _Columns:
    added: tuple[str, ...]
    removed: tuple[str, ...]
    retyped: tuple[str, ...]
    common: tuple[str, ...]


def _declared_key(old: Table, new: Table) -> tuple[str, ...]:
    keys = [
        tuple(
            column.name
            for column in sorted(table.columns, key=lambda one: one.key or 0)
            if column.key is not None
        )
        for table in (old, new)
    ]
    return keys[0] if keys[0] == keys[1] else ()


def _by_key(old: Table, new: Table, key: tuple[str, ...], columns: _Columns) -> TableChanges:
    before: dict[Row, _Hashes] = {}
    for found, hashes in _hashed(old, key, columns.common):
        _require_new(before, found, key, old)
        before[found] = hashes
    total = len(before)
    shown: dict[str, list[list[Cell]]] = {"added": [], "removed": [], "changed": []}
    counts = Counter({"added": 0, "removed": 0, "changed": 0})
    cells: Counter[str] = Counter()
    seen: dict[Row, _Hashes] = {}
    for found, hashes in _hashed(new, key, columns.common):
        _require_new(seen, found, key, new)
        seen[found] = b""
        earlier = before.pop(found, None)
        if earlier == hashes:
            continue
        word = "added" if earlier is None else "changed"
        _note(word, found, counts, shown)
        if earlier is not None:
            pairs = zip(columns.common, array("q", earlier), array("q", hashes), strict=True)
            cells.update(name for name, one, other in pairs if one != other)
    for found in before:
        _note("removed", found, counts, shown)
    return TableChanges(
        *(columns.added, columns.removed, columns.retyped, key),
        rows=(total, len(seen)),
        added=counts["added"],
        removed=counts["removed"],
        changed=counts["changed"],
        cells=dict(cells.most_common()),
        shown={word: keys for word, keys in shown.items() if keys},
    )


def _as_multiset(old: Table, new: Table, columns: _Columns) -> TableChanges:
    before = Counter(hashes for _, hashes in _hashed(old, (), columns.common))
    after = Counter(hashes for _, hashes in _hashed(new, (), columns.common))
    return TableChanges(
        *(columns.added, columns.removed, columns.retyped, ()),
        rows=(before.total(), after.total()),
        added=(after - before).total(),
        removed=(before - after).total(),
        changed=0,
        notes=("whole rows were compared; --key COLUMN tells changed rows from new ones",),
    )


def _note(word: str, found: Row, counts: Counter[str], shown: dict[str, list[list[Cell]]]) -> None:
    counts[word] += 1
    if len(shown[word]) < SHOWN_KEYS:
        shown[word].append(list(found))


def _require_new(known: dict[Row, _Hashes], found: Row, key: tuple[str, ...], table: Table) -> None:
    if found in known:
        raise CannotCompare(
            f"{table.name}: {', '.join(key)} does not identify a row, one value comes twice",
            hint="give further columns with --key",
        )


def _hashed(
    table: Table, key: tuple[str, ...], common: Sequence[str]
) -> Iterator[tuple[Row, _Hashes]]:
    places = [table.names.index(name) for name in key]
    wanted = [table.names.index(name) for name in common]
    room = MAX_CELLS
    for row in table.rows:
        room -= max(1, len(wanted))
        if room < 0:
            raise CannotCompare(f"{table.name} has more than {MAX_CELLS:,} cells")
        # `hash` of numbers is weak (-1 and -2 agree), that of texts is keyed.
        hashes = array("q", [hash(_text(row[at])) for at in wanted])
        yield tuple([row[at] for at in places]), hashes.tobytes()


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else f"\0{cell!r}"
