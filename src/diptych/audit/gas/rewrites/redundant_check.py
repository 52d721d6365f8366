"""A demand that always holds, by the ranges of what it compares."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import FunctionView
from diptych.audit.analysis.ranges import range_of, type_range
from diptych.audit.fixes.edit import Edit
from diptych.audit.gas.conditions import Demand, demands
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite
from diptych.audit.graph.ops import Op
from diptych.audit.syntax.tree import Binary, Member, Name, Number
from diptych.audit.syntax.unit import Function

__all__ = ["REDUNDANT_CHECK"]


def _find(site: GasSite) -> Iterator[Candidate]:
    for function in site.functions:
        for demand in demands(site, function):
            if _always_holds(site, function, demand):
                end = site.statement_end(demand.statement)
                line = site.text.data.rfind(b"\n", 0, demand.statement.start)
                gap = site.text.data[line : demand.statement.start].strip()
                start = demand.statement.start if gap or line < 0 else line
                yield Candidate(function, demand.words, (Edit(start, end, ""),))


def _always_holds(site: GasSite, function: Function, demand: Demand) -> bool:
    test = demand.test
    if not isinstance(test, Binary) or not all(_is_safe(each) for each in (test.left, test.right)):
        return False
    found = [
        (view, op)
        for view, op in site.ops(function, "binary")
        if (op.start, op.end) == (test.start, test.end)
    ]
    return bool(found) and all(_is_true(view, op) for view, op in found)


def _is_safe(node: object) -> bool:
    """Whether nothing is lost when it is not evaluated: an index may be out of range."""
    return isinstance(node, Name | Number) or (
        isinstance(node, Member) and isinstance(node.base, Name)
    )


def _is_true(view: FunctionView, op: Op) -> bool:
    # The demand itself must not narrow what it is asked about: only types and makers count.
    left, right = (_own(view, each) for each in op.operands)
    match op.attribute:
        case ">=":
            return left[0] >= right[1]
        case "<=":
            return left[1] <= right[0]
        case ">":
            return left[0] > right[1]
        case "<":
            return left[1] < right[0]
    return False


def _own(view: FunctionView, op: Op) -> tuple[int, int]:
    if op.kind == "const":
        found = range_of(view, op)
        return found.low, found.high
    limits = type_range(op.type)
    return limits.low, limits.high


REDUNDANT_CHECK = Rewrite("redundant-check", "drop a check that always holds", _find)
