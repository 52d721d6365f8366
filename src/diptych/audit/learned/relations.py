"""Edges between the nodes of one function, and what holds in its blocks."""

from itertools import islice, pairwise
from typing import Final

from diptych.audit.analysis.access import caller_conditions
from diptych.audit.analysis.contract import FunctionView
from diptych.audit.graph.ops import Op

__all__ = ["EFFECTS", "RELATIONS", "VARIABLE", "Limits", "relations"]

RELATIONS: Final = 8
_DATA, _NEXT, VARIABLE, _GUARD = 0, 2, 4, 6
_MAX_FACTS = 6
EFFECTS: Final = frozenset({"store", "push", "pop", "call", "selfdestruct", "return", "assembly"})
Edge = tuple[int, int, int]


def relations(view: FunctionView, ops: tuple[Op, ...]) -> list[Edge]:
    """Return the edges between ops: (source node, target node, relation), each both ways."""
    at = {op: node for node, op in enumerate(ops)}
    return [*_data(ops, at), *_order(view, at), *_guards(view, ops, at)]


class Limits:
    """In which blocks of a function the caller has been judged, how deep in tests, in a loop."""

    def __init__(self, view: FunctionView) -> None:
        self._blocks, self._flow = view.graph.blocks, view.flow
        self._known: dict[int, tuple[bool, int]] = {}
        self._judged: dict[tuple[int, bool], bool] = {}
        self.loops = _loops(view)

    def by_block(self, block: int) -> bool:
        """Whether some test of the caller holds there."""
        return self.of(block)[0]

    def of(self, block: int) -> tuple[bool, int]:
        """Return whether some test of the caller holds there, and how many tests do."""
        if block not in self._known:
            ops = self._blocks[block].ops
            facts = list(self._flow.facts(ops[0])) if ops else []
            limited = False
            for fact in facts:
                key = (id(fact.test), fact.holds)
                if key not in self._judged:
                    self._judged[key] = caller_conditions(fact)
                limited = limited or self._judged[key]
            self._known[block] = (limited, len(facts))
        return self._known[block]


def _loops(view: FunctionView) -> frozenset[int]:
    """Return the blocks that can run more than once: those inside of a jump back."""
    blocks = view.graph.blocks
    inside: set[int] = set()
    for block in blocks:
        for target in block.successors:
            if target <= block.index:
                inside.update(range(target, block.index + 1))
    return frozenset(inside)


def _data(ops: tuple[Op, ...], at: dict[Op, int]) -> list[Edge]:
    """Return edges from operands; an operand without a node hands on its own operands."""
    found: list[Edge] = []
    for node, op in enumerate(ops):
        pending = list(op.operands)
        for operand in pending:
            source = at.get(operand)
            if source is not None:
                found += ((source, node, _DATA), (node, source, _DATA + 1))
            elif operand.kind == "ref" and len(pending) < 8:
                pending.extend(operand.operands)
    return found


def _order(view: FunctionView, at: dict[Op, int]) -> list[Edge]:
    """Return edges to the op that runs next, across blocks too."""
    found: list[Edge] = []
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for block in view.graph.blocks:
        nodes = [at[op] for op in block.ops if op in at]
        for one, other in pairwise(nodes):
            found += ((one, other, _NEXT), (other, one, _NEXT + 1))
        if nodes:
            first[block.index], last[block.index] = nodes[0], nodes[-1]
    for block in view.graph.blocks:
        for target in block.successors:
            if block.index in last and target in first:
                one, other = last[block.index], first[target]
                found += ((one, other, _NEXT), (other, one, _NEXT + 1))
    return found


def _guards(view: FunctionView, ops: tuple[Op, ...], at: dict[Op, int]) -> list[Edge]:
    """Return edges from tests that hold to the effects they guard."""
    found: list[Edge] = []
    for node, op in enumerate(ops):
        if op.kind not in EFFECTS:
            continue
        for fact in islice(view.flow.facts(op), _MAX_FACTS + 1):
            source = at.get(fact.test)
            if source is not None:
                found += ((source, node, _GUARD), (node, source, _GUARD + 1))
    return found
