"""`index export`: the tables of an index as files."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from diptych.app.verbs.index.rows import open_rows
from diptych.app.verbs.index.run import index_home
from diptych.app.verbs.index.server import running_server
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, UsageError
from diptych.core.files import staged_folder
from diptych.index.engine.home import IndexHome
from diptych.index.query.exporting import FORMS, write_table
from diptych.index.query.standing import NotIndexed, standing
from diptych.index.store.opening import OpenedStore
from diptych.index.store.store import Cursor, Snapshot

_NOTE = "index.json"


class CannotExport(UsageError):
    """An export has no such form, or its folder is there already."""

    code = "Index.CannotExport"


class IndexServed(UsageError):
    """A server owns the rows that are to be read as a whole."""

    code = "Index.Served"


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        folder: with a file for each table, and `index.json`.
        block: at which the rows stood.
        block_hash: its hash, 0x text, if it is the newest; else empty.
        rows: how many, by table.
    """

    folder: Path
    block: int
    block_hash: str
    rows: dict[str, int]

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return {**vars(self), "folder": str(self.folder), "rows": {**self.rows}}


def export_index(
    workspace: Workspace,
    name: str,
    folder: Path,
    *,
    form: str = "parquet",
    block: int | None = None,
) -> Exported:
    """Write every table as it stood at a block; the folder appears whole or not at all.

    Args:
        workspace: where the index stands.
        name: of the index.
        folder: not there yet, or empty.
        form: `parquet`, `csv` or `json` (one object a line).
        block: at which, None for the newest that is indexed.

    Raises:
        NoIndex: there is none of this name.
        NotIndexed: it has not reached the block.
        CannotExport: no such form, or something is in the folder.
        IndexServed: a server owns the rows.
    """
    if form not in FORMS:
        raise CannotExport(f"got form '{form[:40]}', expected one of {', '.join(FORMS)}")
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise CannotExport(f"{folder.name}: is there already", hint="name another folder")
    home = index_home(workspace, name)
    with reading(workspace, home) as (store, seen):
        cursor, at = state_at(seen, block)
        newest = cursor.block.number == at
        block_hash = "0x" + cursor.block.hash.hex() if newest else ""
        with staged_folder(folder) as stage:
            rows = {
                one.table: write_table(
                    stage / f"{one.table}.{form}", one, standing(seen, one, at), form
                )
                for one in store.entities
            }
            done = Exported(folder, at, block_hash, rows)
            note = {**done.to_json(), "folder": name, "manifest": cursor.manifest}
            note["index"] = note.pop("folder")
            (stage / _NOTE).write_text(json.dumps(note, indent=1) + "\n")
    return done


@contextmanager
def reading(workspace: Workspace, home: IndexHome) -> Iterator[tuple[OpenedStore, Snapshot]]:
    """Open an index to read all of it, as of one commit.

    Raises:
        NoIndex: nothing was indexed yet.
        IndexServed: a server owns the rows.
    """
    known = home.require()
    if running_server(home) is not None:
        raise IndexServed(
            f"the rows of '{home.name}' are owned by its server", hint="end it, then try again"
        )
    with open_rows(workspace, home, known.digest, None) as store, store.snapshot() as seen:
        yield store, seen


def state_at(seen: Snapshot, block: int | None) -> tuple[Cursor, int]:
    """Return how far an index is, and the block that is asked for.

    Raises:
        NotIndexed: it has not reached the block.
    """
    cursor = seen.cursor()
    if cursor is None or (block is not None and not 0 <= block <= cursor.block.number):
        last = "none" if cursor is None else str(cursor.block.number)
        raise NotIndexed(f"got block {block}, the newest that is indexed is {last}")
    return cursor, cursor.block.number if block is None else block
