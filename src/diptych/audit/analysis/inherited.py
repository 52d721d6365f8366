"""Graphs of inherited functions, kept for the next contract that derives from the same bases.

What a function means can depend on the contract that inherits it: by overrides, by what comes next
in the order of inheritance. All that was asked of the contract while a graph was built is noted in
it, so it is used again only where another contract gives the same answers.
"""

from typing import Final

from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.graph.program import ContractNode
from diptych.audit.syntax.unit import Function

__all__ = ["InheritedGraphs"]

_MAX_OPS = 60_000  # some 600 bytes each, and as much again for what was asked of them
_MAX_WAYS = 4


class InheritedGraphs:
    """Keeps graphs up to a size; those that were used last stay longest."""

    def __init__(self, max_ops: int = _MAX_OPS) -> None:
        self._max_ops: Final = max_ops
        self._views: Final[dict[int, FunctionView]] = {}
        self._by_function: Final[dict[int, list[FunctionView]]] = {}
        self._ops = 0

    def find(
        self, node: ContractNode, owner: ContractNode, function: Function, max_ops: int
    ) -> FunctionView | None:
        """Return a function as it would be built in the context of a contract, if it is kept.

        Args:
            node: the contract.
            owner: who declares the function.
            function: what is looked for.
            max_ops: the limit that it would be built under.
        """
        if owner is node:
            return None
        for kept in self._by_function.get(id(function), ()):
            graph = kept.graph
            if graph.work < max_ops and graph.frame.owner is owner and graph.holds_in(node):
                key = id(graph.frame)
                self._views[key] = self._views.pop(key)
                return FunctionView(graph.seen_from(node), like=kept)
        return None

    def take(self, contract: ContractGraph) -> None:
        """Keep the graphs of a contract that others may inherit; let go of its others."""
        contract.leave()
        for view in contract.functions:
            if id(view.graph.frame) in self._views:
                continue
            kept = self._by_function.setdefault(id(view.function), [])
            if _is_inherited(view) and len(kept) < _MAX_WAYS:
                kept.append(view)
                self._views[id(view.graph.frame)] = view
                self._ops += len(view.ops)
            else:
                view.release()
        while self._ops > self._max_ops:
            self._drop(next(iter(self._views.values())))

    def clear(self) -> None:
        """Let go of all."""
        for view in tuple(self._views.values()):
            self._drop(view)

    def _drop(self, view: FunctionView) -> None:
        del self._views[id(view.graph.frame)]
        self._by_function[id(view.function)].remove(view)
        self._ops -= len(view.ops)
        view.release()


def _is_inherited(view: FunctionView) -> bool:
    graph = view.graph
    return (
        graph.frame.owner is not graph.contract
        and not view.is_constructor
        and not graph.truncated
        and graph.frame.owner.unit.tree.language == "solidity"
    )
