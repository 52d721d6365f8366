"""From explored blocks to a function graph: words of the stack become ops.

Where ways join, words that differ become phis; those that turn out to be the same word are
dropped afterwards (Braun and others, "Simple and Efficient Construction of SSA Form", 2013).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from diptych.audit.graph.evm.explore import REVERTS, Explored, Node
from diptych.audit.graph.evm.instructions import Machine
from diptych.audit.graph.evm.memory import FREE, Memory, joined
from diptych.audit.graph.evm.tidy import tidy
from diptych.audit.graph.ops import BasicBlock, FunctionGraph, Op
from diptych.audit.graph.prune import prune
from diptych.audit.graph.types import BOOL, UINT256
from diptych.audit.syntax.evm.code import Bytecode

__all__ = ["lift"]

_IDLE = 4  # instructions to an op that is left in the end, about


class _Exit(NamedTuple):
    """The state in which a way leaves a block."""

    block: BasicBlock
    stack: list[Op]
    memory: Memory


@dataclass
class _Lifter:
    code: Bytecode
    explored: Explored
    graph: FunctionGraph
    starts: dict[int, BasicBlock] = field(default_factory=dict)
    exits: dict[tuple[int, int], _Exit] = field(default_factory=dict)
    phis: list[tuple[int, int, Op]] = field(default_factory=list)

    def run(self, max_ops: int) -> None:
        """Lift node by node, so that all ways into a node are known first where that can be."""
        order = _order(self.explored.nodes)
        before = _before([self.explored.nodes[index] for index in order])
        room = _IDLE * max_ops
        for index in order:
            node = self.explored.nodes[index]
            block = self.starts[index] = self._block()
            machine = Machine(self.code, self.graph.frame, block)
            if room > 0:
                self._enter(machine, node, before[index])
                machine.run(node.instructions)
                room -= len(block.ops) + len(node.instructions) + len(machine.stack) // 8
                self._leave(machine, node)
            else:
                self.graph.truncated = True
                block.ending = "stop"
        self._link(before)
        self.graph.work = max_ops - room // _IDLE

    def _block(self) -> BasicBlock:
        made = BasicBlock(len(self.graph.blocks))
        self.graph.blocks.append(made)
        return made

    def _enter(self, machine: Machine, node: Node, ways: Sequence[tuple[int, int]]) -> None:
        if node.index == 0:
            machine.stack = [_start(machine, word) for word in node.entry]
            machine.memory.put(FREE, machine.const(0x80))
            return
        known = [self.exits[way] for way in ways if way in self.exits]
        whole = len(known) == len(ways)
        if whole and len(known) == 1:
            machine.stack, machine.memory = list(known[0].stack), Memory(known[0].memory.words)
            return
        for at, word in enumerate(node.entry):
            values = [_at(each.stack, at, len(node.entry)) for each in known]
            first = values[0] if values else None
            if first is not None and whole and all(value is first for value in values):
                machine.stack.append(first)
            elif word is not None:
                machine.stack.append(machine.const(word))
            else:
                machine.stack.append(machine.make("phi", (), type=first.type if first else UINT256))
                self.phis.append((node.index, at, machine.stack[-1]))
        if known:  # of a loop, what stood there before: code writes to memory before it reads
            machine.memory = joined([each.memory for each in known])
        if not whole:
            machine.memory.words.pop(FREE, None)

    def _leave(self, machine: Machine, node: Node) -> None:
        block = machine.block
        if block.ending != "jump":
            return
        ways = [(at, target) for at, target in enumerate(node.onward) if target is not None]
        if machine.test is not None and len(ways) == 2:
            block.test, block.ending = machine.test, "branch"
        for at, target in ways:
            start, stack = block, list(machine.stack)
            if target < 0 or block.test is not None:
                start = self._block()
                _join(block, start)
            if block.test is not None:
                stack = self._known(stack, block.test, holds=at == 0, start=start)
            if target < 0:
                start.ending = "revert" if target == REVERTS else "stop"
            else:
                self.exits[node.index, at] = _Exit(start, stack, machine.memory)
        if not ways:
            block.ending = "revert"

    def _known(self, stack: list[Op], test: Op, *, holds: bool, start: BasicBlock) -> list[Op]:
        """Put plain truths where the stack keeps a condition that was just tested.

        That is how `a && b` is compiled: `a` stays on the stack where `b` is not looked at.
        """
        if not any(op is test or _denies(op, test) for op in stack):
            return stack
        machine = Machine(self.code, self.graph.frame, start)
        truth = {True: machine.const(1, BOOL), False: machine.const(0, BOOL)}
        return [
            truth[holds] if op is test else truth[not holds] if _denies(op, test) else op
            for op in stack
        ]

    def _link(self, before: dict[int, list[tuple[int, int]]]) -> None:
        order: dict[int, list[_Exit]] = {}
        for index, ways in before.items():
            if index in self.starts:
                order[index] = [self.exits[way] for way in ways if way in self.exits]
                for each in order[index]:
                    each.block.successors.append(self.starts[index].index)
                    self.starts[index].predecessors.append(each.block.index)
        for index, at, phi in self.phis:
            depth = len(self.explored.nodes[index].entry)
            phi.operands = tuple(_at(each.stack, at, depth) or phi for each in order[index])


def _join(above: BasicBlock, below: BasicBlock) -> None:
    above.successors.append(below.index)
    below.predecessors.append(above.index)


def _start(machine: Machine, word: int | None) -> Op:
    return machine.make("unknown", ()) if word is None else machine.const(word)


def _denies(op: Op, test: Op) -> bool:
    """Whether a word is the opposite of a condition."""
    for one, other in ((op, test), (test, op)):
        if one.kind == "unary" and one.attribute == "!" and one.operands[0] is other:
            return True
    signs = {op.attribute, test.attribute}
    return (
        op.kind == test.kind == "binary" and signs == {"==", "!="} and op.operands == test.operands
    )


def _at(stack: Sequence[Op], at: int, depth: int) -> Op | None:
    """Return a word of a stack that may have been filled from below."""
    place = at + len(stack) - depth
    return stack[place] if 0 <= place < len(stack) else None


def _before(nodes: Sequence[Node]) -> dict[int, list[tuple[int, int]]]:
    """Return by which ways each node is come to: a node, and which of its ways."""
    found: dict[int, list[tuple[int, int]]] = {node.index: [] for node in nodes}
    for node in nodes:
        for at, target in enumerate(node.onward):
            if target is not None and target >= 0:
                found[target].append((node.index, at))
    return found


def _order(nodes: Sequence[Node]) -> list[int]:
    """Return the nodes in reverse postorder."""
    seen, postorder = {0}, list[int]()
    pending = [(0, 0)]
    while pending:
        index, at = pending.pop()
        onward = nodes[index].onward
        if at == len(onward):
            postorder.append(index)
            continue
        pending.append((index, at + 1))
        target = onward[at]
        if target is not None and target >= 0 and target not in seen:
            seen.add(target)
            pending.append((target, 0))
    return postorder[::-1]


def lift(graph: FunctionGraph, code: Bytecode, explored: Explored, max_ops: int) -> FunctionGraph:
    """Fill the graph of what was explored.

    Args:
        graph: takes the blocks.
        code: the code.
        explored: its blocks.
        max_ops: size after which the rest is left out.
    """
    graph.truncated = explored.truncated
    _Lifter(code, explored, graph).run(max_ops)
    prune(graph)
    tidy(graph)
    return graph
