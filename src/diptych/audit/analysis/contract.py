"""One contract as rules see it: the functions that anybody can enter, and what they touch."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Final, Protocol, TypeVar, cast

from diptych.audit.analysis.dominance import Flow
from diptych.audit.graph.build import MAX_OPS, build_function
from diptych.audit.graph.ops import FunctionGraph, Op
from diptych.audit.graph.program import ContractNode
from diptych.audit.syntax.unit import Function

__all__ = ["ContractGraph", "FunctionView", "build_contract", "is_write", "sources"]

_HIDDEN = frozenset({"internal", "private"})
_WRITES = frozenset({"store", "push", "pop"})
_SLICE = 400
_KEPT = 120
_ROOM = 20  # for what is longer, an op of the graph: as much again as a twelfth of its ops take
_LEAST_OPS = 200
Made = TypeVar("Made")


class FunctionView:
    """One function's graph with its order and guards."""

    def __init__(self, graph: FunctionGraph, like: "FunctionView | None" = None) -> None:
        self.graph: Final = graph
        self.function: Final = graph.frame.function
        self.flow: Final[Flow] = Flow(graph) if like is None else like.flow
        self.contract: ContractGraph | None = None
        if like is None:
            graph.frame.room.left = _ROOM * graph.work
        self._made: dict[object, object] = {}
        self.of_graph: Final[dict[object, object]] = {} if like is None else like.of_graph

    def analysis(self, make: Callable[["FunctionView"], Made]) -> Made:
        """Return one analysis of this function; it is made once, when first asked for."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast(Made, self._made[make])

    def shared(self, make: Callable[["FunctionView"], Made]) -> Made:
        """Return an analysis of the graph alone, whatever contract it is seen from."""
        if make not in self.of_graph:
            self.of_graph[make] = make(self)
        return cast(Made, self.of_graph[make])

    def leave(self) -> None:
        """Let go of the contract, and of all that was asked of it."""
        self.contract = None
        self._made.clear()

    def release(self) -> None:
        """Let go of what holds this graph together; see `ContractGraph.release`."""
        self.leave()
        self.of_graph.clear()
        for op in self.ops:
            op.operands = ()
            if op.made_from is not None:
                op.made_from = None
            if op.users:
                op.users.clear()

    @cached_property
    def ops(self) -> tuple[Op, ...]:
        """All ops, block by block."""
        return self.shared(_all_ops)

    @property
    def is_entry(self) -> bool:
        """Whether anybody can call it from outside."""
        function = self.function
        return function is not None and is_entry(function)

    @property
    def is_constructor(self) -> bool:
        """Whether it runs once, at creation."""
        return self.function is not None and self.function.kind == "constructor"

    @cached_property
    def writes(self) -> tuple[Op, ...]:
        """Ops that change storage."""
        return self.shared(_writes)

    @cached_property
    def reads(self) -> tuple[Op, ...]:
        """Ops that read storage."""
        return self.shared(_reads)

    @cached_property
    def calls(self) -> tuple[Op, ...]:
        """Call ops."""
        return self.shared(_calls)


class ContractGraph:
    """A contract with the graphs of its functions, in its own context."""

    def __init__(self, node: ContractNode, functions: tuple[FunctionView, ...]) -> None:
        self.node: Final = node
        self.functions: Final = functions
        self._made: dict[object, object] = {}
        for view in functions:
            view.contract = self

    def analysis(self, make: Callable[["ContractGraph"], Made]) -> Made:
        """Return one analysis of this contract; it is made once, when first asked for."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast(Made, self._made[make])

    def release(self) -> None:
        """Let go of all graphs, whose ops refer to each other in circles; nothing is left."""
        self._made.clear()
        for view in self.functions:
            view.release()

    def leave(self) -> None:
        """Let go of what was asked of this contract, and leave its graphs to others."""
        self._made.clear()
        for view in self.functions:
            view.leave()

    @property
    def entries(self) -> Iterator[FunctionView]:
        """The functions that anybody can call from outside."""
        return iter(self._entries)

    @cached_property
    def _entries(self) -> tuple[FunctionView, ...]:
        return tuple(view for view in self.functions if view.is_entry)


