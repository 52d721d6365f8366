"""`data disclose` and `data subjects`: show rows or fields of a private table, with proof."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from diptych.app.verbs.bundle import bundle_of
from diptych.app.verbs.data.table import opened_table
from diptych.app.verbs.licensee import own_key
from diptych.app.verbs.metering import Metered, record_download
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.provenance.private.errors import PrivateErased
from diptych.provenance.private.table import OpenedTable
from diptych_verify.bundle import DisclosedField


@dataclass(frozen=True)
class Disclosed:
    """A bundle that shows fields of a table.

    Attributes:
        bundle: the file's content.
        record: hex id of the table's record.
        index: its place in the log.
        rows: how many rows are shown, in part or whole.
        fields: how many fields.
    """

    bundle: bytes = field(repr=False)
    record: str
    index: int
    rows: int
    fields: int

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data disclose --json` shows, without the fields themselves."""
        return {
            "record": self.record,
            "index": self.index,
            "rows": self.rows,
            "fields": self.fields,
            "bytes": len(self.bundle),
        }


@dataclass(frozen=True)
class SubjectRows:
    """One subject of a table with the first leaves of its rows."""

    subject: str = field(repr=False)
    leaves: tuple[int, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """Return one entry of `diptych data subjects --json`."""
        leaves: list[JsonValue] = list(self.leaves)
        return {"subject": self.subject, "rows": len(leaves), "leaves": leaves}


def disclose(
    workspace: Workspace,
    what: str,
    subject: str,
    *,
    columns: Sequence[str] = (),
    leaves: Sequence[int] = (),
    licensee: str = "",
    record: bool | None = None,
) -> Disclosed:
    """Build a bundle that shows fields of one subject's rows, and nothing of any other.

    Args:
        workspace: where the log stands.
        what: reference to a table that was sealed by rows.
        subject: whose rows.
        columns: which fields; by default all that are left.
        leaves: leaves of the rows to show; by default all rows of the subject.
        licensee: key id or name of who gets them, for the usage log; by default this workspace.
        record: whether that is recorded; None asks the setting `usage.record`.

    Raises:
        NoTable: the record is no such table.
        NoSuchField: no such subject, column or row.
        PrivateErased: the subject, row or field was erased.
    """
    with opened_table(workspace, what) as (sealed, table, _):
        fields = _fields(table, subject, columns, {table.layout.block_of(one) for one in leaves})
        width = table.layout.width
    with workspace.read_log() as log:
        raw = bundle_of(workspace, log, sealed, fields=fields)
        who = own_key(workspace, log, sealed.signers)
    given = Metered(sealed.record, "distribute", who, record)
    record_download(workspace, given, to=licensee)
    rows = len({one.index // width for one in fields})
    return Disclosed(raw, sealed.record, sealed.index, rows, len(fields))


def _fields(
    table: OpenedTable, subject: str, columns: Sequence[str], blocks: set[int]
) -> list[DisclosedField]:
    rows = table.rows_of(table.subject(subject))
    missing = blocks - {row.block for row in rows}
    if missing:
        raise PrivateErased("a row that was asked for is not this subject's, or was erased")
    return [
        field
        for row in rows
        if not blocks or row.block in blocks
        for field in table.reveal(row, columns)
    ]


def subjects(workspace: Workspace, what: str) -> list[SubjectRows]:
    """Return the subjects of a table that are left, sorted by name; for the key holder only."""
    with opened_table(workspace, what) as (_, table, _):
        width = table.layout.width
        found = [
            SubjectRows(one.name, tuple(sorted(row.block * width for row in one.rows)))
            for one in table.subjects()
        ]
    return sorted(found, key=lambda one: one.subject)
