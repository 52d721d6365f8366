"""Where a subject or a row is: in private tables by their keys, in public ones by reading them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from diptych.app.verbs.data.content import VersionFiles, readable
from diptych.app.verbs.data.diff import TABLES
from diptych.app.verbs.records import Record, record_at
from diptych.app.workspace import Workspace
from diptych.core.errors import DiptychError
from diptych.data.tables.seeking import Sought, SoughtRow, SoughtSubject, has_one_spelling
from diptych.provenance.log import LogReader
from diptych.provenance.private.table import OpenedRow, OpenedTable, TableStores
from diptych.provenance.private.table.seal import subject_name
from diptych_verify.manifest import ManifestEntry

MAX_TABLE_BYTES = 2 << 30


@dataclass(frozen=True)
class Hits:
    """Where something is.

    Attributes:
        records: log indexes of the records whose table holds it.
        untold: log indexes of records of which it can no longer be told, because rows were erased.
        skipped: for each table that could not be looked into: why, one sentence.
    """

    records: tuple[int, ...] = ()
    untold: tuple[int, ...] = ()
    skipped: tuple[str, ...] = field(default=())


def find_in_tables(
    workspace: Workspace, log: LogReader, indexes: Sequence[int], sought: Sought
) -> tuple[Hits, Hits]:
    """Look for a subject or a row in the private and in the public tables of a log.

    Nothing of what is sought is kept anywhere, not even as a digest.

    Args:
        workspace: where the log stands.
        log: opened for reading.
        indexes: of the records that seal content.
        sought: what to look for.
    """
    records = [record_at(log, index) for index in indexes]
    private = [one for one in records if one.statement.private is not None]
    public = [one for one in records if one.statement.manifest is not None]
    return _in_private(workspace, private, sought), PublicTables(workspace, public, sought).find()


def _in_private(workspace: Workspace, records: Iterable[Record], sought: Sought) -> Hits:
    """Ask private tables. For a subject they stay closed; for a row its subject's rows suffice."""
    from diptych.app.verbs.data.table import is_table, table_root, table_stores

    tables, skipped = [], []
    for record in records:
        if is_table(record):
            tables.append(record)
        else:
            skipped.append(
                f"record {record.index} ({record.statement.kind}) is no table that is kept by rows"
            )
    if not tables:
        return Hits(skipped=tuple(skipped))
    hits, untold = [], []
    with table_stores(workspace) as stores:
        for record in tables:
            try:
                found = _holds(stores, table_root(record), sought)
            except DiptychError as error:
                skipped.append(f"record {record.index}: {readable(error)}")
                continue
            if found is None:
                untold.append(record.index)
            elif found:
                hits.append(record.index)
    return Hits(tuple(hits), tuple(untold), tuple(skipped))


def _holds(stores: TableStores, root: bytes, sought: Sought) -> bool | None:
    """Tell whether a private table holds it, None if that cannot be told since an erasure."""
    if isinstance(sought, SoughtSubject):
        found = stores.keys.find(root, sought.name) is not None
    else:
        table = OpenedTable(root, stores)
        places, matches = set(sought.places(table.columns)), sought.matcher(table.columns)
        if not places:
            return False
        rows = _candidates(stores, table, sought)
        found = any(places.isdisjoint(one.row.gone) and matches(one.cells) for one in rows)
    return found or (None if stores.tables.has_erased(stores.tables.find(root).id) else False)


def _candidates(stores: TableStores, table: OpenedTable, sought: Sought) -> Iterator[OpenedRow]:
    """Yield the rows that can match: those of its subject, found by keyed tag, come first.

    A number can be written in several ways, which are several tags; then all rows are read.
    """
    column = table.about.get("subject")
    if isinstance(sought, SoughtRow) and isinstance(column, str) and column in sought.cells:
        named = sought.cells[column]
        subject = stores.keys.find(table.root, subject_name(named))
        yield from () if subject is None else table.rows_of(subject)
        if has_one_spelling(named):
            return
    yield from table.rows()


@dataclass(frozen=True)
class PublicTables:
    """Reads every public table whose content can be had; equal files are read once."""

    workspace: Workspace
    records: Sequence[Record]
    sought: Sought

    def find(self) -> Hits:
        """Return the records with a table that holds it."""
        hits: list[int] = []
        skipped: list[str] = []
        known: dict[bytes, bool | str] = {}
        with self.workspace.progress(
            "reading tables", total=len(self.records), unit="record"
        ) as task:
            for record in self.records:
                task.advance(1)
                found = [self._holds(*one, known) for one in self._tables(record, skipped)]
                if any(one is True for one in found):
                    hits.append(record.index)
                skipped += [
                    f"record {record.index}: {one}" for one in found if isinstance(one, str)
                ]
        return Hits(tuple(hits), (), tuple(dict.fromkeys(skipped)))

    def _tables(
        self, record: Record, skipped: list[str]
    ) -> Iterator[tuple[VersionFiles, ManifestEntry]]:
        files = VersionFiles(self.workspace, record)
        try:
            for entry in files.entries():
                if Path(entry.path).suffix.lower() in TABLES:
                    yield files, entry
        except DiptychError as error:
            skipped.append(f"record {record.index}: {readable(error)}")

    def _holds(
        self, files: VersionFiles, entry: ManifestEntry, known: dict[bytes, bool | str]
    ) -> bool | str:
        digest = entry.digests[0]
        if digest not in known:
            known[digest] = self._read(files, entry)
        return known[digest]

    def _read(self, files: VersionFiles, entry: ManifestEntry) -> bool | str:
        from diptych.data.tables import open_table

        if entry.size > MAX_TABLE_BYTES:
            return f"{entry.path} is larger than {MAX_TABLE_BYTES:,} bytes"
        try:
            with files.content(entry.path) as path:
                if path is None:
                    return f"the content of {entry.path} is not kept here"
                with open_table(path) as table:
                    return any(map(self.sought.matcher(table.names), table.rows))
        except DiptychError as error:
            return f"{entry.path}: {readable(error)}"