def _all_ops(view: FunctionView) -> tuple[Op, ...]:
    return tuple(view.graph.ops)


def _writes(view: FunctionView) -> tuple[Op, ...]:
    return tuple(op for op in view.ops if is_write(op))


def _reads(view: FunctionView) -> tuple[Op, ...]:
    return tuple(op for op in view.ops if op.kind == "load" and op.place.where == "storage")


def _calls(view: FunctionView) -> tuple[Op, ...]:
    return tuple(op for op in view.ops if op.kind == "call")


def is_entry(function: Function) -> bool:
    """Whether a function can be called from outside; before 0.5 silence meant public."""
    return function.kind not in ("modifier", "constructor") and function.visibility not in _HIDDEN


def is_write(op: Op) -> bool:
    """Whether an op changes storage."""
    return op.kind in _WRITES and op.place.where == "storage"


def sources(op: Op) -> Iterator[Op]:
    """Yield an op and the ops its value is made from, nearest first, up to a bound."""
    if op.made_from is not None:
        return iter(op.made_from)
    if not op.operands:
        return iter((op,))
    found = _slice(op)
    if len(found) <= _KEPT or op.frame.room.takes(len(found)):
        op.made_from = found
    return iter(found)


def _slice(op: Op) -> tuple[Op, ...]:
    seen = {op}
    pending = [op]
    found: list[Op] = []
    while pending and len(seen) < _SLICE:
        current = pending.pop()
        found.append(current)
        for operand in current.operands:
            if operand not in seen:
                seen.add(operand)
                pending.append(operand)
    return tuple(found)


class Shelf(Protocol):
    """Where graphs are kept that several contracts may share."""

    def find(
        self, node: ContractNode, owner: ContractNode, function: Function, max_ops: int
    ) -> FunctionView | None:
        """Return the function as it would be built in the context of a contract."""


def build_contract(
    node: ContractNode,
    covered: set[int],
    *,
    again: bool = True,
    room: int = 1 << 40,
    shelf: Shelf | None = None,
) -> ContractGraph:
    """Build all functions of a contract that can be entered, and those nothing else reaches.

    Args:
        node: the contract.
        covered: functions that some graph holds already, by identity; added to.
        again: build entries that are covered already too, in this contract's context.
        room: how many ops and bodies may be built; then calls are hardly followed any more.
        shelf: what was built for other contracts, with the same `covered`.
    """
    views: list[FunctionView] = []
    seen: set[tuple[object, ...]] = set()
    for owner, function in _candidates(node):
        key = _signature(owner, function)
        is_open = is_entry(function) or function.kind == "constructor"
        if key in seen or (id(function) in covered and not (is_open and again)):
            continue
        seen.add(key)
        max_ops = max(_LEAST_OPS, min(MAX_OPS, room))
        view = None if shelf is None else shelf.find(node, owner, function, max_ops)
        if view is None:
            view = FunctionView(build_function(node, owner, function, max_ops))
            covered.add(id(function))
            covered.update(id(frame.function) for frame in {op.frame for op in view.ops})
        views.append(view)
        room -= view.graph.work
    return ContractGraph(node, tuple(views))


def _signature(owner: ContractNode, function: Function) -> tuple[object, ...]:
    """Return what an override shares with what it overrides."""
    types = [owner.type_of(parameter.type) for parameter in function.parameters]
    return (function.kind, function.name, *((kind.kind, kind.bits, kind.name) for kind in types))


def _candidates(node: ContractNode) -> Iterator[tuple[ContractNode, Function]]:
    """Yield functions with bodies: entries of the whole ancestry first, then hidden ones.

    Modifiers that nothing uses come last: they still say who was meant to be let in.
    """
    found = [
        (owner, function)
        for owner in node.ancestry
        for function in owner.tree.functions
        if function.body is not None
    ]
    found += [(owner, f) for owner, f in node.exported if is_entry(f) and f.body is not None]
    for owner, function in found:
        if is_entry(function) or (function.kind == "constructor" and owner is node):
            yield owner, function
    for owner, function in found:
        if not is_entry(function) and function.kind != "constructor":
            yield owner, function
