"""Where a subject is: in private tables by their keys, in public ones by reading them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from diptych.app.verbs.data.content import VersionFiles, readable
from diptych.app.verbs.data.diff import TABLES
from diptych.app.verbs.records import Record, record_at
from diptych.app.workspace import Workspace
from diptych.core.errors import DiptychError
from diptych.provenance.graph.subjects import SubjectFinder, SubjectHits
from diptych.provenance.log import LogReader
from diptych_verify.manifest import ManifestEntry

MAX_TABLE_BYTES = 2 << 30


def subject_finders(
    workspace: Workspace, log: LogReader, indexes: Sequence[int], *, column: str | None
) -> list[SubjectFinder]:
    """Return what can look for a subject here.

    Args:
        workspace: where the log stands.
        log: opened for reading.
        indexes: of the records that seal content.
        column: of public tables that names subjects; None compares every cell.
    """
    records = [record_at(log, index) for index in indexes]
    return [
        PrivateTables(workspace, [one for one in records if one.statement.private is not None]),
        PublicTables(
            workspace, [one for one in records if one.statement.manifest is not None], column
        ),
    ]


@dataclass(frozen=True)
class PrivateTables:
    """Looks a subject up by its keyed tag: tables stay closed. Needs the private key."""

    workspace: Workspace
    records: Sequence[Record]

    def find(self, subject: str, *, size: int) -> SubjectHits:
        """Return the private tables that hold rows of a subject; see `SubjectFinder`."""
        from diptych.app.verbs.data.table import is_table, table_root, table_stores

        tables = [one for one in self.records if is_table(one) and one.index < size]
        folders = sum(not is_table(one) and one.index < size for one in self.records)
        skipped = [f"{folders} private seals of files, which are not tables"] if folders else []
        if not tables:
            return SubjectHits(skipped=tuple(skipped))
        hits, untold = [], []
        with table_stores(self.workspace) as stores:
            for record in tables:
                try:
                    root = table_root(record)
                    if stores.keys.find(root, subject) is not None:
                        hits.append(record.index)
                    elif stores.tables.has_erased(stores.tables.find(root).id):
                        untold.append(record.index)
                except DiptychError as error:
                    skipped.append(f"record {record.index}: {readable(error)}")
        return SubjectHits(tuple(hits), tuple(untold), tuple(skipped))


@dataclass(frozen=True)
class PublicTables:
    """Reads every public table whose content can be had; equal files are read once."""

    workspace: Workspace
    records: Sequence[Record]
    column: str | None = None

    def find(self, subject: str, *, size: int) -> SubjectHits:
        """Return the records with a table that has a cell equal to `subject`."""
        hits: list[int] = []
        skipped: list[str] = []
        known: dict[bytes, bool | str] = {}
        with self.workspace.progress(
            "reading tables", total=len(self.records), unit="record"
        ) as task:
            for record in self.records:
                task.advance(1)
                found = [self._holds(*one, subject, known) for one in self._tables(record, skipped)]
                if record.index < size and any(one is True for one in found):
                    hits.append(record.index)
                skipped += [
                    f"record {record.index}: {one}" for one in found if isinstance(one, str)
                ]
        return SubjectHits(tuple(hits), (), tuple(dict.fromkeys(skipped)))

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
        self,
        files: VersionFiles,
        entry: ManifestEntry,
        subject: str,
        known: dict[bytes, bool | str],
    ) -> bool | str:
        digest = entry.digests[0]
        if digest not in known:
            known[digest] = self._read(files, entry, subject)
        return known[digest]

    def _read(self, files: VersionFiles, entry: ManifestEntry, subject: str) -> bool | str:
        from diptych.data.tables import open_table

        if entry.size > MAX_TABLE_BYTES:
            return f"{entry.path} is larger than {MAX_TABLE_BYTES:,} bytes"
        try:
            with files.content(entry.path) as path:
                if path is None:
                    return f"the content of {entry.path} is not kept here"
                with open_table(path) as table:
                    wanted = self._places(table.names)
                    return any(
                        row[at] is not None and str(row[at]) == subject
                        for row in table.rows
                        for at in wanted
                    )
        except DiptychError as error:
            return f"{entry.path}: {readable(error)}"

    def _places(self, names: Sequence[str]) -> Sequence[int]:
        if self.column is None:
            return range(len(names))
        return [at for at, name in enumerate(names) if name == self.column]
