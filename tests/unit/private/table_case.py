"""A small private table to work on, and a look at every byte that is kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diptych.provenance.objects import LocalObjects
from diptych.provenance.private.table import (
    DataKeys,
    OpenedTable,
    TableContent,
    TableStore,
    TableStores,
    seal_rows,
)
from diptych.provenance.private.table.cells import Cell
from diptych.provenance.private.table.seal import TableSeal

MASTER = bytes(range(32))
COLUMNS = ("USUBJID", "VISIT", "AVAL", "NOTE", "FLAG")


def cells(subjects: int, visits: int = 3) -> Iterator[tuple[Cell, ...]]:
    """Yield rows that all differ, each with texts that are easily found again."""
    for visit in range(visits):
        for one in range(subjects):
            note = f"remark-{one:05d}-{visit}"
            yield (f"SUBJ-{one:05d}", visit, one * 0.5 + visit, note, None if one % 2 else True)


@dataclass
class Case:
    """One sealed table with its stores."""

    folder: Path
    stores: TableStores
    seal: TableSeal

    @classmethod
    def make(cls, folder: Path, *, subjects: int = 7, rows: Any = None, **options: Any) -> "Case":
        """Seal a table in a new store below `folder`, which may be used again."""
        private = folder / "private"
        stores = TableStores(
            LocalObjects(folder / "objects"),
            TableStore(private),
            DataKeys(private, options.pop("master", MASTER)),
        )
        content = TableContent(
            options.pop("columns", COLUMNS),
            iter(cells(subjects) if rows is None else rows),
            options.pop("subject", "USUBJID"),
            options,
        )
        return cls(folder, stores, seal_rows(content, stores))

    def open(self) -> OpenedTable:
        """Open the table."""
        return OpenedTable(self.seal.root, self.stores)

    def every_byte(self) -> dict[str, bytes]:
        """Return the content of every file that is kept, write-ahead logs included."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file()
        }
