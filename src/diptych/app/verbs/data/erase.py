"""`data erase`: destroy keys, salts and payload of subjects, rows, fields or whole seals."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from diptych.app.verbs.data.report_keys import forget_reports
from diptych.app.verbs.data.table import is_table, table_root, table_stores
from diptych.app.verbs.data.traces import Trace, find_traces, remove_bundles
from diptych.app.verbs.data.versions_of import related_tables
from diptych.app.verbs.erasures import KIND, erased_label, erasures_of
from diptych.app.verbs.private import private_store
from diptych.app.verbs.records import Record, find_record
from diptych.app.verbs.seal import prepare
from diptych.app.verbs.signing import current_signer
from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue, UsageError
from diptych.provenance.private import erase_private
from diptych.provenance.private.errors import NoSuchField, PrivateErased
from diptych.provenance.private.table import Erasure, OpenedTable, TableEraser, TableStores
from diptych.provenance.private.table.erase import erase_table
from diptych.provenance.private.table.layout import Run
from diptych.provenance.statement import Draft, Edge, Subject, sign_statements
from diptych_verify.wording import counted

RUNS_PER_RECORD = 64
_WHO = "diptych data subjects REF lists whose rows there are"
_LISTED = 20


class NotErasable(UsageError):
    """A record seals nothing private: its digest is public and stays."""

    code = "Erase.NotPrivate"


class NothingNamed(UsageError):
    """Neither subjects nor the whole were named."""

    code = "Erase.NothingNamed"


@dataclass(frozen=True)
class Erasing:
    """What to erase.

    Attributes:
        subjects: whose rows of a table.
        columns: which fields of these rows, empty for the rows as a whole.
        leaves: leaves of the rows of the one subject named, empty for all of them.
        everything: the whole seal.
        everywhere: also in tables that are not versions of this one.
        remove_bundles: delete bundles in the project that show what is erased.
    """

    subjects: Sequence[str] = field(default=(), repr=False)
    columns: Sequence[str] = ()
    leaves: Sequence[int] = ()
    everything: bool = False
    everywhere: bool = False
    remove_bundles: bool = False


@dataclass(frozen=True)
class ErasedIn:
    """What went of one record.

    Attributes:
        record: of the private seal.
        runs: of leaves, None for all of it.
        source: path of the table that was sealed, if it is known.
    """

    record: Record
    runs: tuple[Run, ...] | None
    source: str = field(default="", repr=False)

    def to_json(self) -> dict[str, JsonValue]:
        """Return one entry of `erased` of `diptych data erase --json`."""
        leaves: JsonValue = "all"
        if self.runs is not None:
            leaves = [[first, count] for first, count in self.runs]
        return {"record": self.record.record, "index": self.record.index, "leaves": leaves}


@dataclass(frozen=True)
class Erased:
    """What erasing did.

    Attributes:
        erased: by sealed record.
        indexes: of the `erased` records that say so.
        subjects: how many subjects were named.
        traces: what still shows the erased data and is beyond the stores.
    """

    erased: tuple[ErasedIn, ...]
    indexes: tuple[int, ...]
    subjects: int
    traces: tuple[Trace, ...] = ()

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data erase --json` shows."""
        indexes: list[JsonValue] = list(self.indexes)
        return {
            "erased": [one.to_json() for one in self.erased],
            "records": indexes,
            "subjects": self.subjects,
            "traces": [one.to_json() for one in self.traces],
        }


def erase(workspace: Workspace, what: str, how: Erasing) -> Erased:
    """Erase, log that it was done, and look for what still shows the erased data.

    Subjects are erased in every version of the table, since each holds their rows.

    Args:
        workspace: where the log stands.
        what: reference to a private seal.
        how: what of it.

    Raises:
        NotErasable: the record is public.
        NothingNamed: `how` names nothing.
        NoTable: subjects of something else than a table sealed by rows.
        PrivateErased: nothing is left of what should go.
        EraseIncomplete: another process keeps old pages alive; erase again.
        KeyLocked: nothing unlocks the keys.
    """
    if how.everything == bool(how.subjects):
        raise NothingNamed(
            "expected either subjects of a table, or the whole seal",
            hint="diptych data erase REF --subject S, or --all for everything under REF",
        )
    prepare(workspace, ())  # Whatever can fail should fail before anything is destroyed.
    with workspace.read_log() as log:
        record = find_record(workspace, log, what, private=True)
    if record.statement.private is None:
        raise NotErasable(
            f"record {record.index} is public: its digest is in the log for ever",
            hint="seal personal data with --private, tables with diptych data add-table",
        )
    erasing = _erase_all if how.everything else _erase_subjects
    done, indexes = erasing(workspace, record, how)
    for one in done:
        forget_reports(workspace, one.record.record)
    traces = find_traces(workspace, done, how)
    if how.remove_bundles:
        traces = remove_bundles(workspace, traces)
    return Erased(tuple(done), indexes, len(how.subjects), traces)


