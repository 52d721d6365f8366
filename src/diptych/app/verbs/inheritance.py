"""What may be published: the licences of all ancestors against the licence of the new record."""

from collections import deque
from collections.abc import Sequence

from diptych.app.verbs.licences import Held, Licences, open_licences
from diptych.app.verbs.records import Record, record_at
from diptych.app.workspace import Workspace
from diptych.provenance.licence import Ancestor, Conflict, conflicts
from diptych.provenance.licence.inherit import require_compatible
from diptych.provenance.log import LogReader
from diptych.provenance.statement import Edge
from diptych_verify.licence import Licence
from diptych_verify.lineage import ANCESTRY

_MOST = 100_000


def require_publishable(
    workspace: Workspace, log: LogReader, licence: Licence | None, edges: Sequence[Edge]
) -> None:
    """Refuse to publish what an ancestor's licence does not allow.

    Args:
        workspace: where the log stands.
        log: the opened log.
        licence: terms of the new record; None if it has none, which keeps no ancestor's duties.
        edges: edges of the new record.

    Raises:
        LicenceConflict: naming the clause and the ancestor; `details` lists all.
        ObjectMissing: a licence's document is not stored here.
    """
    ancestors = licensed_ancestors(workspace, log, edges)
    require_compatible(licence, ancestors, when_s=workspace.clock())


def find_conflicts(
    workspace: Workspace, log: LogReader, licence: Licence, edges: Sequence[Edge]
) -> tuple[Conflict, ...]:
    """Return every clause that publishing would break, without refusing."""
    ancestors = licensed_ancestors(workspace, log, edges)
    return conflicts(licence, ancestors, when_s=workspace.clock())


def licensed_ancestors(
    workspace: Workspace, log: LogReader, edges: Sequence[Edge]
) -> list[Ancestor]:
    """Return all ancestors with the licences that hold for them, direct ones first.

    What we license ourselves does not bind us, so it is left out.
    """
    first = [
        (edge.rel, bytes.fromhex(edge.record))
        for edge in sorted(edges, key=lambda edge: edge.rel == "generated")
        if edge.rel in ANCESTRY and edge.record
    ]
    if not first:  # then the graph need not be brought up to the log
        return []
    queue, seen, found = deque(first), set[bytes](), list[Ancestor]()
    with open_licences(workspace, log) as licences:
        while queue and len(seen) < _MOST:
            relation, record_id = queue.popleft()
            index = None if record_id in seen else log.find(record_id)
            seen.add(record_id)
            if index is None:
                continue
            record = record_at(log, index)
            ancestor = _ancestor(licences, record, relation)
            if ancestor is not None:
                found.append(ancestor)
            queue.extend(
                (relation, edge.record)
                for edge in record.statement.edges
                if edge.relation in ANCESTRY and edge.record is not None
            )
    return found


def came_from(record: Record) -> list[Edge]:
    """Return the edges of a record as they would be given to publish it again."""
    return [
        Edge(edge.relation, edge.record.hex())
        for edge in record.statement.edges
        if edge.record is not None
    ]


def _ancestor(licences: Licences, record: Record, relation: str) -> Ancestor | None:
    held = licences.held(record)
    if held is None or held.licensor:
        return None
    return Ancestor(record.name, relation, held.licence, _approved(licences, record, held))


def _approved(licences: Licences, record: Record, held: Held) -> bool:
    """Tell whether a grant that is logged here, and not revoked, covers the derivative."""
    return any(
        one.agreement.revoked_s is None and one.under.digest == held.digest
        for one in licences.grants(record)
    )
