"""`a || b` and `a && b`, which are compiled to a way round the second condition."""

from diptych.audit.graph.ops import FunctionGraph, Op
from diptych.audit.graph.types import BOOL

__all__ = ["alternatives"]


def alternatives(graph: FunctionGraph) -> None:
    """Turn joins of a plain truth and a second condition into what the source says."""
    for block in graph.blocks:
        for op in block.ops:
            if op.kind == "phi" and len(op.operands) == len(block.predecessors) == 2:
                for at in (0, 1):
                    way, second = block.predecessors[at], op.operands[1 - at]
                    first = _first(graph, way, op.operands[at])
                    if first is not None and second.kind != "const" and second is not op:
                        sign = "||" if op.operands[at].attribute else "&&"
                        op.kind, op.attribute, op.type = "binary", sign, BOOL
                        op.operands = (first, second)
                        break


def _first(graph: FunctionGraph, way: int, truth: Op) -> Op | None:
    """Return the condition that a plain truth stands for on a way; None for any other value."""
    edge = graph.blocks[way]
    if truth.kind != "const" or truth.type is not BOOL or not any(truth is e for e in edge.ops):
        return None
    above = graph.blocks[edge.predecessors[0]] if len(edge.predecessors) == 1 else None
    if above is None or above.test is None or len(above.successors) != 2:
        return None
    if (above.successors[0] == way) is bool(truth.attribute):
        return above.test
    return None