def _erase_all(
    workspace: Workspace, record: Record, _: Erasing
) -> tuple[list[ErasedIn], tuple[int, ...]]:
    claim = record.statement.private
    assert claim is not None
    source = ""
    if is_table(record):
        with table_stores(workspace) as stores:
            with suppress(PrivateErased):
                source = _source(OpenedTable(claim.root, stores))
            erase_table(claim.root, stores)
    else:
        with private_store(workspace) as private:
            erase_private(claim.root, workspace.objects, private)
    with workspace.read_log() as log:
        if any(one.runs is None for _, one in erasures_of(log, record.record)):
            return [], ()
    done = [ErasedIn(record, None, source)]
    return done, log_erasures(workspace, done)


def _erase_subjects(
    workspace: Workspace, record: Record, how: Erasing
) -> tuple[list[ErasedIn], tuple[int, ...]]:
    table_root(record)
    with table_stores(workspace) as stores:
        related = related_tables(workspace, stores, record, everywhere=how.everywhere)
        tables = [record] if how.leaves else related
        opened = [(one, OpenedTable(table_root(one), stores)) for one in tables]
        finished = _settled(workspace, opened, stores, {})
        erasures, missing = _found(opened, how, stores)
        if missing and not finished[0]:
            raise _not_here(missing, any(stores.tables.has_erased(t.entry.id) for _, t in opened))
        done = _settled(workspace, opened, stores, erasures)
        if not done[0] and not finished[0]:
            raise PrivateErased("nothing is left of what should be erased")
    return [*finished[0], *done[0]], (*finished[1], *done[1])


def _settled(
    workspace: Workspace,
    opened: Sequence[tuple[Record, OpenedTable]],
    stores: TableStores,
    erasures: Mapping[str, Sequence[Erasure]],
) -> tuple[list[ErasedIn], tuple[int, ...]]:
    """Erase in each table, or finish what was cut off before, and log all of it in one batch."""
    done: list[ErasedIn] = []
    erasers: list[TableEraser] = []
    for record, table in opened:
        eraser = TableEraser(table, stores)
        wanted = erasures.get(record.record, ())
        try:
            runs = eraser.erase(wanted) if wanted else eraser.finish()
        except PrivateErased:  # In this version it was gone before.
            continue
        if runs:
            done.append(ErasedIn(record, tuple(runs), _source(table)))
            erasers.append(eraser)
    indexes = log_erasures(workspace, done)
    for eraser in erasers:
        eraser.settle()
    return done, indexes


def _source(table: OpenedTable) -> str:
    path = table.about.get("path")
    return path if isinstance(path, str) else ""


def _found(
    opened: Sequence[tuple[Record, OpenedTable]], how: Erasing, stores: TableStores
) -> tuple[dict[str, list[Erasure]], list[str]]:
    """Return what goes of which table, and the subjects that are in none of them."""
    found: dict[str, list[Erasure]] = {}
    missing = dict.fromkeys(how.subjects)
    for record, table in opened:
        blocks = frozenset(table.layout.block_of(leaf) for leaf in how.leaves)
        for name in dict.fromkeys(how.subjects):
            subject = stores.keys.find(table.root, name)
            if subject is None:
                continue
            if blocks - {row.block for row in subject.rows}:
                raise NoSuchField("a leaf that was named is not of a row of this subject")
            missing.pop(name, None)
            erasure = Erasure(subject, blocks, tuple(how.columns))
            found.setdefault(record.record, []).append(erasure)
    return found, list(missing)


def _not_here(missing: list[str], erased_before: bool) -> PrivateErased | NoSuchField:
    has = "has" if len(missing) == 1 else "have"
    text = f"{counted(len(missing), 'subject')} of those named {has} no row here"
    listed: list[JsonValue] = list(missing[:_LISTED])
    if erased_before:
        text = f"{text}: erased already, or never there"
        return PrivateErased(text, hint=_WHO, missing=listed)
    return NoSuchField(text, hint=_WHO, missing=listed)


def log_erasures(workspace: Workspace, done: Iterable[ErasedIn]) -> tuple[int, ...]:
    """Append `erased` records in one batch and return their indexes."""
    with workspace.write_log() as log, log.writer(workspace.lease_terms()) as writer:
        drafts: list[Draft] = []
        labels: dict[str, int] = {}
        for one in done:
            number = len(erasures_of(log, one.record.record))
            for draft in _drafts(workspace, one):
                number += 1
                labels[erased_label(one.record.record, number)] = len(drafts)
                drafts.append(draft)
        if not drafts:
            return ()
        envelopes = sign_statements(drafts, current_signer(workspace, log))
        return tuple(writer.append(envelopes, labels=labels))


def _drafts(workspace: Workspace, one: ErasedIn) -> Iterable[Draft]:
    subject = Subject("private", one.record.statement.subjects[0].digests)
    edges = (Edge(KIND, one.record.record),)
    claims: list[dict[str, JsonValue]] = [{"scope": "all"}]
    if one.runs is not None:
        claims = [
            {
                "scope": "leaves",
                "leaves": [[first, n] for first, n in one.runs[at : at + RUNS_PER_RECORD]],
            }
            for at in range(0, len(one.runs), RUNS_PER_RECORD)
        ]
    for claim in claims:
        yield Draft(KIND, (subject,), workspace.clock(), edges, {KIND: claim})
