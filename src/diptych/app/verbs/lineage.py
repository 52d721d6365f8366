"""`lineage`: where a record comes from, or what came of it, each node verified from the log."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from diptych.app.verbs.model.resolve import registry_of
from diptych.app.verbs.names import local_names
from diptych.app.verbs.policy import own_policy
from diptych.app.verbs.records import find_record
from diptych.app.verbs.signer_names import Naming, with_signer_names
from diptych.app.workspace import Workspace
from diptych.core.clock import iso_utc
from diptych.core.errors import UsageError
from diptych.provenance.graph.assemble import assemble, require_same
from diptych.provenance.graph.graph import Graph
from diptych.provenance.graph.lineage import Lineage
from diptych.provenance.graph.states import EndedBy, Judge, Judged
from diptych.provenance.graph.terms import ENDINGS
from diptych.provenance.graph.walking import IndexedEdge, WalkOptions, walk
from diptych.provenance.log import Log
from diptych_verify.policy import TrustPolicy
from diptych_verify.wording import counted

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SIZE = re.compile(r"[0-9]{1,18}")
_ENDINGS_EACH = 4
_DAY = timedelta(days=1, seconds=-1)


class BadMoment(UsageError):
    """What `--as-of` got is no date, no UTC time and no size of this log."""

    code = "Lineage.BadMoment"


@dataclass(frozen=True)
class Moment:
    """A size of the log, and what a reader must know about how it was found."""

    size: int
    notes: tuple[str, ...] = ()


def lineage(
    workspace: Workspace,
    what: str,
    *,
    as_of: str | None = None,
    options: WalkOptions | None = None,
    policy: TrustPolicy | None = None,
    rebuild: bool = False,
) -> Lineage:
    """Return where a record comes from, or what came of it.

    Args:
        workspace: where the log stands.
        what: index, record id, sealed path or name.
        as_of: a date (its end, UTC), a UTC time, or a log size; by default now.
        options: direction, depth and limits.
        policy: whose signatures count as known; by default the workspace's own keys.
        rebuild: read the whole log again instead of trusting the graph file for completeness.

    Raises:
        NoSuchRecord: `what` names nothing, or did not then.
        BadMoment: `as_of` is no moment of this log.
        GraphUnusable: the graph cannot be made.
        VerificationError: the log's head or key records do not verify.
    """
    options = options or WalkOptions()
    with opened_graph(workspace, rebuild=rebuild) as (log, graph):
        believed = policy or own_policy(workspace, log)
        judge = Judge(log, believed)
        log.check()

        def ask(graph: Graph) -> Lineage:
            moment = moment_of(log, graph, as_of)
            found = find_record(workspace, log, what, size=moment.size).index
            start = graph.first_index(found)
            walked = walk(graph, start, size=moment.size, options=options)
            room = options.limit * _ENDINGS_EACH
            endings = graph.edges_to(list(walked.hops), ENDINGS, size=moment.size, limit=room)
            ended_by = endings_of(workspace, log, moment.size)
            judged = judge.judge_all(walked.hops, endings, ended_by=ended_by)
            require_same(walked, judged, options)
            assembled = assemble(
                *(walked, judged),
                start=start,
                origin=log.origin,
                size=moment.size,
                notes=(*moment.notes, *_limits(walked.truncated, options)),
            )
            naming = Naming(believed, judge, ended_by)
            return with_signer_names(workspace, log, _with_local_names(log, assembled), naming)

        return graph.ask(log, ask)


@contextmanager
def opened_graph(workspace: Workspace, *, rebuild: bool = False) -> Iterator[tuple[Log, Graph]]:
    """Open the log for reading with its graph caught up."""
    with workspace.read_log() as log, Graph(workspace.place.graph) as graph:
        graph.catch_up(log, progress=workspace.progress, rebuild=rebuild)
        yield log, graph


def judge_records(
    workspace: Workspace,
    opened: tuple[Log, Graph],
    indexes: Iterable[int],
    *,
    policy: TrustPolicy | None = None,
) -> dict[int, Judged]:
    """Return the verification state of some records as of now.

    Raises:
        VerificationError: the log's head or key records do not verify.
    """
    log, graph = opened
    wanted = sorted(set(indexes))
    judge = Judge(log, policy or own_policy(workspace, log))
    room = _ENDINGS_EACH * (len(wanted) + 1)

    def endings(graph: Graph) -> list[IndexedEdge]:
        return list(graph.edges_to(wanted, ENDINGS, size=log.size, limit=room))

    ended_by = endings_of(workspace, log, log.size)
    return judge.judge_all(wanted, graph.ask(log, endings), ended_by=ended_by)


def endings_of(workspace: Workspace, log: Log, size: int) -> EndedBy:
    """Return what ends records below a size; the graph file alone could leave something out."""
    registry = registry_of(workspace, log)

    def ended_by(record: bytes) -> list[int]:
        named = record.hex()
        found = (*registry.about("revocation", named), *registry.about("erased", named))
        return [one.index for one in found if one.index < size]

    return ended_by


def moment_of(log: Log, graph: Graph, as_of: str | None) -> Moment:
    """Return the log size that a date, a time or a size stands for.

    Raises:
        BadMoment: it is none, or the log has no record of then.
    """
    if as_of is None:
        return Moment(log.size)
    if _SIZE.fullmatch(as_of):
        size = int(as_of)
        if not 1 <= size <= log.size:
            raise BadMoment(f"got size {size}, expected 1 to {log.size}", hint="diptych log")
        return Moment(size, (f"as of log size {size} of {log.size}",))
    time_s = parse_moment(as_of)
    found = graph.as_of(time_s)
    first = f"the first {counted(found.size, 'record')} of {log.size} claim a time up to"
    note = f"as of {iso_utc(time_s)}: {first} it"
    if found.ended_by is not None:
        note += f"; record {found.ended_by} claims a later one"
    if not found.size:
        raise BadMoment(f"no record claims a time up to {iso_utc(time_s)}", hint="diptych log")
    return Moment(found.size, (note,))


def parse_moment(text: str) -> int:
    """Return seconds since the epoch: of a UTC time, or of the end of a date.

    Raises:
        BadMoment: it is neither.

    >>> parse_moment("1970-01-01")
    86399
    """
    try:
        if _DATE.fullmatch(text):
            return int((datetime.fromisoformat(text).replace(tzinfo=UTC) + _DAY).timestamp())
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError
        return int(moment.timestamp())
    except (ValueError, OverflowError):
        raise BadMoment(
            f"got '{text[:80]}', expected a date like 2026-03-03, a time like "
            "2026-03-03T12:00:00Z or a log size"
        ) from None


def _with_local_names(log: Log, found: Lineage) -> Lineage:
    """Add what this workspace calls private data; the graph and PROV-JSON know only records."""
    hidden = {one.index for one in found.nodes if one.kind == "private" and one.index is not None}
    names = local_names(log, hidden)
    nodes = tuple(
        one if one.index not in names else replace(one, local_name=names[one.index])
        for one in found.nodes
    )
    return replace(found, nodes=nodes) if names else found


def _limits(truncated: bool, options: WalkOptions) -> tuple[str, ...]:
    return (f"cut off at {options.limit} nodes; --limit shows more",) if truncated else ()
