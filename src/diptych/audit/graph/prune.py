"""Blocks that nothing reaches are taken out of a graph.

Where an inner function is called with constants, its branches on them are decided: what `_mint`
leaves out of an update that also burns is not part of what a caller of `_mint` does.
"""

from diptych.audit.graph.ops import BasicBlock, FunctionGraph, Op

__all__ = ["prune"]


def prune(graph: FunctionGraph) -> None:
    """Drop blocks that nothing reaches, number the rest anew, and note who uses what."""
    for block in graph.blocks:
        _decide(graph, block)
    kept = _reached(graph)
    number = {block.index: at for at, block in enumerate(kept)}
    for block in kept:
        alive = [at for at, each in enumerate(block.predecessors) if each in number]
        if len(alive) < len(block.predecessors):
            _drop_operands(block.ops, alive, len(block.predecessors))
        block.predecessors = [number[block.predecessors[at]] for at in alive]
        block.successors = [number[each] for each in block.successors]
    for at, block in enumerate(kept):
        block.index = at
        for op in block.ops:
            op.block = at
            for operand in op.operands:
                operand.users.append(op)
    graph.blocks = kept


def _decide(graph: FunctionGraph, block: BasicBlock) -> None:
    """Leave one way on where a branch compares constants that were passed in."""
    if block.test is None or len(block.successors) != 2 or len(set(block.successors)) != 2:
        return
    outcome = _outcome(block.test)
    if outcome is None:
        return
    kept, dead = block.successors if outcome else reversed(block.successors)
    block.test, block.ending, block.successors = None, "jump", [kept]
    _cut(graph.blocks[dead], block.index)


def _cut(block: BasicBlock, before: int) -> None:
    """Take one way into a block away, with what came that way."""
    total = len(block.predecessors)
    alive = [at for at in range(total) if block.predecessors[at] != before]
    _drop_operands(block.ops, alive, total)
    block.predecessors = [block.predecessors[at] for at in alive]


def _outcome(test: Op) -> bool | None:
    """Return what a comparison of two constants gives, if one was passed in from a caller."""
    if test.kind != "binary" or test.attribute not in ("==", "!="):
        return None
    sides = [_constant(each) for each in test.operands]
    if len(sides) != 2 or any(each is None for each in sides):
        return None
    if all(each is not None and each.frame is test.frame for each in sides):
        return None
    left, right = (each.attribute for each in sides if each is not None)
    return (left == right) is (test.attribute == "==")


def _constant(op: Op) -> Op | None:
    while op.kind == "cast" and op.operands:
        op = op.operands[0]
    return op if op.kind == "const" and isinstance(op.attribute, int) else None


def _reached(graph: FunctionGraph) -> list[BasicBlock]:
    reached = {0}
    pending = [0]
    while pending:
        for successor in graph.blocks[pending.pop()].successors:
            if successor not in reached:
                reached.add(successor)
                pending.append(successor)
    return [block for block in graph.blocks if block.index in reached]


def _drop_operands(ops: list[Op], alive: list[int], total: int) -> None:
    for op in ops:
        if op.kind == "phi" and len(op.operands) == total:
            op.operands = tuple(op.operands[at] for at in alive)
