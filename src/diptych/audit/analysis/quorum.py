"""Loops that stand for a quorum: as many rounds as are stored, and none of them for anybody."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import FunctionView, sources
from diptych.audit.analysis.dominance import Fact
from diptych.audit.graph.ops import BasicBlock, Op

__all__ = ["kept_loops", "reached"]

_STORED = frozenset({"storage", "immutable", "transient"})
_BOUNDS = frozenset({"<", ">", "<=", ">=", "!="})
# Comparisons by which the first operand (1) or the second (-1) is no less than the other.
_AT_LEAST = {
    (">=", True): 1,
    (">", True): 1,
    ("<", False): 1,
    ("==", True): 1,
    ("<=", True): -1,
    ("<", True): -1,
    (">", False): -1,
}


def kept_loops(view: FunctionView, onward: dict[int, list[int]]) -> Iterator[tuple[int, int]]:
    """Yield the ways past a loop that goes a stored number of rounds, none of them for anybody.

    So many owners must have signed: that the number could be nothing is no way in.
    """
    for block in view.graph.blocks:
        if block.test is None or len(onward[block.index]) != 2 or not _is_stored_count(view, block):
            continue
        for body, out in (block.successors, block.successors[::-1]):
            after = (view.flow.comes_after(each, block.index) for each in (body, out))
            if tuple(after) == (True, False) and block.index not in reached(onward, [body]):
                yield block.index, out


def _is_stored_count(view: FunctionView, block: BasicBlock) -> bool:
    """Whether a loop's bound is stored, or is known to be no less than what is stored."""
    test = block.test
    if test is None or test.kind != "binary" or test.attribute not in _BOUNDS:
        return False
    if not any(each.kind == "param" for each in sources(test)):
        return any(_is_stored(each) for each in sources(test))
    sides = [each for each in test.operands if _below_casts(each).kind != "phi"]
    return any(
        _is_no_less(fact, side) for fact in view.flow.facts_in(block.index) for side in sides
    )


def _is_stored(op: Op) -> bool:
    return op.kind == "load" and op.place.where in _STORED


def _is_no_less(fact: Fact, number: Op) -> bool:
    """Whether a condition says that a number is at least what is stored."""
    test, holds = fact
    if test.kind != "binary" or (test.attribute, holds) not in _AT_LEAST:
        return False
    more, less = test.operands[:: _AT_LEAST[str(test.attribute), holds]]
    return _is_stored(_below_casts(less)) and (more is number or _is_length(more, number))


def _is_length(first: Op, second: Op) -> bool:
    """Whether two reads are of the length of one list."""
    first, second = _below_casts(first), _below_casts(second)
    if first.kind != "load" or second.kind != "load":
        return False
    places = (first.operands[0], second.operands[0])
    return all(each.place.field == "length" and each.operands for each in places) and (
        places[0].operands[0] is places[1].operands[0]
    )


def reached(edges: dict[int, list[int]], starts: list[int]) -> set[int]:
    """Return what can be reached from some blocks, these among them."""
    pending, seen = list(starts), set(starts)
    while pending:
        for each in edges[pending.pop()]:
            if each not in seen:
                seen.add(each)
                pending.append(each)
    return seen


def _below_casts(op: Op) -> Op:
    while op.kind == "cast" and op.operands:
        op = op.operands[0]
    return op
