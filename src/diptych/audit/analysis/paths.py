"""Ways through a function: what must still hold after an op, and ways round an op.

A revert undoes all that came before it, so a condition after a write guards the write as one
before it does.
"""

from collections.abc import Iterator

from diptych.audit.analysis.contract import FunctionView
from diptych.audit.analysis.dominance import Fact
from diptych.audit.analysis.values import alike
from diptych.audit.graph.ops import FunctionGraph, Op

__all__ = ["all_facts", "can_stand", "is_dead", "later_facts", "reaches_round"]

_ENDINGS = frozenset({"return", "stop"})
_MAX_GUARDS = 40


class _Outcome:
    """Which blocks can end well, and what guards the way there."""

    def __init__(self, view: FunctionView) -> None:
        self.graph = view.graph
        self.good = _ending_well(view.graph)
        self.known: dict[int, tuple[Fact, ...]] = {}

    def after(self, start: int) -> tuple[Fact, ...]:
        """Return the conditions without which no way from a block ends well."""
        if start not in self.known:
            guards = list(self._guards(start))[:_MAX_GUARDS]
            self.known[start] = tuple(
                fact for block, fact in guards if not self._ends_without(start, block)
            )
        return self.known[start]

    def _guards(self, start: int) -> Iterator[tuple[int, Fact]]:
        for index in _reached(self.graph, start, -1):
            block = self.graph.blocks[index]
            if block.test is None or len(block.successors) != 2:
                continue
            yes, no = (each in self.good for each in block.successors)
            if yes is not no:
                yield index, Fact(block.test, yes)

    def _ends_without(self, start: int, avoided: int) -> bool:
        """Whether some way from a block ends well and does not pass another block."""
        if start == avoided:
            return False
        blocks = self.graph.blocks
        pending, seen = [start], {start, avoided}
        while pending:
            block = blocks[pending.pop()]
            if block.ending in _ENDINGS:
                return True
            for each in block.successors:
                if each not in seen:
                    seen.add(each)
                    pending.append(each)
        return False


def later_facts(view: FunctionView, op: Op) -> Iterator[Fact]:
    """Yield the conditions that are tested after an op and without which all is undone."""
    for fact in view.shared(_Outcome).after(op.block):
        yield from view.flow.apart(fact)


def all_facts(view: FunctionView, op: Op) -> Iterator[Fact]:
    """Yield the conditions that hold whenever an op has an effect: before it, then after it."""
    yield from view.flow.facts(op)
    yield from later_facts(view, op)


def is_dead(view: FunctionView, op: Op) -> bool:
    """Whether conditions contradict each other on the way to an op, so that it never runs."""
    equalities = [
        (fact.test, (fact.test.attribute == "==") is fact.holds)
        for fact in view.flow.facts(op)
        if fact.test.kind == "binary" and fact.test.attribute in ("==", "!=")
    ]
    equal = [test for test, is_equal in equalities if is_equal]
    unequal = [test for test, is_equal in equalities if not is_equal]
    return any(_compare_alike(one, other) for one in equal for other in unequal)


def _compare_alike(one: Op, other: Op) -> bool:
    pairs = zip(one.operands, other.operands, strict=True)
    return all(left is right or alike(left, right) for left, right in pairs)


def can_stand(view: FunctionView, op: Op) -> bool:
    """Whether some way on from an op does not end in a revert that undoes it."""
    return op.block in view.shared(_Outcome).good


def reaches_round(view: FunctionView, first: Op, second: Op, avoided: Op) -> bool:
    """Whether `second` can run after `first` without `avoided` in between."""
    if first.block == second.block and first.index < second.index:
        between = avoided.block == first.block and first.index < avoided.index < second.index
        if not between:
            return True
    if avoided.block == first.block and first.index < avoided.index:
        return False
    blocks = view.graph.blocks
    in_target = avoided.block == second.block
    pending, seen = list(blocks[first.block].successors), set()
    while pending:
        at = pending.pop()
        if at in seen:
            continue
        seen.add(at)
        if at == second.block and not (in_target and avoided.index < second.index):
            return True
        if at != avoided.block:
            pending.extend(blocks[at].successors)
    return False


def _ending_well(graph: FunctionGraph) -> frozenset[int]:
    """Return the blocks from which some way ends without a revert."""
    pending = [block.index for block in graph.blocks if block.ending in _ENDINGS]
    seen: set[int] = set()
    while pending:
        at = pending.pop()
        if at not in seen:
            seen.add(at)
            pending.extend(graph.blocks[at].predecessors)
    return frozenset(seen)


def _reached(graph: FunctionGraph, start: int, avoided: int) -> set[int]:
    pending, seen = [start], set()
    while pending:
        at = pending.pop()
        if at not in seen and at != avoided:
            seen.add(at)
            pending.extend(graph.blocks[at].successors)
    return seen
