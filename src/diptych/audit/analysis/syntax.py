"""Syntax nodes of a contract's own functions, for rules on what the graph no longer shows."""

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, TypeVar

from diptych.audit.analysis.contract import FunctionView
from diptych.audit.graph.ops import Frame, Op
from diptych.audit.graph.program import ContractNode
from diptych.audit.rules.rule import Spot
from diptych.audit.syntax.unit import Function

__all__ = ["below", "header", "nodes_of", "way_in"]

_Node = TypeVar("_Node")


def below(node: Any) -> Iterator[Any]:
    """Yield a syntax node and all nodes below it, in source order."""
    pending = [node]
    while pending:
        current = pending.pop()
        if hasattr(current, "_fields"):
            yield current
        pending += [each for each in current[::-1] if isinstance(each, tuple)]


def nodes_of(contract: ContractNode, kind: type[_Node]) -> Iterator[tuple[Function, _Node]]:
    """Yield a contract's own functions with the nodes of one kind in their bodies."""
    yield from _index(contract).get(kind, ())


def header(owner: ContractNode, function: Function) -> Spot:
    """Return the spot of a function's header: all before its body."""
    end = function.end if function.body is None else function.body.start
    return Spot(Frame(owner, function), function.start, end)


def way_in(view: FunctionView, op: Op) -> tuple[Spot, ...]:
    """Return the call in the entry function that leads to an op of an inner function."""
    inner = None
    for frame in op.frame.stack():
        if frame.caller is not None:
            inner = frame
    return () if inner is None else (Spot(view.graph.frame, *inner.call),)


@lru_cache(maxsize=8)
def _index(contract: ContractNode) -> dict[type, list[tuple[Function, Any]]]:
    found: dict[type, list[tuple[Function, Any]]] = defaultdict(list)
    for function in contract.tree.functions:
        if function.body is not None:
            for node in below(function.body):
                found[type(node)].append((function, node))
    return found
