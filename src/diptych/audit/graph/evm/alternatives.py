"""`a || b` and `a && b`, which are compiled to a way round the second condition."""

from diptych.audit.graph.ops import BasicBlock, FunctionGraph, Op
from diptych.audit.graph.types import BOOL

__all__ = ["alternatives"]

_OPPOSITE = {"==": "!=", "!=": "=="}


def alternatives(graph: FunctionGraph) -> None:
    """Turn joins of a plain truth and a second condition into what the source says."""
    for block in graph.blocks:
        for op in tuple(block.ops):
            if op.kind == "phi" and len(op.operands) == len(block.predecessors) == 2:
                _join(graph, block, op)


def _join(graph: FunctionGraph, block: BasicBlock, op: Op) -> None:
    for at in (0, 1):
        way, second = block.predecessors[at], op.operands[1 - at]
        truth = op.operands[at]
        found = _first(graph, way, truth)
        if found is None or second.kind == "const" or second is op:
            continue
        test, wanted = found
        first = test if wanted else _denied(block, op, test)
        op.kind, op.attribute, op.type = "binary", "||" if truth.attribute else "&&", BOOL
        op.operands = (first, second)
        return


def _first(graph: FunctionGraph, way: int, truth: Op) -> tuple[Op, bool] | None:
    """Return the condition that a plain truth stands for on a way, and whether it or its opposite.

    None for any other value.
    """
    edge = graph.blocks[way]
    if truth.kind != "const" or truth.type is not BOOL or not any(truth is e for e in edge.ops):
        return None
    above = graph.blocks[edge.predecessors[0]] if len(edge.predecessors) == 1 else None
    if above is None or above.test is None or len(above.successors) != 2:
        return None
    return above.test, (above.successors[0] == way) is bool(truth.attribute)


def _denied(block: BasicBlock, before: Op, test: Op) -> Op:
    """Put the opposite of a condition before an op."""
    if test.kind == "unary" and test.attribute == "!":
        return test.operands[0]
    kind, attribute = "unary", "!"
    operands: tuple[Op, ...] = (test,)
    if test.kind == "binary" and test.attribute in _OPPOSITE:
        kind, operands, attribute = "binary", test.operands, _OPPOSITE[str(test.attribute)]
    made = Op(kind, operands, attribute=attribute, value_type=BOOL, frame=before.frame)
    made.start, made.end, made.block = before.start, before.end, before.block
    block.ops.insert(next(at for at, op in enumerate(block.ops) if op is before), made)
    return made
