"""`usage`: record who used what, bring it under a logged root, prove a licensee's total."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from diptych.app.verbs.licensee import licensee_id, remember_licensee
from diptych.app.verbs.metering import open_store
from diptych.app.verbs.records import find_record, record_at
from diptych.app.verbs.signing import append_drafts
from diptych.app.workspace import Workspace
from diptych.core.clock import iso_utc
from diptych.core.errors import JsonValue, ProvenanceError, VerificationError
from diptych.models.usage import UsageRecord, UsageRoot, UsageStore, UsageWriter, dump_usage_proof
from diptych.models.usage.spool import take_in
from diptych.models.usage.writer import WriterTerms
from diptych.provenance.log import Log
from diptych.provenance.statement import Draft, Edge, Subject
from diptych_verify.statement import Statement
from diptych_verify.usage import verify_usage_total
from diptych_verify.usage_proof import UsageClaim, parse_usage_proof, usage_claim

LABEL = "usage"
ROOT_DIGEST = "diptychUsage1"
_NAMED_ASSETS = 4


class NoUsage(ProvenanceError):
    """No usage was recorded here, or none of it stands under a logged root."""

    code = "Usage.None"


class UsageEdited(VerificationError):
    """The usage store's newest root is not the one that was logged: somebody changed the store."""

    code = "Usage.Edited"


