"""Arithmetic whose result is proven to fit its type."""

from typing import Any

from diptych.audit.analysis.intervals import ARITHMETIC
from diptych.audit.analysis.ranges import may_overflow
from diptych.audit.gas.site import GasSite
from diptych.audit.syntax.unit import Function

__all__ = ["is_proven"]


def is_proven(site: GasSite, function: Function, node: Any) -> bool:
    """Whether a node holds checked arithmetic, and none of it can overflow in any context."""
    if not _is_seen_whole(site, function):
        return False
    found = 0
    for view, op in site.ops(function, "binary"):
        inside = node.start <= op.start and op.end <= node.end
        if not inside or op.attribute not in ARITHMETIC or op.type.kind == "literal":
            continue
        if not op.checked or may_overflow(view, op):
            return False
        found += 1
    return found > 0


def _is_seen_whole(site: GasSite, function: Function) -> bool:
    """Whether every call of a function is in some graph, so that no context is missed."""
    return not any(
        view.graph.truncated
        or any(op.call.kind == "internal" and op.call.declaration is function for op in view.calls)
        for graph in site.graphs
        for view in graph.functions
    )
