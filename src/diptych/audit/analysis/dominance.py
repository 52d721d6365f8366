"""Dominators, and what must hold where an op runs."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Final, NamedTuple

from diptych.audit.graph.ops import BasicBlock, FunctionGraph, Op

__all__ = ["Fact", "Flow"]

_MAX_WAYS = 16
_MAX_FACTS = 32


class Fact(NamedTuple):
    """A condition that is known to hold, or known not to."""

    test: Op
    holds: bool


class Flow:
    """Order and guards in one function graph.

    Dominators by Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm" (2001).
    """

    def __init__(self, graph: FunctionGraph) -> None:
        self.graph: Final = graph
        self._facts: dict[int, tuple[Fact, ...]] = {}
        self._apart: dict[int, tuple[Fact, ...]] = {}
        self._known: dict[tuple[Fact, ...], tuple[Fact, ...]] = {}
        self._reach: dict[int, int] = {}

    def dominates(self, first: Op, second: Op) -> bool:
        """Whether every way to `second` runs `first` before it."""
        if first.block == second.block:
            return first.index < second.index
        return self._is_above(first.block, second.block)

    def heads_loop(self, block: int) -> bool:
        """Whether a loop comes back to a block on all its rounds."""
        return block in self._rank and any(
            each in self._rank and self._is_above(block, each)
            for each in self.graph.blocks[block].predecessors
        )

    def _is_above(self, first: int, second: int) -> bool:
        """Whether every way to the second block goes over the first."""
        while self._rank[second] > self._rank[first]:
            second = self._parents[second]
        return second == first

    def reaches(self, first: Op, second: Op) -> bool:
        """Whether `second` can run after `first`."""
        if first.block == second.block and first.index < second.index:
            return True
        return bool(self._after(first.block) >> second.block & 1)

    def comes_after(self, first: int, second: int) -> bool:
        """Whether one block can run after another."""
        return bool(self._after(first) >> second & 1)

    def facts(self, op: Op) -> Iterator[Fact]:
        """Yield the conditions that hold wherever an op runs, taken apart at `&&`, `||`, `!`."""
        return self.facts_in(op.block)

    def facts_in(self, block: int) -> Iterator[Fact]:
        """Yield the conditions that hold in a block, as `facts` does."""
        if block not in self._apart:
            self._apart[block] = tuple(self._taken_apart(self._block_facts(block)))
        return iter(self._apart[block])

    def apart(self, *facts: Fact) -> Iterator[Fact]:
        """Take conditions apart at `&&`, `||` and `!` into those that must hold alone.

        A flag that one way alone can have set, as in `if (a) ok = true; require(ok)`, brings along
        what holds on that way.
        """
        if facts not in self._known:
            self._known[facts] = tuple(self._taken_apart(facts))
        return iter(self._known[facts])

    def _taken_apart(self, facts: tuple[Fact, ...]) -> Iterator[Fact]:
        pending = list(facts)
        opened: set[int] = set()
        while pending:
            fact = pending.pop()
            test, holds = fact
            if test.kind == "unary" and test.attribute == "!":
                pending.append(Fact(test.operands[0], not holds))
            elif test.kind == "binary" and test.attribute == ("&&" if holds else "||"):
                pending.extend(Fact(operand, holds) for operand in test.operands)
            else:
                yield fact
                if id(test) not in opened:
                    opened.add(id(test))
                    pending.extend(self._on_the_way(test, holds))

    def _on_the_way(self, test: Op, holds: bool) -> tuple[Fact, ...]:
        """Return what holds if a flag, or the value of a choice, is as a condition has it."""
        if test.kind not in ("phi", "binary"):
            return ()
        if test.kind == "phi":
            way = self._only_way(test, lambda value: _is_truth(value, not holds))
            if way is None:
                return ()
            value, block = way
            own = self._block_facts(block)
            return own if _is_truth(value, holds) else (*own, Fact(value, holds))
        if test.attribute not in ("==", "!="):
            return ()
        left, right = test.operands
        if left.kind != "phi" or right.kind != "const":
            left, right = right, left
        if left.kind != "phi" or right.kind != "const":
            return ()
        equal = (test.attribute == "==") is holds
        way = self._only_way(left, lambda value: _differs(value, right) is equal)
        return () if way is None else self._block_facts(way[1])

    def _only_way(self, flag: Op, is_barred: Callable[[Op], bool]) -> tuple[Op, int] | None:
        """Return the one value that a phi can have, and its block; None if there are more."""
        ways: list[tuple[Op, int]] = []
        pending, seen = [flag], {id(flag)}
        while pending and len(seen) < _MAX_WAYS:
            phi = pending.pop()
            before = self.graph.blocks[phi.block].predecessors
            if len(before) != len(phi.operands):
                return None
            for operand, block in zip(phi.operands, before, strict=True):
                if operand.kind == "phi":
                    if id(operand) not in seen:
                        seen.add(id(operand))
                        pending.append(operand)
                elif not is_barred(operand):
                    ways.append((operand, block))
        return ways[0] if len(ways) == 1 else None

    def _block_facts(self, start: int) -> tuple[Fact, ...]:
        chain: list[int] = []
        block = start
        while block not in self._facts and block != 0:
            chain.append(block)
            block = self._parents[block]
        known = self._facts.setdefault(0, ()) if block == 0 else self._facts[block]
        for block in reversed(chain):
            known = (*known, *self._edge_fact(block))
            if len(known) > 2 * _MAX_FACTS:  # the first are modifiers' guards, the last are near
                known = (*known[:_MAX_FACTS], *known[-_MAX_FACTS:])
            self._facts[block] = known
        return known

    def _edge_fact(self, block: int) -> Iterator[Fact]:
        predecessors = self.graph.blocks[block].predecessors
        if len(predecessors) != 1:
            return
        above = self.graph.blocks[predecessors[0]]
        if above.test is not None and above.successors[0] != above.successors[-1]:
            yield Fact(above.test, above.successors[0] == block)

    def _after(self, start: int) -> int:
        """Return the blocks that can run after one, as a set of bits."""
        if start not in self._reach:
            seen = 0
            pending = list(self.graph.blocks[start].successors)
            while pending:
                block = pending.pop()
                if not seen >> block & 1:
                    seen |= 1 << block
                    if block in self._reach:
                        seen |= self._reach[block]
                    else:
                        pending.extend(self.graph.blocks[block].successors)
            self._reach[start] = seen
        return self._reach[start]

    @cached_property
    def _order(self) -> list[int]:
        """Blocks in reverse postorder."""
        blocks = self.graph.blocks
        seen = {0}
        postorder: list[int] = []
        pending: list[tuple[BasicBlock, int]] = [(blocks[0], 0)]
        while pending:
            block, at = pending.pop()
            if at == len(block.successors):
                postorder.append(block.index)
                continue
            pending.append((block, at + 1))
            successor = block.successors[at]
            if successor not in seen:
                seen.add(successor)
                pending.append((blocks[successor], 0))
        return postorder[::-1]

    @cached_property
    def _rank(self) -> dict[int, int]:
        return {block: at for at, block in enumerate(self._order)}

    @cached_property
    def _parents(self) -> dict[int, int]:
        parents = {0: 0}
        changed = True
        while changed:
            changed = False
            for block in self._order[1:]:
                known = [p for p in self.graph.blocks[block].predecessors if p in parents]
                best = known[0]
                for other in known[1:]:
                    best = self._meet(best, other, parents)
                if parents.get(block) != best:
                    parents[block] = best
                    changed = True
        return parents

    def _meet(self, first: int, second: int, parents: dict[int, int]) -> int:
        while first != second:
            while self._rank[first] > self._rank[second]:
                first = parents[first]
            while self._rank[second] > self._rank[first]:
                second = parents[second]
        return first


def _is_truth(op: Op, value: bool) -> bool:
    """Whether a value is plainly true, or plainly false."""
    if op.kind == "zero":
        return not value
    return op.kind == "const" and op.attribute in (value, int(value))


def _differs(value: Op, constant: Op) -> bool | None:
    """Whether a value is plainly another constant, or plainly the same; None if neither."""
    return None if value.kind != "const" else value.attribute != constant.attribute
