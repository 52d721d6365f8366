"""`data show`: one version: what it seals, what it says, and what its evidence comes to."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from diptych.app.verbs.anchors import earliest_anchor
from diptych.app.verbs.data.content import readable, version_files
from diptych.app.verbs.lineage import judge_records, opened_graph
from diptych.app.verbs.names import newest_version
from diptych.app.verbs.records import Record, find_record
from diptych.app.workspace import Workspace
from diptych.core.errors import DiptychError, JsonValue
from diptych.provenance.graph.extract import display_name, version_claim
from diptych.provenance.graph.graph import Graph
from diptych.provenance.graph.states import Judged
from diptych.provenance.log import Log, LogReader
from diptych_verify.statement import RELATIONS

LISTED_FILES = 20
_MAX_INCOMING = 100_000


@dataclass(frozen=True)
class ShownEdge:
    """One edge that a version states: relation, index of the other end if it is here, its name."""

    relation: str
    index: int | None
    name: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return {"rel": self.relation, "index": self.index, "name": self.name}


@dataclass(frozen=True)
class ShownVersion:
    """One version.

    Attributes:
        judged: its verification state.
        record: hex record id.
        name: of the record, `NAME@version` where it has one.
        newest: number of the newest version of that name, 0 without one.
        facts: manifest summary: files, bytes, algorithms, root; empty for private data.
        files: path and size of the first files.
        why_no_files: why there are none, empty if there are.
        edges: what it states.
        used: how many records point to it, by relation.
        anchored: whether a chain has seen it.
        size: log size up to which negative facts hold.
    """

    judged: Judged
    record: str
    name: str
    newest: int
    facts: dict[str, JsonValue]
    files: tuple[tuple[str, int], ...]
    why_no_files: str
    edges: tuple[ShownEdge, ...]
    used: dict[str, int]
    anchored: bool
    size: int
    signers: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data show --json` shows."""
        statement = self.judged.statement
        return {
            "index": self.judged.index,
            "record": self.record,
            "kind": None if statement is None else statement.kind,
            "name": self.name,
            "newest": self.newest,
            "claimed_time": None if statement is None else statement.time,
            "signers": list(self.signers),
            "state": self.judged.state.value,
            "reason": self.judged.reason,
            "anchored": self.anchored,
            "log_size": self.size,
            "manifest": self.facts,
            "files": [[path, size] for path, size in self.files],
            "why_no_files": self.why_no_files,
            "edges": [edge.to_json() for edge in self.edges],
            "used": dict(self.used),
        }


def show(workspace: Workspace, what: str) -> ShownVersion:
    """Show one version.

    Args:
        workspace: where the log stands.
        what: index, record id, sealed path or name.

    Raises:
        NoSuchRecord: `what` names nothing.
        VerificationError: the log's head or key records do not verify.
    """
    with opened_graph(workspace) as (log, graph):
        record = find_record(workspace, log, what)
        judged = judge_records(workspace, (log, graph), [record.index])[record.index]
        files, why_not = _files(workspace, record)
        claim = version_claim(record.statement)
        return ShownVersion(
            judged=judged,
            record=record.record,
            name=display_name(record.statement),
            newest=0 if claim is None else newest_version(log, claim[0], claim[1]),
            facts=_facts(record),
            files=files,
            why_no_files=why_not,
            edges=tuple(_edges(log, record)),
            used=graph.ask(log, lambda graph: _used(graph, log, record.index)),
            anchored=earliest_anchor(workspace, covering=record.index) is not None,
            size=log.size,
            signers=record.signers,
        )


def _facts(record: Record) -> dict[str, JsonValue]:
    claim = record.statement.manifest
    if claim is None:
        return {}
    return {
        "algorithms": list(claim.algorithms),
        "root": claim.root.hex(),
        "files": claim.files,
        "bytes": claim.total_bytes,
    }


def _files(workspace: Workspace, record: Record) -> tuple[tuple[tuple[str, int], ...], str]:
    try:
        with version_files(workspace, record) as files:
            first = islice(files.entries(), LISTED_FILES)
            return tuple((entry.path, entry.size) for entry in first), ""
    except DiptychError as error:
        return (), readable(error)


def _edges(log: LogReader, record: Record) -> Iterator[ShownEdge]:
    from diptych.app.verbs.records import record_at

    for edge in record.statement.edges:
        if edge.record is None:
            extra = ", ".join(f"{value}" for _, value in sorted(edge.extra.items()))
            yield ShownEdge(edge.relation, None, extra)
            continue
        index = log.find(edge.record)
        name = edge.record.hex()[:16] if index is None else _named(record_at(log, index))
        yield ShownEdge(edge.relation, index, name)


def _named(record: Record) -> str:
    return f"{record.statement.kind} {display_name(record.statement)}"


def _used(graph: Graph, log: Log, index: int) -> dict[str, int]:
    edges = graph.edges_to(
        [graph.first_index(index)], RELATIONS, size=log.size, limit=_MAX_INCOMING
    )
    return dict(sorted(Counter(edge.relation for edge in edges).items()))
