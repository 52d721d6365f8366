"""Whether two ops make the same value, and whether arithmetic is bounded by what was checked."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import FunctionView, sources
from diptych.audit.analysis.dominance import Fact
from diptych.audit.graph.ops import Op

__all__ = ["alike", "is_bounded", "unwrapped"]

_RELATIONS = frozenset({"<", ">", "<=", ">=", "==", "!="})
_SAME_DEPTH = 12
_WHOLE = frozenset({"uint", "int"})


def unwrapped(op: Op) -> Op:
    """Return the value below casts."""
    while op.kind == "cast" and op.operands:
        op = op.operands[0]
    return op


def _uncut(op: Op) -> Op:
    """Return the value below casts that leave a number as it is."""
    while op.kind == "cast" and op.operands and not _cuts(op):
        op = op.operands[0]
    return op


def _cuts(cast: Op) -> bool:
    kind, before = cast.type, cast.operands[0].type
    numbers = kind.kind in _WHOLE and before.kind in _WHOLE
    return numbers and kind.bits < before.bits


def alike(first: Op, second: Op, depth: int = _SAME_DEPTH) -> bool:
    """Whether two values are computed in the same way; reads of the same place count as equal.

    A cast that may cut a number off makes another value.
    """
    if first.kind == "cast":
        first = _uncut(first)
    if second.kind == "cast":
        second = _uncut(second)
    if first is second:
        return True
    if depth == 0 or first.kind != second.kind or first.kind in ("phi", "call", "param"):
        return False
    if first.attribute != second.attribute or len(first.operands) != len(second.operands):
        return False
    pairs = zip(first.operands, second.operands, strict=True)
    return all(alike(left, right, depth - 1) for left, right in pairs)


def is_bounded(view: FunctionView, op: Op) -> bool:
    """Whether a condition bounds a sum, difference or product where it is used.

    Either a condition looks at the result (`c = a + b; require(c >= a)`), or one compares values
    that both operands are made of (`require(a >= b); a - b`). Constants need no comparison.
    """
    for sink in (op, *_sinks(op)):
        for fact in view.flow.facts(sink):
            for test in sources(fact.test):
                if test.kind != "binary" or test.attribute not in _RELATIONS:
                    continue
                if _bounds(test, op) and not (test is fact.test and _contradicts(fact, op)):
                    return True
    return False


def _contradicts(fact: Fact, op: Op) -> bool:
    """Whether a condition says that what is taken away is the larger one: `a <= b` for `a - b`."""
    if op.attribute != "-":
        return False
    left, right = fact.test.operands
    if alike(left, op.operands[1]) and alike(right, op.operands[0]):
        wrong = (">", ">=")
    elif alike(left, op.operands[0]) and alike(right, op.operands[1]):
        wrong = ("<", "<=")
    else:
        return False
    opposite = {"<": ">=", ">": "<=", "<=": ">", ">=": "<"}
    said = str(fact.test.attribute)
    return (said if fact.holds else opposite.get(said, said)) in wrong


def _bounds(test: Op, op: Op) -> bool:
    seen = [each for operand in test.operands for each in sources(operand)]
    wanted = [unwrapped(operand) for operand in op.operands]
    if any(each is op for each in seen):
        return not _always_holds(test, op) and (op.attribute == "-" or _is_undone(test, op))
    return all(w.kind == "const" or any(alike(w, each) for each in seen) for w in wanted)


def _is_undone(test: Op, op: Op) -> bool:
    """Whether a sum or product is held against what it was made of; any limit would let it wrap."""
    sides = [unwrapped(side) for side in test.operands]
    if any(side is unwrapped(part) for side in sides for part in op.operands):
        return True  # the sum so far, which the loop makes from the sum itself
    others = [
        each
        for side in test.operands
        if not any(each is op for each in sources(side))
        for each in sources(side)
    ]
    return any(alike(part, each) for part in op.operands for each in others)


def _always_holds(test: Op, op: Op) -> bool:
    """Whether a comparison holds for every result: `a - b >= 0` of unsigned numbers."""
    left, right = (unwrapped(operand) for operand in test.operands)
    zero = right.kind == "const" and right.attribute == 0
    return left is op and zero and test.attribute == ">=" and op.type.kind == "uint"


def _sinks(op: Op) -> Iterator[Op]:
    """Yield the ops that use a value, through casts."""
    for user in op.users:
        if user.kind == "cast":
            yield from user.users
        else:
            yield user
