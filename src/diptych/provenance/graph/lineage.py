"""A lineage as it is shown: nodes with their state, agents, edges; JSON-ready, and pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from diptych.core.clock import iso_utc
from diptych.core.errors import JsonValue
from diptych.provenance.graph.states import State
from diptych.provenance.graph.terms import NodeType


@dataclass(frozen=True)
class LineageNode:
    """One record, one agent, or one record that is missing.

    Attributes:
        key: unique in the lineage: log index, record id of what is missing, or agent.
        type: PROV type.
        kind: of the record; `agent` for an agent, `?` for what is missing.
        name: what people call it.
        state: of its evidence; None for an agent.
        reason: why it has this state, one sentence.
        index: in the log, None for an agent or what is missing.
        record: hex record id, empty for an agent.
        time_s: claimed, seconds since the epoch; None if unknown.
        signers: key ids.
        signer_names: for each of them the name that the policy vouches for with what it rests on,
            else empty; none at all if there is no name.
        hops: from the start, below 0 for what came of it.
        erased_leaves: how many leaves of its private tree were erased, if not all.
        local_name: what this workspace calls it where the record hides its name, else empty.
    """

    key: str
    type: NodeType
    kind: str
    name: str
    state: State | None
    reason: str = ""
    index: int | None = None
    record: str = ""
    time_s: int | None = None
    signers: tuple[str, ...] = ()
    hops: int = 0
    erased_leaves: int = 0
    local_name: str = ""
    signer_names: tuple[str, ...] = ()

    @property
    def signed_by(self) -> tuple[str, ...]:
        """Names with evidence where they are known, else key ids."""
        names = self.signer_names or ("",) * len(self.signers)
        return tuple(name or one for one, name in zip(self.signers, names, strict=True))

    @property
    def shown_name(self) -> str:
        """What to call it in this workspace; not for what leaves it."""
        return self.local_name or self.name

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return {
            "key": self.key,
            "type": self.type.value,
            "kind": self.kind,
            "name": self.name,
            "local_name": self.local_name or None,
            "state": None if self.state is None else self.state.value,
            "reason": self.reason,
            "index": self.index,
            "record": self.record or None,
            "claimed_time": None if self.time_s is None else iso_utc(self.time_s),
            "signers": list(self.signers),
            "signed_by": list(self.signed_by),
            "hops": self.hops,
            "erased_leaves": self.erased_leaves,
        }


@dataclass(frozen=True)
class LineageEdge:
    """An edge between two keys: `source` is what is newer, or what an agent answers for."""

    source: str
    relation: str
    target: str
    extra: Mapping[str, JsonValue] = field(default_factory=dict)

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return {**self.extra, "from": self.source, "rel": self.relation, "to": self.target}


@dataclass(frozen=True)
class Lineage:
    """Where something comes from, or what came of it, as of a log size.

    Attributes:
        start: key of the record that was asked about.
        origin: name of the log.
        size: records from this index on were left out.
        nodes: the start first, then by hops and index.
        edges: between these nodes.
        truncated: True if a limit cut it short.
        notes: what a reader must know to read it rightly.
    """

    start: str
    origin: str
    size: int
    nodes: tuple[LineageNode, ...]
    edges: tuple[LineageEdge, ...]
    truncated: bool = False
    notes: tuple[str, ...] = ()

    def node(self, key: str) -> LineageNode:
        """Return the node of a key."""
        return next(node for node in self.nodes if node.key == key)

    def count(self, state: State) -> int:
        """Return how many nodes have a state."""
        return sum(node.state is state for node in self.nodes)

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `--json` shows."""
        return {
            "start": self.start,
            "origin": self.origin,
            "size": self.size,
            "nodes": [node.to_json() for node in self.nodes],
            "edges": [edge.to_json() for edge in self.edges],
            "truncated": self.truncated,
            "notes": list(self.notes),
        }
