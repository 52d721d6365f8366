"""A comparison that has only one outcome."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.analysis.payments import in_loop
from diptych.audit.analysis.uses import is_instruction
from diptych.audit.analysis.values import alike, unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.graph.types import integer_range
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="constant-condition",
    title="Condition that always has the same outcome",
    category="other",
    severity="low",
    swc="",
    cwe="CWE-570",
    owasp="",
    description="A number is compared with a bound that its type cannot cross (`x >= 0` of an "
    "unsigned x), or a condition is joined with a constant or with its own opposite. It is "
    "medium where a difference or a loop was meant to be bounded.",
    scenario="The check that should refuse the caller never does: `balance - amount >= 0` holds "
    "for every amount.",
    fix="Compare what was meant: `balance >= amount`.",
    reference="https://cwe.mitre.org/data/definitions/570.html",
)
_MIRROR = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield comparisons that are decided by types or constants."""
    for view in contract.functions:
        for op in view.ops:
            if op.kind != "binary" or len(op.operands) != 2 or not _is_written_here(op):
                continue
            if op.attribute in _MIRROR and _is_decided(op):
                endless = in_loop(view, op) and not (_is_joined(op) or is_instruction(op))
                grave = endless or any(_is_difference(each) for each in op.operands)
                text = "the types alone decide this"
                yield Match(op, text, (), "medium" if grave else "low")
            elif op.attribute in ("&&", "||") and _is_fixed(op):
                yield Match(op, "one side decides this whatever the other says")


def _is_decided(op: Op) -> bool:
    left, right = op.operands
    sign = str(op.attribute)
    if _number(left) is not None:
        left, right, sign = right, left, _MIRROR[sign]
    bound, found = _number(right), integer_range(left.type)
    if bound is None or found is None or _number(left) is not None:
        return False
    least, most = found
    if sign == "<":
        return bound <= least or bound > most
    if sign == ">=":
        return bound <= least or bound > most
    return bound >= most or bound < least


def _is_joined(op: Op) -> bool:
    """Whether another condition on the same number ends the loop: `i >= 0 && i <= last`."""
    return any(
        user.kind == "binary"
        and user.attribute == "&&"
        and any(
            each is not op and any(alike(side, mine) for side in each.operands)
            for each in user.operands
            for mine in op.operands
            if unwrapped(mine).kind != "const"
        )
        for user in op.users
    )


def _number(op: Op) -> int | None:
    value = unwrapped(op)
    if value.kind != "const" or isinstance(value.attribute, bool):
        return None
    return value.attribute if isinstance(value.attribute, int) else None


def _is_difference(op: Op) -> bool:
    value = unwrapped(op)
    return value.kind == "binary" and value.attribute == "-"


def _is_written_here(op: Op) -> bool:
    """Whether constants and casts stand in the condition, not in a call that leads here.

    What such a call hands over has a type of its own: the parameter's may be wider.
    """
    if any(unwrapped(each).frame is not op.frame for each in op.operands):
        return False
    return all(
        op.start <= each.start < op.end
        for operand in op.operands
        for each in (operand, unwrapped(operand))
        if each.kind in ("const", "cast")
    )


def _is_fixed(op: Op) -> bool:
    """Whether one side of `||` is true, of `&&` false, or the sides are each other's opposite."""
    fixed = op.attribute == "||"
    if any(each.kind == "const" and each.attribute is fixed for each in op.operands):
        return True
    left, right = op.operands
    for one, other in ((left, right), (right, left)):
        if one.kind == "unary" and one.attribute == "!" and alike(one.operands[0], other):
            return True
    return False


RULE = Rule(INFO, check)