@dataclass(frozen=True)
class UsageTotal:
    """A licensee's total under a logged root.

    Attributes:
        licensee: key id or pseudonym.
        count: records.
        units: units.
        root: hex root of the usage record.
        record: hex record id of the usage record.
        index: its place in the log.
        proof: the proof file, canonical JSON.
        waiting: uses of anybody that no logged root covers yet, so that the total leaves them out.
    """

    licensee: str
    count: int
    units: int
    root: str
    record: str
    index: int
    proof: bytes = b""
    waiting: int = 0

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych model usage total --json` shows."""
        return {name: value for name, value in vars(self).items() if name != "proof"}


@dataclass(frozen=True)
class UsageLogged:
    """A root in the log: all usage so far."""

    record: str
    index: int
    root: str
    count: int
    units: int
    licensees: int
    new: bool = True

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych model usage log --json` shows."""
        return dict(vars(self))


def record_uses(
    workspace: Workspace, asset: str, licensee: str, *, action: str = "execute", units: int = 1
) -> UsageRecord:
    """Record one use durably; `open_usage` is for programs that serve many.

    Args:
        workspace: where the log stands.
        asset: reference to what was used.
        licensee: key id or name of who used it; a name stays private.
        action: what was done.
        units: how much.

    Raises:
        NoSuchRecord: `asset` names nothing.
        BadUsage: action or units are impossible.
    """
    with workspace.read_log() as log:
        used = find_record(workspace, log, asset).record
    who = remember_licensee(workspace, licensee)
    record = UsageRecord(who, used, action, int(workspace.clock()), units)
    with UsageStore(workspace.place.usage) as store:
        store.append([record])
    return record


@contextmanager
def open_usage(workspace: Workspace, terms: WriterTerms | None = None) -> Iterator[UsageWriter]:
    """Open the usage store for a program that serves a model; roots are logged now and then.

    Args:
        workspace: where the log stands.
        terms: when to store and when to log a root; at the end both happen.
    """
    with (
        UsageStore(workspace.place.usage) as store,
        UsageWriter(
            store, lambda: _log_root(workspace, store), terms=terms, clock=workspace.clock
        ) as writer,
    ):
        yield writer


def log_usage(workspace: Workspace) -> UsageLogged:
    """Bring all usage under one root and log it; safe to repeat, also after a crash.

    Raises:
        NoUsage: nothing was recorded yet.
        UsageEdited: the store does not continue what was logged.
    """
    with UsageStore(workspace.place.usage) as store:
        return _log_root(workspace, store)


def usage_total(workspace: Workspace, licensee: str) -> UsageTotal:
    """Prove a licensee's total under the newest logged root.

    Raises:
        NoUsage: no root is logged yet.
        UsageEdited: the store's newest root is not the logged one.
    """
    who = licensee_id(workspace, licensee)
    with workspace.read_log() as log, open_store(workspace) as store:
        root, claim, index, record = _logged_root(log, store)
        proof, waiting = store.proof(who), store.pending()
    found = verify_usage_total(proof, root=claim.root, count=claim.count, units=claim.units)
    raw = dump_usage_proof(proof)
    return UsageTotal(who, found.count, found.units, root.root.hex(), record, index, raw, waiting)


def check_total(proof: bytes, statement: Statement) -> UsageTotal:
    """Check somebody's proof file against a usage statement that was verified.

    Args:
        proof: the file.
        statement: of the usage record, for example from a verified bundle.

    Raises:
        NotIncluded: the proof does not lead to the statement's root.
        MalformedError: one of them is malformed.
    """
    claim = usage_claim(statement.predicate)
    parsed = parse_usage_proof(proof)
    found = verify_usage_total(parsed, root=claim.root, count=claim.count, units=claim.units)
    return UsageTotal(found.licensee, found.count, found.units, claim.root.hex(), "", -1, proof)


def _log_root(workspace: Workspace, store: UsageStore) -> UsageLogged:
    take_in(store, workspace.place.uses)
    store.make_root()
    root = store.newest_root()
    if root is None:
        raise NoUsage("no usage was recorded here yet", hint="diptych model usage add REF LICENSEE")
    with workspace.write_log() as log:
        index = log.label(LABEL)
        before = None if index is None else record_at(log, index)
        if before is not None:
            claim = usage_claim(before.statement.predicate)
            if claim.root == root.root:  # also where we stopped between log and store
                store.logged(root, before.record)
                return _logged(root, before.record, before.index, new=False)
            _require_continued(claim, root)
        edges = tuple(Edge("used", asset) for asset in store.assets(root)[:_NAMED_ASSETS])
        edges += (Edge("supersedes", before.record),) if before is not None else ()
        draft = _draft(workspace, root, edges)
        (at,) = append_drafts(workspace, log, [draft], labels={LABEL: 0})
        record = record_at(log, at).record
    store.logged(root, record)
    return _logged(root, record, at, new=True)


def _draft(workspace: Workspace, root: UsageRoot, edges: Sequence[Edge]) -> Draft:
    claim: dict[str, JsonValue] = {
        "root": root.root.hex(),
        "count": root.count,
        "units": root.units,
        "licensees": root.licensees,
        "from": iso_utc(root.first_s),
        "to": iso_utc(root.last_s),
    }
    subject = Subject("usage", {ROOT_DIGEST: root.root.hex()})
    return Draft("usage", (subject,), workspace.clock(), tuple(edges), {"usage": claim})


def _require_continued(claim: UsageClaim, root: UsageRoot) -> None:
    if root.count <= claim.count or root.units < claim.units:
        raise UsageEdited(
            f"the usage store holds {root.count} records under its newest root, "
            f"the log knows of {claim.count}",
            hint="restore the store that belongs to this log",
        )


def _logged_root(log: Log, store: UsageStore) -> tuple[UsageRoot, UsageClaim, int, str]:
    root, index = store.newest_root(), log.label(LABEL)
    if root is None or index is None:
        raise NoUsage("no usage stands under a logged root", hint="diptych model usage log")
    record = record_at(log, index)
    claim = usage_claim(record.statement.predicate)
    if claim.root != root.root:
        raise UsageEdited(
            f"the usage store has root {root.root.hex()}, the log says {claim.root.hex()}",
            hint="diptych model usage log",
        )
    return root, claim, index, record.record


def _logged(root: UsageRoot, record: str, index: int, *, new: bool) -> UsageLogged:
    return UsageLogged(record, index, root.root.hex(), root.count, root.units, root.licensees, new)
