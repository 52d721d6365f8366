"""Put a walk and what was judged together into a lineage; pure.

What the graph file said is held against the logged statements: a difference means that the file is
stale or was tampered with, and is raised as `StaleGraph` so that it is made anew.
"""

from collections.abc import Mapping

from diptych.provenance.graph.lineage import Lineage, LineageEdge, LineageNode
from diptych.provenance.graph.states import Judged, State
from diptych.provenance.graph.terms import NodeType, type_of
from diptych.provenance.graph.walking import IndexedEdge, Walked, WalkOptions

MISSING_KIND = "?"
AGENT_KIND = "agent"
_SHORT = 16
_MAX_AGENT_CHARACTERS = 200


class StaleGraph(ValueError):
    """The graph file and the log disagree; never leaves this package."""


def require_same(walked: Walked, judged: Mapping[int, Judged], options: WalkOptions) -> None:
    """Hold the walk against the statements in the log.

    Args:
        walked: what the graph file led to.
        judged: each record of `walked.hops`.
        options: of the walk.

    Raises:
        StaleGraph: an edge is not stated, or one that belongs here is left out.
    """
    shown = {(edge.source, edge.relation, _end(edge, judged)) for edge in walked.edges}
    for source, relation, end in shown:
        statement = judged[source].statement if source in judged else None
        if statement is not None and (relation, end) not in _stated(judged[source]):
            raise StaleGraph(f"record {source} states no such edge")
    for index in walked.expanded:
        for relation, end in _stated(judged[index]):
            if relation in options.shown and (index, relation, end) not in shown:
                raise StaleGraph(f"an edge of record {index} is not in the graph")


def assemble(
    walked: Walked,
    judged: Mapping[int, Judged],
    *,
    start: int,
    origin: str,
    size: int,
    notes: tuple[str, ...] = (),
) -> Lineage:
    """Return the lineage of a walk; arguments as in `Lineage` and `require_same`."""
    nodes = [_record_node(judged[index], hops) for index, hops in walked.hops.items()]
    nodes += [_missing_node(record, hops) for record, hops in walked.missing.items()]
    edges: list[LineageEdge] = []
    agents: dict[str, LineageNode] = {}
    for edge in walked.edges:
        if edge.target is None and edge.pointer is None:
            agent = _agent_node(edge, walked.hops[edge.source])
            target = agents.setdefault(agent.key, agent).key
        else:
            target = str(edge.target) if edge.pointer is None else edge.pointer.hex()
        edges.append(LineageEdge(str(edge.source), edge.relation, target, edge.extra))
    nodes += agents.values()
    nodes.sort(key=lambda node: (abs(node.hops), node.index is None, node.index or 0, node.key))
    return Lineage(
        start=str(start),
        origin=origin,
        size=size,
        nodes=tuple(nodes),
        edges=tuple(edges),
        truncated=walked.truncated,
        notes=notes,
    )


def _record_node(one: Judged, hops: int) -> LineageNode:
    kind = MISSING_KIND if one.statement is None else one.statement.kind
    return LineageNode(
        key=str(one.index),
        type=type_of(kind),
        kind=kind,
        name=one.name,
        state=one.state,
        reason=one.reason,
        index=one.index,
        record=one.record.hex(),
        time_s=None if one.statement is None else one.time_s,
        signers=one.signers,
        hops=hops,
        erased_leaves=one.erased_leaves,
    )


def _missing_node(record: bytes, hops: int) -> LineageNode:
    return LineageNode(
        key=record.hex(),
        type=NodeType.ENTITY,
        kind=MISSING_KIND,
        name=record.hex()[:_SHORT],
        state=State.MISSING,
        reason="named by a record, but not in this log at this size",
        record=record.hex(),
        hops=hops,
    )


def _agent_node(edge: IndexedEdge, hops: int) -> LineageNode:
    name = edge.extra.get("agent")
    text = name if isinstance(name, str) and name else "unnamed"
    return LineageNode(
        key=f"agent:{text[:_MAX_AGENT_CHARACTERS]}",
        type=NodeType.AGENT,
        kind=AGENT_KIND,
        name=text[:_MAX_AGENT_CHARACTERS],
        state=None,
        hops=hops,
    )


def _stated(one: Judged) -> frozenset[tuple[str, bytes | None]]:
    if one.statement is None:
        return frozenset()
    return frozenset((edge.relation, edge.record) for edge in one.statement.edges)


def _end(edge: IndexedEdge, judged: Mapping[int, Judged]) -> bytes | None:
    """Return the record id at the far end, as the log has it; None for an agent."""
    return edge.pointer if edge.target is None else judged[edge.target].record
