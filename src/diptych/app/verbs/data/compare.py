"""`data compare`: a table as it is now against the version that was sealed by rows."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from diptych.app.verbs.anchors import earliest_anchor
from diptych.app.verbs.data.table import opened_table
from diptych.app.verbs.records import Record
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.data.tables import Row, Table, TableOptions, UnknownTable, open_table
from diptych.provenance.private.table import OpenedTable
from diptych.provenance.private.table.compare import (
    FoundLine,
    RowChange,
    SealedLine,
    compare_rows,
)
from diptych.provenance.private.table.seal import subject_name
from diptych_verify.errors import DigestMismatch
from diptych_verify.evidence import utc
from diptych_verify.wording import counted

_LISTED = 1_000


@dataclass(frozen=True)
class Comparison:
    """What a table and its sealed version have in common.

    Attributes:
        record: of the sealed version.
        columns: of the sealed version.
        changes: rows that differ.
        columns_added: that the sealed version does not have.
        columns_removed: that only the sealed version has.
        redefined: columns and what else is said of them now: label, type or key.
        rows: compared.
        erased: whether rows or fields of the sealed version were erased since.
        anchored: when the record is known to have existed at the latest, empty if not anchored.
    """

    record: Record
    columns: tuple[str, ...]
    changes: tuple[RowChange, ...]
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]
    rows: int
    erased: bool = False
    anchored: str = field(default="")
    redefined: tuple[tuple[str, str], ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        columns = self.columns_added or self.columns_removed or self.redefined
        return not (self.changes or columns)

    def lines(self, *, subjects: bool) -> list[str]:
        """Return one line for each difference, subjects only if asked."""
        texts = [f"column {name!a}: added" for name in self.columns_added]
        texts += [f"column {name!a}: removed" for name in self.columns_removed]
        texts += [f"column {name!a}: {what} changed" for name, what in self.redefined]
        for one in self.changes:
            places = [] if one.row is None else [f"row {one.row} of the file"]
            places += [] if one.leaf is None else [f"sealed at leaf {one.leaf}"]
            places += [f"subject {one.subject!a}"] if subjects and one.subject else []
            names = ", ".join(ascii(self.columns[place]) for place in one.places)
            texts.append(f"{', '.join(places)}: {names} {one.kind}".replace(":  ", ": "))
        return texts

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data compare --json` shows."""
        changes: list[JsonValue] = [
            {
                "kind": one.kind,
                "subject": one.subject,
                "leaf": one.leaf,
                "row": one.row,
                "columns": [self.columns[place] for place in one.places],
            }
            for one in self.changes
        ]
        return {
            "record": self.record.record,
            "index": self.record.index,
            "same": self.same,
            "rows": self.rows,
            "changes": changes,
            "columns_added": list(self.columns_added),
            "columns_removed": list(self.columns_removed),
            "redefined": [{"column": name, "what": what} for name, what in self.redefined],
            "erased": self.erased,
            "anchored": self.anchored,
        }


def compare(workspace: Workspace, what: str, path: Path | None = None) -> Comparison:
    """Compare a table with the version that was sealed.

    Args:
        workspace: where the log stands.
        what: reference to a table that was sealed by rows.
        path: the table as it is now; by default where it was sealed.

    Raises:
        NoTable: the record is no such table.
        UnknownTable: there is no table at `path`.
        BadTable: it cannot be read.
        PrivateErased: the sealed table was erased.
    """
    with opened_table(workspace, what) as (record, table, stores):
        source = _source(workspace, table, path)
        with open_table(source, _options(table, source)) as now:
            found, rows = _found(table, now)
            columns, redefined = now.names, _redefined(table, now)
        changes = compare_rows(_sealed(table, columns), found, keys=_keys(table))
        erased = stores.tables.has_erased(table.entry.id)
    anchor = earliest_anchor(workspace, covering=record.index)
    return Comparison(
        record=record,
        columns=table.columns,
        changes=tuple(changes),
        columns_added=tuple(name for name in columns if name not in table.columns),
        columns_removed=tuple(name for name in table.columns if name not in columns),
        rows=rows,
        erased=erased,
        anchored="" if anchor is None else utc(anchor.time_s),
        redefined=redefined,
    )


