"""Blocks that nothing reaches are taken out of a graph."""

from diptych.audit.graph.ops import BasicBlock, FunctionGraph, Op

__all__ = ["prune"]


def prune(graph: FunctionGraph) -> None:
    """Drop blocks that nothing reaches, number the rest anew, and note who uses what."""
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
