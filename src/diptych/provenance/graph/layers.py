"""Layers of a drawing: which column each node stands in, and in which order; pure.

The first three steps of Sugiyama, Tagawa, Toda, "Methods for visual understanding of hierarchical
system structures" (IEEE SMC 1981): layers along the longest path, virtual nodes where an edge
crosses layers, and barycentre sweeps against crossings. Our own, because no kept-up library in
pure Python under a permissive licence does it: grandalf is GPL or EPL, networkx has no layers
without crossings.
"""

import itertools
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

Node = Hashable
Pair = tuple[Node, Node]
_SWEEPS = 12
_MAX_VIRTUAL = 20_000


@dataclass(frozen=True)
class Virtual:
    """A place where an edge passes a layer."""

    pair: Pair
    layer: int


@dataclass(frozen=True)
class Layered:
    """Nodes and virtual nodes, layer by layer from left, and which of them are joined.

    Attributes:
        layers: ordered from top.
        joined: right neighbours by node.
        routes: for each edge what it passes, both ends included, from left to right.
    """

    layers: tuple[tuple[Node, ...], ...]
    joined: Mapping[Node, tuple[Node, ...]]
    routes: Mapping[Pair, tuple[Node, ...]]


def layered(nodes: Sequence[Node], pairs: Sequence[Pair]) -> Layered:
    """Arrange nodes in layers.

    Args:
        nodes: all of them, in an order that is kept where nothing speaks against it.
        pairs: (left, right); pairs that would close a circle are drawn but not obeyed.

    >>> layered("abc", [("a", "b"), ("b", "c"), ("a", "c")]).layers[0]
    ('a',)
    """
    known = set(nodes)
    wanted = [pair for pair in dict.fromkeys(pairs) if set(pair) <= known and pair[0] != pair[1]]
    order = _topological(nodes, wanted)
    position = {node: at for at, node in enumerate(order)}
    obeyed = [pair for pair in wanted if position[pair[0]] < position[pair[1]]]
    layer = _ranks(order, obeyed)
    routes = _routes(obeyed, layer)
    for pair in wanted:
        routes.setdefault(pair, pair)
    columns: list[list[Node]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for node in nodes:
        columns[layer[node]].append(node)
    joined: dict[Node, list[Node]] = {}
    for pair in obeyed:
        route = routes[pair]
        for node in route[1:-1]:
            assert isinstance(node, Virtual)
            columns[node.layer].append(node)
        if len(route) > 2 or layer[route[-1]] - layer[route[0]] == 1:
            for left, right in itertools.pairwise(route):
                joined.setdefault(left, []).append(right)
    frozen = {node: tuple(ends) for node, ends in joined.items()}
    return Layered(tuple(map(tuple, _uncrossed(columns, frozen))), frozen, routes)


def _topological(nodes: Sequence[Node], pairs: Sequence[Pair]) -> list[Node]:
    """Return the nodes left before right; where there is a circle, it is cut at the first node."""
    waiting = dict.fromkeys(nodes, 0)
    after: dict[Node, list[Node]] = {}
    for left, right in pairs:
        waiting[right] += 1
        after.setdefault(left, []).append(right)
    order: list[Node] = []
    ready = deque(node for node in nodes if not waiting[node])
    left_over = iter(nodes)
    while len(order) < len(waiting):
        if not ready:
            ready.append(next(node for node in left_over if waiting[node] > 0))
            waiting[ready[0]] = 0
        node = ready.popleft()
        order.append(node)
        for right in after.get(node, ()):
            waiting[right] -= 1
            if waiting[right] == 0:
                ready.append(right)
    return order


def _ranks(order: Sequence[Node], pairs: Sequence[Pair]) -> dict[Node, int]:
    """Return layers along the longest path, each node as near to its right neighbours as can be."""
    before: dict[Node, list[Node]] = {}
    after: dict[Node, list[Node]] = {}
    for left, right in pairs:
        before.setdefault(right, []).append(left)
        after.setdefault(left, []).append(right)
    rank: dict[Node, int] = {}
    for node in order:
        rank[node] = max((rank[left] + 1 for left in before.get(node, ())), default=0)
    for node in reversed(order):
        if node in after:
            rank[node] = min(rank[right] for right in after[node]) - 1
    lowest = min(rank.values(), default=0)
    return {node: at - lowest for node, at in rank.items()}


def _routes(pairs: Sequence[Pair], layer: Mapping[Node, int]) -> dict[Pair, tuple[Node, ...]]:
    spans = {pair: range(layer[pair[0]] + 1, layer[pair[1]]) for pair in pairs}
    straight = sum(map(len, spans.values())) > _MAX_VIRTUAL
    return {
        pair: (
            pair[0],
            *(() if straight else (Virtual(pair, at) for at in span)),
            pair[1],
        )
        for pair, span in spans.items()
    }


def _uncrossed(
    columns: list[list[Node]], joined: Mapping[Node, Sequence[Node]]
) -> list[list[Node]]:
    """Sweep over the layers, sort each by the mean place of its neighbours, keep the best."""
    left: dict[Node, list[Node]] = {}
    for node, ends in joined.items():
        for end in ends:
            left.setdefault(end, []).append(node)
    best, fewest = columns, _crossings(columns, joined)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        forward = sweep % 2 == 0
        tried = _swept(columns if sweep else best, left if forward else joined, forward=forward)
        columns, crossings = tried, _crossings(tried, joined)
        if crossings < fewest:
            best, fewest = tried, crossings
    return best


def _swept(
    columns: Sequence[Sequence[Node]],
    neighbours: Mapping[Node, Sequence[Node]],
    *,
    forward: bool,
) -> list[list[Node]]:
    swept = [list(column) for column in columns]
    order = range(1, len(swept)) if forward else range(len(swept) - 2, -1, -1)
    for at in order:
        beside = swept[at - 1 if forward else at + 1]
        place = {node: float(number) for number, node in enumerate(beside)}
        own = {node: float(number) for number, node in enumerate(swept[at])}
        for node in swept[at]:
            near = [place[one] for one in neighbours.get(node, ()) if one in place]
            if near:
                own[node] = sum(near) / len(near)
        swept[at].sort(key=own.__getitem__)
    return swept


def _crossings(columns: Sequence[Sequence[Node]], joined: Mapping[Node, Sequence[Node]]) -> int:
    total = 0
    for column, right in itertools.pairwise(columns):
        place = {node: number for number, node in enumerate(right)}
        seen: list[int] = []
        for node in column:
            ends = sorted(place[end] for end in joined.get(node, ()) if end in place)
            total += sum(len(seen) - bisect_left(seen, end + 1) for end in ends)
            for end in ends:
                insort(seen, end)
    return total
