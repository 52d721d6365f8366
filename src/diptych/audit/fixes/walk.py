"""Ways through the syntax tree: what stands in a node, and what stands around a place."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from diptych.audit.syntax.tree import Name

__all__ = ["Node", "around", "inside", "names_in", "parents_in"]

Node: TypeAlias = Any  # any named tuple of the syntax tree


def inside(node: Node) -> Iterator[Node]:
    """Yield a node and everything in it, outermost first."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(list(_parts(current))))


def around(root: Node, start: int, end: int) -> list[Node]:
    """Return the nodes that hold a stretch of source, outermost first."""
    path = [root]
    while True:
        inner = next(
            (part for part in _parts(path[-1]) if part.start <= start and end <= part.end), None
        )
        if inner is None:
            return path
        path.append(inner)


def names_in(nodes: Iterable[Node]) -> set[str]:
    """Return every identifier in some nodes."""
    return {each.text for node in nodes for each in inside(node) if isinstance(each, Name)}


def parents_in(root: Node) -> dict[int, Node]:
    """Return what holds each node below another, by the node's `id`."""
    return {id(part): node for node in inside(root) for part in _parts(node)}


def _parts(node: Node) -> Iterator[Node]:
    pending = list(reversed(node))
    while pending:
        item = pending.pop()
        if hasattr(item, "start") and isinstance(item, tuple):
            yield item
        elif isinstance(item, tuple):
            pending.extend(reversed(item))
