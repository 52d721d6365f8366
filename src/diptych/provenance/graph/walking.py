"""Walk a graph of records breadth first; pure, over any source of edges.

A record id is a hash over the record's edges, so that no record can lead to itself. A walk does not
rely on it: each node is visited once, and limits hold whatever the source says.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from diptych.core.errors import JsonValue
from diptych.provenance.graph.errors import BadWalk
from diptych.provenance.graph.terms import CONTEXT, FLOW, VERSIONS, Direction

MAX_NODES = 100_000
EDGES_PER_NODE = 16


@dataclass(frozen=True, slots=True)
class IndexedEdge:
    """One edge as the graph holds it.

    Attributes:
        source: log index of the record that states it.
        relation: one of the relations of a statement.
        target: log index of the other end; None if that is no record of this log.
        pointer: 32-byte record id of an end that is missing, else None.
        extra: further members, for example agent and role.
    """

    source: int
    relation: str
    target: int | None
    pointer: bytes | None = None
    extra: Mapping[str, JsonValue] = field(default_factory=dict)


class EdgeSource(Protocol):
    """Where edges come from; both methods return at most `limit` edges."""

    def edges_from(
        self, indexes: Sequence[int], relations: Iterable[str], *, size: int, limit: int
    ) -> Iterable[IndexedEdge]:
        """Return the edges of these relations that these records state.

        An end at or above `size` is a missing one: it has a pointer and no target.
        """
        ...

    def edges_to(
        self, indexes: Sequence[int], relations: Iterable[str], *, size: int, limit: int
    ) -> Iterable[IndexedEdge]:
        """Return the edges of these relations that point to these records from below `size`."""
        ...


@dataclass(frozen=True)
class WalkOptions:
    """What to follow and how far.

    Attributes:
        direction: up to the sources, down to what came of it, or both.
        depth: most hops from the start; None for all.
        limit: most nodes.
        versions: also follow `supersedes`.
        context: also show licences, permissions and checks, without following them.
        without: relations that are not followed.
    """

    direction: Direction = Direction.UP
    depth: int | None = None
    limit: int = 10_000
    versions: bool = False
    context: bool = True
    without: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_NODES:
            raise BadWalk(f"got a limit of {self.limit} nodes, expected 1 to {MAX_NODES}")
        if self.depth is not None and self.depth < 0:
            raise BadWalk(f"got a depth of {self.depth}, expected 0 or more")

    @property
    def followed(self) -> frozenset[str]:
        """Relations along which the walk goes on."""
        return (FLOW | VERSIONS if self.versions else FLOW) - self.without

    @property
    def shown(self) -> frozenset[str]:
        """Relations of which the walk up shows the other end."""
        return self.followed | CONTEXT if self.context else self.followed


@dataclass(frozen=True)
class Walked:
    """What a walk reached.

    Attributes:
        hops: least number of hops by log index; below 0 down, above 0 up, 0 the start.
        missing: hops by record id of what edges name and this log does not hold at this size.
        edges: between what was reached, in the order of the walk.
        expanded: records all of whose followed and shown edges are among them.
        truncated: True if a limit cut it short.
    """

    hops: Mapping[int, int]
    missing: Mapping[bytes, int]
    edges: tuple[IndexedEdge, ...]
    expanded: frozenset[int]
    truncated: bool


def walk(source: EdgeSource, *starts: int, size: int, options: WalkOptions) -> Walked:
    """Walk from one record, or from several at once.

    Args:
        source: the graph.
        starts: log indexes, below `size`.
        size: records from this index on do not exist for this walk.
        options: what to follow.

    Raises:
        BadWalk: a start is not below `size`, or there are more of them than nodes allowed.
    """
    outside = [start for start in starts if not 0 <= start < size]
    if outside or not 1 <= len(starts) <= options.limit:
        what = f"record {outside[0]}" if outside else f"{len(starts)} records"
        raise BadWalk(
            f"cannot start from {what}: the log had {size} records, the limit is {options.limit}",
            hint="ask for a later date, a larger size or a larger limit",
        )
    steps = _Walk(source, starts, size, options)
    if options.direction is not Direction.DOWN:
        steps.go(up=True)
    if options.direction is not Direction.UP:
        steps.go(up=False)
    return Walked(
        steps.hops,
        steps.missing,
        tuple(steps.edges.values()),
        frozenset() if steps.truncated else frozenset(steps.expanded),
        steps.truncated,
    )


class _Walk:
    """State of one walk."""

    def __init__(
        self, source: EdgeSource, starts: Sequence[int], size: int, options: WalkOptions
    ) -> None:
        self._source, self._starts, self._size, self._options = source, starts, size, options
        self.hops: dict[int, int] = dict.fromkeys(starts, 0)
        self.missing: dict[bytes, int] = {}
        self.edges: dict[tuple[int, str, int | bytes], IndexedEdge] = {}
        self.expanded: set[int] = set()
        self.truncated = False

    def go(self, *, up: bool) -> None:
        """Follow edges one way, level by level."""
        frontier, hop = list(dict.fromkeys(self._starts)), 0
        walked = set(frontier)
        while frontier:
            if self._options.depth is not None and hop >= self._options.depth:
                return
            hop += 1
            if up:
                self.expanded.update(frontier)
            reached: list[int] = []
            for edge in self._level(frontier, up=up):
                end = self._take(edge, hop if up else -hop, up=up)
                followed = edge.relation in self._options.followed
                if end is not None and followed and end not in walked:
                    walked.add(end)
                    reached.append(end)
            frontier = reached

    def _level(self, frontier: Sequence[int], *, up: bool) -> Iterable[IndexedEdge]:
        # A hub could have a million edges: what cannot become a node is not even read.
        room = EDGES_PER_NODE * (self._options.limit + 1)
        edges = self._source.edges_from if up else self._source.edges_to
        relations = self._options.shown if up else self._options.followed
        found = list(edges(frontier, relations, size=self._size, limit=room))
        self.truncated = self.truncated or len(found) >= room
        return found

    def _take(self, edge: IndexedEdge, hops: int, *, up: bool) -> int | None:
        """Note an edge and the node it leads to; return that node's index if it is here."""
        target = edge.pointer if edge.target is None else edge.target
        end = target if up else edge.source
        if up and target is None:  # an agent, who is no record
            self.edges.setdefault((edge.source, edge.relation, len(self.edges)), edge)
            return None
        if end is None or target is None or not self._note(end, hops):
            return None
        self.edges.setdefault((edge.source, edge.relation, target), edge)
        return end if isinstance(end, int) else None

    def _note(self, end: int | bytes, hops: int) -> bool:
        """Note a node; return False if there is no room for it."""
        if end in self.hops or end in self.missing:
            return True
        if len(self.hops) + len(self.missing) >= self._options.limit:
            self.truncated = True
            return False
        if isinstance(end, int):
            self.hops[end] = hops
        else:
            self.missing[end] = hops
        return True
