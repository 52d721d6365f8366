"""`data add-table`: seal a table so that each row can be shown, proven or erased alone."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from diptych.app.verbs.data.versions import NewVersion, Version, log_version
from diptych.app.verbs.records import Record, find_record, sealed_name
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, UsageError
from diptych.data.tables import TableOptions, open_table
from diptych.provenance.private.table import (
    DataKeys,
    OpenedTable,
    TableContent,
    TableStore,
    TableStores,
    seal_rows,
)
from diptych.provenance.private.table.seal import TableSeal
from diptych.provenance.statement import Draft, Edge, Subject

if TYPE_CHECKING:
    from diptych.app.verbs.data.add import Added

TABLE_LABEL = "table/"
"""`table/ROOT` points to the record of a private table."""


class NoTable(UsageError):
    """A record is no table that was sealed by rows."""

    code = "Data.NoTable"


@dataclass(frozen=True)
class ByRows:
    """How to seal a table by rows.

    Attributes:
        subject: column that says whose row it is; None makes each row its own subject.
        options: dialect, encoding and types of CSV.
    """

    subject: str | None = None
    options: TableOptions | None = None


@contextmanager
def table_stores(workspace: Workspace) -> Iterator[TableStores]:
    """Open the stores of private tables; the private key must be unlockable."""
    stores = TableStores(
        workspace.objects,
        TableStore(workspace.place.private),
        DataKeys(workspace.place.private, workspace.keys.private_key()),
    )
    try:
        yield stores
    finally:
        stores.close()


@contextmanager
def opened_table(
    workspace: Workspace, what: str
) -> Iterator[tuple[Record, OpenedTable, TableStores]]:
    """Open the private table that a reference names.

    Raises:
        NoSuchRecord: it names nothing.
        NoTable: it is no table that was sealed by rows.
        PrivateErased: the table was erased.
    """
    with workspace.read_log() as log:
        record = find_record(workspace, log, what, private=True)
    root = table_root(record)
    with table_stores(workspace) as stores:
        yield record, OpenedTable(root, stores), stores


def is_table(record: Record) -> bool:
    """Tell whether a record seals a table by rows."""
    return record.statement.kind == "private" and "table" in record.statement.predicate


def table_root(record: Record) -> bytes:
    """Return the root of a table that was sealed by rows.

    Raises:
        NoTable: the record is something else.
    """
    claim = record.statement.private
    if claim is None or not is_table(record):
        raise NoTable(
            f"record {record.index} is no table that was sealed by rows",
            hint="diptych data add-table TABLE --subject COLUMN --name NAME",
        )
    return claim.root


def seal_table(
    workspace: Workspace,
    path: Path,
    *,
    subject_column: str | None,
    name: str,
    options: TableOptions | None = None,
    derived_from: Sequence[str] = (),
) -> "Added":
    """Seal a table by rows as the next version of a name; see `add` for the rest.

    Raises:
        UnknownTable: no such file, or of another kind.
        BadTable: naming file, row and column.
        BadTableSeal: no such subject column, or a row without subject.
        KeyLocked: the private key cannot be unlocked.
    """
    from diptych.app.verbs.data.add import Adding, add

    rows = ByRows(subject_column, options)
    return add(workspace, path, Adding(name=name, derived_from=derived_from, rows=rows))


def add_rows(
    workspace: Workspace, path: Path, name: str, how: tuple[ByRows, tuple[Edge, ...]]
) -> Version:
    """Seal a table by rows and log it; `how` holds subject, dialect and edges."""
    by_rows, edges = how
    made = _seal(workspace, path, by_rows)
    draft = Draft(
        "private",
        (Subject("private", made.subject_digest()),),
        workspace.clock(),
        edges,
        made.predicate(),
    )
    from diptych.app.verbs.private import private_label

    labels = (private_label(workspace, path), f"{TABLE_LABEL}{made.root.hex()}")
    return log_version(workspace, NewVersion(name, draft, labels, public_name=False))


def _seal(workspace: Workspace, path: Path, by_rows: ByRows) -> TableSeal:
    with open_table(workspace.start / path, by_rows.options) as table:
        columns: list[JsonValue] = [
            {"name": one.name, "type": one.type, "label": one.label, "key": one.key}
            for one in table.columns
        ]
        options = by_rows.options or TableOptions()
        about: dict[str, JsonValue] = {
            "name": table.name,
            "file_format": table.format,
            "described": columns,
            "path": sealed_name(workspace, path),
            "dialect": [options.delimiter, options.quote, options.encoding],
            "types": dict(options.types),
            "infer": options.infer,
            "missing": list(options.missing),
        }
        content = TableContent(table.names, table.rows, by_rows.subject, about)
        with table_stores(workspace) as stores:
            return seal_rows(content, stores, progress=workspace.progress)