def require_same(found: Comparison) -> str:
    """Refuse a table that differs; return a sentence about one that does not.

    Raises:
        DigestMismatch: naming leaves, rows and columns, but no subject.
    """
    lines = found.lines(subjects=False)
    if not lines:
        return f"{counted(found.rows, 'row')} re-read and unchanged"
    changed: list[JsonValue] = list(lines[:_LISTED])
    when = f", which existed by {found.anchored}" if found.anchored else ""
    raise DigestMismatch(
        f"the table differs from the version sealed as record {found.record.index}{when}: "
        f"{lines[0]}" + (f" and {len(lines) - 1:,} more" if len(lines) > 1 else ""),
        hint="diptych data compare names the subjects, too",
        changed=changed,
        total=len(lines),
    )


def _source(workspace: Workspace, table: OpenedTable, path: Path | None) -> Path:
    if path is not None:
        return workspace.start / path
    sealed = table.about.get("path")
    if not isinstance(sealed, str):
        raise UnknownTable("the sealed table does not say where it was", hint="name it: PATH")
    return workspace.place.project / sealed


def _options(table: OpenedTable, source: Path) -> TableOptions | None:
    if source.suffix.lower() not in {".csv", ".tsv"}:
        return None
    delimiter, quote, encoding = cast("list[str]", table.about.get("dialect", [",", '"', "utf-8"]))
    types = cast("dict[str, str]", table.about.get("types", {}))
    infer = table.about.get("infer") is True
    missing = tuple(cast("list[str]", table.about.get("missing", [""])))
    return TableOptions(delimiter, quote, encoding, types, infer, missing)


def _keys(table: OpenedTable) -> list[int]:
    described = cast("list[Mapping[str, JsonValue]]", table.about.get("described", []))
    return [place for place, one in enumerate(described) if one.get("key") is not None]


def _redefined(table: OpenedTable, now: Table) -> tuple[tuple[str, str], ...]:
    """Return what else is said of columns that both have, where both formats can say it."""
    was = str(table.about.get("file_format", ""))
    if was.partition("-")[0] != now.format.partition("-")[0]:
        return ()
    described = cast("list[Mapping[str, JsonValue]]", table.about.get("described", []))
    earlier = {one.get("name"): one for one in described}
    return tuple(
        (column.name, what)
        for column in now.columns
        for what in ("label", "type", "key")
        if column.name in earlier and earlier[column.name].get(what) != getattr(column, what)
    )


def _sealed(table: OpenedTable, columns: tuple[str, ...]) -> dict[str, list[SealedLine]]:
    """Return the sealed rows by subject, cells of columns that are no longer there left out."""
    lines: defaultdict[str, list[SealedLine]] = defaultdict(list)
    width, grouped = table.layout.width, table.about.get("subject") is not None
    kept = [name in columns for name in table.columns]
    for one in sorted(table.rows(), key=lambda row: row.row.number):
        cells = tuple(cell if keep else None for cell, keep in zip(one.cells, kept, strict=True))
        line = SealedLine(one.block * width, one.row.number, cells, one.row.gone)
        lines[one.subject if grouped else ""].append(line)
    return lines


def _found(table: OpenedTable, now: Table) -> tuple[dict[str, list[FoundLine]], int]:
    places = [now.names.index(name) if name in now.names else None for name in table.columns]
    subject = table.about.get("subject")
    lines: defaultdict[str, list[FoundLine]] = defaultdict(list)
    number = 0
    for number, row in enumerate(now.rows, start=1):
        cells: Row = tuple(None if place is None else row[place] for place in places)
        name = ""
        if isinstance(subject, str):
            name = subject_name(cells[table.columns.index(subject)])
        lines[name].append(FoundLine(number, cells))
    return lines, number
