"""Which blocks a piece of bytecode runs, and where its jumps go.

A block is told apart by the return addresses below it on the stack, as call strings do (Sharir and
Pnueli 1981): internal functions are thereby inlined, and loops are not unrolled, for words that
are no jump targets are joined.
"""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TypeAlias

from diptych.audit.graph.evm.opcodes import SHAPES, fold
from diptych.audit.syntax.evm.code import JUMP, JUMPI, Bytecode, Instruction

__all__ = ["BEYOND", "REVERTS", "Explored", "Node", "Stack", "explore", "step"]

REVERTS = -1
"""Where a way fails, or belongs to another function."""
BEYOND = -2
"""Where a way goes on out of sight."""

Stack: TypeAlias = tuple[int | None, ...]
_Key: TypeAlias = tuple[int, int, tuple[tuple[int, int | None], ...]]
_FINAL = frozenset({0x00, 0xF3, 0xFD, 0xFE, 0xFF})
_MOVES = range(0x5F, 0xA0)  # PUSH0 to SWAP16
_DEPTH = 1024
_SPARE = 16  # words that whoever jumped here may have left
_STEPS = 24  # visits a node, on average


@dataclass
class Node:
    """One block in one context.

    `onward` holds the nodes that follow: one, or two after a JUMPI (first the one jumped to);
    None is a way that is never gone; see also `REVERTS` and `BEYOND`.
    """

    index: int
    pc: int
    entry: Stack
    instructions: tuple[Instruction, ...]
    onward: list[int | None] = field(default_factory=list)


@dataclass
class Explored:
    """The nodes from a start on, the stacks at which excluded starts are met, and what is amiss.

    `loose` says that some jump's target is not known, `truncated` that there were too many blocks.
    """

    nodes: list[Node] = field(default_factory=list)
    met: dict[int, Stack] = field(default_factory=dict)
    truncated: bool = False
    loose: bool = False
    copied: list[Stack] = field(default_factory=list)


def explore(
    code: Bytecode,
    start: int,
    stack: Stack = (None,) * _SPARE,
    *,
    without: Collection[int] = (),
    limit: int = 2000,
) -> Explored:
    """Follow code from a start.

    Args:
        code: the code.
        start: its first instruction.
        stack: words that lie there, None for those unknown, the top last.
        without: starts that are noted and not followed.
        limit: how many nodes to make.
    """
    return _Explorer(code, frozenset(without) - {start}, limit).run(start, stack)


class _Explorer:
    def __init__(self, code: Bytecode, without: frozenset[int], limit: int) -> None:
        self._code = code
        self._without = without
        self._limit = limit
        self._known: dict[_Key, int] = {}
        self._found = Explored()
        self._pending: deque[int] = deque()
        self._waiting: set[int] = set()

    def run(self, start: int, stack: Stack) -> Explored:
        self._node(start, stack)
        steps = self._limit * _STEPS
        while self._pending and steps > 0:
            steps -= 1
            node = self._found.nodes[self._pending.popleft()]
            self._waiting.discard(node.index)
            self._visit(node)
        self._found.truncated = self._found.truncated or bool(self._pending)
        return self._found

    def _visit(self, node: Node) -> None:
        stack, condition, target = self._run(node)
        last = node.instructions[-1]
        if last.opcode == JUMP:
            node.onward = [self._jump(target, stack)]
        elif last.opcode == JUMPI:
            node.onward = [
                None if condition == 0 else self._jump(target, stack),
                None if condition else self._node(last.pc + 1, stack),
            ]
        elif last.opcode not in _FINAL and (last.opcode in SHAPES or last.opcode in _MOVES):
            node.onward = [self._node(last.pc + last.size, stack)]

    def _run(self, node: Node) -> tuple[Stack, int | None, int | None]:
        stack = list(node.entry)
        condition = target = None
        for each in node.instructions:
            if each.opcode == 0x39 and len(stack) >= 3:
                self._found.copied.append(tuple(stack[-3:]))
            taken = step(stack, each)
            if each.opcode in (JUMP, JUMPI):
                target = taken[0]
                condition = taken[1] if each.opcode == JUMPI else None
        return tuple(stack[-_DEPTH:]), condition, target

    def _jump(self, target: int | None, stack: Stack) -> int:
        if target is None:
            self._found.loose = True
            return BEYOND
        if target not in self._code.targets:
            return REVERTS
        return self._node(target, stack)

    def _node(self, pc: int, stack: Stack) -> int:
        if pc in self._without:
            self._found.met.setdefault(pc, stack)
            return REVERTS
        targets = self._code.targets
        places = (pair for pair in enumerate(stack) if pair[1] is not None and pair[1] in targets)
        key = (pc, len(stack), tuple(places))
        if key not in self._known:
            if len(self._found.nodes) >= self._limit:
                self._found.truncated = True
                return BEYOND
            self._known[key] = len(self._found.nodes)
            made = Node(len(self._found.nodes), pc, stack, self._code.block(pc))
            self._found.nodes.append(made)
            self._wait(made.index)
            return made.index
        node = self._found.nodes[self._known[key]]
        joined = tuple(
            one if one == other else None for one, other in zip(node.entry, stack, strict=True)
        )
        if joined != node.entry:
            node.entry = joined
            self._wait(node.index)
        return node.index

    def _wait(self, index: int) -> None:
        if index not in self._waiting:
            self._waiting.add(index)
            self._pending.append(index)


def step(stack: list[int | None], each: Instruction) -> tuple[int | None, ...]:
    """Run one instruction on a stack of known and unknown words; returns what it took."""
    opcode = each.opcode
    if 0x5F <= opcode <= 0x7F:
        stack.append(each.value)
        return ()
    if 0x80 <= opcode <= 0x9F:
        depth = opcode & 0x0F
        _fill(stack, depth + 2)
        if opcode < 0x90:
            stack.append(stack[-depth - 1])
        else:
            stack[-1], stack[-depth - 2] = stack[-depth - 2], stack[-1]
        return ()
    takes, gives = SHAPES.get(opcode, (0, 0))
    _fill(stack, takes)
    taken = tuple(stack[: -takes - 1 : -1]) if takes else ()
    if takes:
        del stack[-takes:]
    if gives:
        stack.append(fold(opcode, taken))
    return taken


def _fill(stack: list[int | None], depth: int) -> None:
    if len(stack) < depth:
        stack[:0] = [None] * (depth - len(stack))
