"""Coordinates of a drawing: columns from left to right, heights that keep edges straight; pure.

Heights minimise the squared distance to the mean of a node's neighbours while order and gaps hold:
isotonic regression by pooling adjacent violators (Ayer et al. 1955), once for each layer and sweep.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diptych.provenance.graph.layers import Layered, Node, Pair, Virtual, layered

NODE_WIDTH = 224.0
NODE_HEIGHT = 66.0
COLUMN_GAP = 96.0
ROW_GAP = 22.0
_LANE_HEIGHT = 10.0
_SWEEPS = 8


@dataclass(frozen=True)
class Point:
    """A place in pixels; y grows downwards."""

    x: float
    y: float


@dataclass(frozen=True)
class Drawing:
    """Where everything stands.

    Attributes:
        boxes: top left corner by node.
        routes: points of each edge, from the right side of its left end to its right end.
        width: of the whole, in pixels.
        height: of the whole, in pixels.
    """

    boxes: Mapping[Node, Point]
    routes: Mapping[Pair, tuple[Point, ...]]
    width: float
    height: float


def layout(nodes: Sequence[Node], pairs: Sequence[Pair]) -> Drawing:
    """Place nodes and route edges; arguments as in `layered`.

    >>> drawing = layout("ab", [("a", "b")])
    >>> drawing.boxes["a"].y == drawing.boxes["b"].y, drawing.width
    (True, 544.0)
    """
    arranged = layered(nodes, pairs)
    centre = _heights(arranged)
    top = min((centre[node] - _size(node) / 2 for node in centre), default=0.0)
    column = {node: at for at, nodes in enumerate(arranged.layers) for node in nodes}
    x = {node: at * (NODE_WIDTH + COLUMN_GAP) for node, at in column.items()}
    middle = {node: y - top for node, y in centre.items()}
    return Drawing(
        boxes={node: Point(x[node], middle[node] - NODE_HEIGHT / 2) for node in nodes},
        routes={pair: _points(route, x, middle) for pair, route in arranged.routes.items()},
        width=max(0.0, len(arranged.layers) * (NODE_WIDTH + COLUMN_GAP) - COLUMN_GAP),
        height=max((middle[node] + _size(node) / 2 for node in middle), default=0.0),
    )


def _points(
    route: Sequence[Node], x: Mapping[Node, float], middle: Mapping[Node, float]
) -> tuple[Point, ...]:
    points = [Point(x[route[0]] + NODE_WIDTH, middle[route[0]])]
    for node in route[1:-1]:
        points += [Point(x[node], middle[node]), Point(x[node] + NODE_WIDTH, middle[node])]
    return (*points, Point(x[route[-1]], middle[route[-1]]))


def _heights(arranged: Layered) -> dict[Node, float]:
    left: dict[Node, list[Node]] = {}
    for node, ends in arranged.joined.items():
        for end in ends:
            left.setdefault(end, []).append(node)
    centre: dict[Node, float] = {}
    for layer in arranged.layers:
        centre.update(_settled(layer, [0.0] * len(layer)))
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for layer in arranged.layers if forward else reversed(arranged.layers):
            near = [
                [centre[one] for one in (*left.get(node, ()), *arranged.joined.get(node, ()))]
                if sweep > _SWEEPS // 2
                else [
                    centre[one]
                    for one in (left.get(node, ()) if forward else arranged.joined.get(node, ()))
                ]
                for node in layer
            ]
            wanted = [
                sum(some) / len(some) if some else centre[node]
                for node, some in zip(layer, near, strict=True)
            ]
            centre.update(_settled(layer, wanted))
    return centre


def _settled(layer: Sequence[Node], wanted: Sequence[float]) -> dict[Node, float]:
    """Return heights nearest to the wanted ones that keep the order and the gaps."""
    offsets = [0.0]
    for above, below in itertools.pairwise(layer):
        offsets.append(offsets[-1] + (_size(above) + _size(below)) / 2 + ROW_GAP)
    blocks: list[tuple[float, int]] = []  # mean, count
    for wish, offset in zip(wanted, offsets, strict=False):
        mean, count = wish - offset, 1
        while blocks and blocks[-1][0] >= mean:
            before, many = blocks.pop()
            mean, count = (before * many + mean * count) / (many + count), many + count
        blocks.append((mean, count))
    levels = [mean for mean, count in blocks for _ in range(count)]
    return {
        node: level + offset for node, level, offset in zip(layer, levels, offsets, strict=False)
    }


def _size(node: Node) -> float:
    return _LANE_HEIGHT if isinstance(node, Virtual) else NODE_HEIGHT
