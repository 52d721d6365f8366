"""A lineage as one SVG file: nothing is loaded, light and dark, readable without colours.

Flow goes from left to right: from what was used to what came of it.
"""

import html
from collections.abc import Iterator, Mapping
from typing import Final

from diptych.provenance.graph.layout import NODE_HEIGHT, NODE_WIDTH, Drawing, Point, layout
from diptych.provenance.graph.lineage import Lineage, LineageEdge, LineageNode
from diptych.provenance.graph.states import State
from diptych.provenance.graph.style import STYLE
from diptych.provenance.graph.terms import NodeType
from diptych.provenance.graph.wording import (
    MARKS,
    cut,
    described,
    safe,
    said,
    state_text,
    summary_of,
    title_of,
    visible,
    when,
)

MARGIN: Final = 28.0
HEAD: Final = 76.0
FOOT: Final = 52.0
_MIN_WIDTH: Final = 760.0
_COLUMN_WIDTH: Final = 8.9
_MAX_LABELS: Final = 120
_CORNERS: Final = {NodeType.ENTITY: 12, NodeType.ACTIVITY: 2, NodeType.AGENT: 33}


def lineage_svg(lineage: Lineage) -> str:
    """Return the picture of a lineage as an SVG document."""
    drawing = layout(
        [node.key for node in lineage.nodes],
        [(edge.target, edge.source) for edge in lineage.edges],
    )
    width = max(drawing.width + 2 * MARGIN, _MIN_WIDTH)
    room = width - 2 * MARGIN
    about = _fitted(summary_of(lineage), room / 6.8)
    height = drawing.height + HEAD + FOOT + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lineage" role="group" '
        f'aria-labelledby="lineage-title lineage-about" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}">',
        f'<title id="lineage-title">{safe(title_of(lineage))}</title>',
        f'<desc id="lineage-about">{safe(summary_of(lineage))}</desc>',
        f"<style>{STYLE}</style>",
        '<defs><marker id="flow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" '
        'markerHeight="7" orient="auto-start-reverse"><path class="arrow" d="M0 0L10 5L0 10z"/>'
        "</marker></defs>",
        f'<rect class="sheet" width="{width:.0f}" height="{height:.0f}"/>',
        f'<text class="title" x="{MARGIN}" y="34">{_fitted(title_of(lineage), room / 12)}</text>',
        f'<text class="about" x="{MARGIN}" y="55">{about}</text>',
        f'<g transform="translate({MARGIN},{HEAD})">',
        *_edges(lineage, drawing),
        *(_node(lineage, node, drawing.boxes[node.key]) for node in lineage.nodes),
        "</g>",
        *_legend(lineage, height - FOOT / 2),
        "</svg>",
    ]
    return "\n".join(parts)


def _edges(lineage: Lineage, drawing: Drawing) -> Iterator[str]:
    """Yield lines first and their words afterwards, so that no line crosses a word."""
    by_pair: dict[tuple[str, str], list[LineageEdge]] = {}
    for edge in lineage.edges:
        by_pair.setdefault((edge.target, edge.source), []).append(edge)
    names = {node.key: node.shown_name for node in lineage.nodes}
    shown = {pair: route for pair, route in drawing.routes.items() if pair in by_pair}
    for pair, route in shown.items():
        text = _edge_text(by_pair[pair], names)
        kind = " agent" if any(one.relation == "attributedTo" for one in by_pair[pair]) else ""
        yield (
            f'<path class="edge{kind}" d="{_path(route)}" marker-end="url(#flow)">'
            f"<title>{safe(text)}</title></path>"
        )
    if len(shown) > _MAX_LABELS:
        return
    for pair, route in shown.items():
        words = ", ".join(dict.fromkeys(_label(edge) for edge in by_pair[pair]))
        first, second = route[:2] if len(route) == 2 else route[1:3]  # a free lane if there is one
        x, y = (first.x + second.x) / 2, (first.y + second.y) / 2
        yield f'<text class="label" x="{x:.1f}" y="{y - 3:.1f}">{_fitted(words, 22)}</text>'


def _label(edge: LineageEdge) -> str:
    role = edge.extra.get("role")
    return role if isinstance(role, str) and role else said(edge.relation)


def _edge_text(edges: list[LineageEdge], names: Mapping[str, str]) -> str:
    return "; ".join(
        f"{names[edge.source]} {said(edge.relation)} {names[edge.target]}"
        + "".join(f", {key} {value}" for key, value in edge.extra.items() if key != "agent")
        for edge in edges
    )


def _path(route: tuple[Point, ...]) -> str:
    """Return a line that leaves and reaches every column level."""
    start = route[0]
    parts = [f"M{start.x:.1f} {start.y:.1f}"]
    for number, point in enumerate(route[1:]):
        if number % 2:  # across a column
            parts.append(f"L{point.x:.1f} {point.y:.1f}")
        else:
            bend = (start.x + point.x) / 2
            parts.append(
                f"C{bend:.1f} {start.y:.1f} {bend:.1f} {point.y:.1f} {point.x:.1f} {point.y:.1f}"
            )
        start = point
    return "".join(parts)


def _node(lineage: Lineage, node: LineageNode, at: Point) -> str:
    state = "agent" if node.state is None else node.state.value
    start = " start" if node.key == lineage.start else ""
    corner = _CORNERS[node.type]
    index = "" if node.index is None else f"#{node.index}"
    bar = (
        f'<rect class="bar" width="5" height="{NODE_HEIGHT:.0f}"/>'
        if node.type is NodeType.ACTIVITY
        else ""
    )
    inset = 26 if node.type is NodeType.AGENT else 14
    right = NODE_WIDTH - inset
    name = _fitted(node.shown_name, (right - inset) / _COLUMN_WIDTH)
    return (
        f'<g class="node {state}{start}" transform="translate({at.x:.1f},{at.y:.1f})" '
        f'tabindex="0" role="img" aria-label="{safe(described(node))}" '
        f'data-key="{safe(node.key)}">'
        f"<title>{safe(described(node))}</title>"
        f'<rect class="box" width="{NODE_WIDTH:.0f}" height="{NODE_HEIGHT:.0f}" rx="{corner}"/>'
        f"{bar}"
        f'<text class="kind" x="{inset}" y="19">{_fitted(node.kind, 18)}</text>'
        f'<text class="index" x="{right}" y="19">{index}</text>'
        f'<text class="name" x="{inset}" y="38">{name}</text>'
        f'<text class="state" x="{inset}" y="56">{safe(state_text(node))}</text>'
        f'<text class="index" x="{right}" y="56">{when(node)}</text></g>'
    )


def _fitted(text: str, columns: float) -> str:
    """Return text cut to what fits, then escaped."""
    return html.escape(cut(visible(text), int(columns)))


def _legend(lineage: Lineage, y: float) -> Iterator[str]:
    x = MARGIN
    for state in State:
        count = lineage.count(state)
        if not count:
            continue
        text = f"{MARKS[state]} {state.value} {count}"
        yield (
            f'<g class="node {state.value}"><rect class="box" x="{x:.0f}" y="{y - 9:.0f}" '
            f'width="18" height="12" rx="3"/><text class="state" x="{x + 25:.0f}" '
            f'y="{y + 1:.0f}">{text}</text></g>'
        )
        x += 25 + 7.4 * len(text) + 18
    yield f'<text class="about" x="{x:.0f}" y="{y + 1:.0f}">flow goes from left to right</text>'
