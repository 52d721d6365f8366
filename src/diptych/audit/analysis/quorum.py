"""Loops that stand for a quorum: as many rounds as are stored, and none of them for anybody."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import FunctionView, sources
from diptych.audit.analysis.dominance import Fact
from diptych.audit.graph.ops import Op

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
    for at, body, out in view.shared(_counted_loops):
        if len(onward[at]) == 2 and at not in reached(onward, [body]):
            yield at, out


def _counted_loops(view: FunctionView) -> tuple[tuple[int, int, int], ...]:
    """Return loops with a stored number of rounds: their tests' blocks, first and next blocks."""
    found: list[tuple[int, int, int]] = []
    for block in reversed(view.graph.blocks):  # what comes after the last is soon known
        if len(block.successors) != 2 or block.test is None or not _is_bound(block.test):
            continue
        for body, out in (block.successors, block.successors[::-1]):
            after = (view.flow.comes_after(each, block.index) for each in (body, out))
            if tuple(after) == (True, False) and _is_stored_count(view, block.index, block.test):
                found.append((block.index, body, out))
    return tuple(reversed(found))


def _is_bound(test: Op) -> bool:
    return test.kind == "binary" and test.attribute in _BOUNDS


def _is_stored_count(view: FunctionView, block: int, test: Op) -> bool:
    """Whether a loop's bound is stored, or is known to be no less than what is stored."""
    if not any(each.kind == "param" for each in sources(test)):
        return any(_is_stored(each) for each in sources(test))
    sides = [each for each in test.operands if _below_casts(each).kind != "phi"]
    return any(_is_no_less(fact, side) for fact in view.flow.facts_in(block) for side in sides)


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
