"""Sums that would wrap only after more steps than anybody can pay for."""

from diptych.audit.analysis.contract import FunctionView, sources
from diptych.audit.analysis.payments import in_loop
from diptych.audit.analysis.ranges import range_of, type_range
from diptych.audit.analysis.uses import terms, tests
from diptych.audit.analysis.values import unwrapped
from diptych.audit.graph.ops import Op

__all__ = ["is_out_of_reach"]

_RELATIONS = frozenset({"<", ">", "<=", ">=", "!="})
_STEPS_BITS = 64
_EFFECTS = frozenset({"store", "push", "call", "emit"})
_NUMBERS = frozenset({"uint", "int"})


def is_out_of_reach(view: FunctionView, op: Op) -> bool:
    """Whether an unchecked sum or product cannot wrap for want of gas.

    What is added is so small that it takes 2^64 calls to get round; or it is how many rounds a
    loop with effects goes; or a small number is packed into several fields of a word at once.
    """
    if op.attribute not in ("+", "*"):
        return False
    given = [each for each in op.operands if any(e.kind == "param" for e in terms(each))]
    if op.attribute == "+" and given and all(_is_small(view, each, op) for each in given):
        return True
    if op.attribute == "*" and any(_packs(view, each) for each in op.operands):
        return True
    return bool(given) and all(_counts_rounds(view, each) for each in given)


def _is_small(view: FunctionView, operand: Op, op: Op) -> bool:
    if op.type.kind not in _NUMBERS:
        return False
    return range_of(view, operand, op).high <= type_range(op.type).high >> _STEPS_BITS


def _packs(view: FunctionView, factor: Op) -> bool:
    if any(each.kind in ("param", "load", "call", "env") for each in sources(factor)):
        return False
    return range_of(view, factor).low >> _STEPS_BITS > 0


def _counts_rounds(view: FunctionView, operand: Op) -> bool:
    """Whether a loop that does something in each round goes as many rounds as an argument says."""
    number = unwrapped(operand)
    if number.kind != "param":
        return False
    for test in tests(view):
        if test.kind != "binary" or test.attribute not in _RELATIONS or not in_loop(view, test):
            continue
        if any(each is number for each in sources(test)) and _has_effects(view, test):
            return True
    return False


def _has_effects(view: FunctionView, test: Op) -> bool:
    return any(
        op.kind in _EFFECTS
        and op.place.where != "memory"
        and view.flow.reaches(op, test)
        and view.flow.reaches(test, op)
        for op in view.ops
    )
