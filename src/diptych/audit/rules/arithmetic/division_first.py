"""Digits are lost in a division, and what is left is multiplied."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.analysis.ranges import range_of
from diptych.audit.analysis.uses import is_instruction, reached_by
from diptych.audit.analysis.values import alike, unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule, asked_for

INFO = RuleInfo(
    id="division-before-multiplication",
    title="Division before multiplication",
    category="arithmetic",
    severity="medium",
    swc="",
    cwe="CWE-682",
    owasp="SC03:2025",
    description="The result of an integer division is multiplied: the remainder is lost first, and "
    "the loss grows by the factor.",
    scenario="Amounts below the divisor count as nothing: fees and rewards come out as zero, or a "
    "caller splits a payment so that each part is rounded in his favour.",
    fix="Multiply first, divide last; use mulDiv where the product may not fit.",
    reference="https://github.com/crytic/slither/wiki/Detector-Documentation#divide-before-multiply",
)
_EFFECTS = frozenset({"store", "push", "call"})
_SCALE = 10**6


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield products of a quotient and something else than its divisor."""
    for view in contract.functions:
        for op in view.ops:
            if op.kind == "binary" and op.attribute == "*" and not is_instruction(op):
                quotient = _quotient(view, op)
                if quotient is not None:
                    kept = any(user.kind in _EFFECTS for user in reached_by(op))
                    text = "the remainder of this division is lost before the multiplication"
                    place = asked_for(op)
                    yield Match(place, text, (asked_for(quotient),), "medium" if kept else "low")


def _quotient(view: FunctionView, op: Op) -> Op | None:
    """Return the factor that is a quotient of which digits are missed."""
    for operand, factor in (op.operands, op.operands[::-1]):
        value = unwrapped(operand)
        if value.kind != "binary" or value.attribute != "/" or is_instruction(value):
            continue
        dividend, divisor = (unwrapped(each) for each in value.operands)
        if dividend.kind in ("const", "limit") or _is_scaled(view, dividend):
            continue
        if not alike(divisor, factor):  # `x / y * y` rounds x down, and is meant to
            return value
    return None


def _is_scaled(view: FunctionView, op: Op) -> bool:
    """Whether a dividend was made larger first, as in fixed-point numbers."""
    value = unwrapped(op)
    if value.kind != "binary" or value.attribute not in ("*", "<<"):
        return False
    return value.attribute == "<<" or any(
        range_of(view, each).low >= _SCALE for each in value.operands
    )


RULE = Rule(INFO, check)
