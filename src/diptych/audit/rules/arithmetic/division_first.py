"""Digits are lost in a division, and what is left is multiplied."""

from collections.abc import Iterator

from diptych.audit.analysis.arithmetic import Arithmetic, arithmetic
from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.analysis.ranges import range_of
from diptych.audit.analysis.uses import is_instruction, reached_by
from diptych.audit.analysis.values import alike, unwrapped
from diptych.audit.finding import SEVERITIES, RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule, Spot

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
_KINDS = frozenset({"binary", "call"})
_EFFECTS = frozenset({"store", "push", "call"})
_SCALE = 10**6
_DIGITS = 10
_MAX_USES = 40


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield products of a quotient and something else than its divisor, graver uses first."""
    yield from sorted(_found(contract), key=lambda match: SEVERITIES.index(match.severity))


def _found(contract: ContractGraph) -> Iterator[Match]:
    for view in contract.functions:
        for op in view.ops:
            product = arithmetic(op) if op.kind in _KINDS else None
            if product is not None and product.sign == "*" and not is_instruction(op):
                quotient = _quotient(view, product)
                if quotient is not None:
                    kept = any(user.kind in _EFFECTS for user in reached_by(op))
                    kept = kept and op.type.kind != "int" and not _is_divided_again(op)
                    kept = kept and not (_is_modular(op) or _feeds(op, quotient))
                    text = "the remainder of this division is lost before the multiplication"
                    place, other = _places(op, quotient)
                    yield Match(place, text, (other,), "medium" if kept else "low")


def _places(op: Op, quotient: Op) -> tuple[Op | Spot, Op | Spot]:
    """Return where product and quotient meet: in one function, by calls of others or not.

    The fault is of who brings them together, be it in a library.
    """
    own = {id(frame) for frame in op.frame.stack()}
    shared = {id(frame) for frame in quotient.frame.stack() if id(frame) in own}
    return _place_in(op, shared), _place_in(quotient, shared)


def _place_in(op: Op, shared: set[int]) -> Op | Spot:
    frame, place = op.frame, (op.start, op.end)
    while id(frame) not in shared and frame.caller is not None:
        place = frame.call
        frame = frame.caller
    return op if frame is op.frame else Spot(frame, *place)


def _quotient(view: FunctionView, product: Arithmetic) -> Op | None:
    """Return the factor that is a quotient of which digits are missed."""
    _, left, right = product
    for operand, factor in ((left, right), (right, left)):
        value = _less_constant(unwrapped(operand))
        found = arithmetic(value)
        if found is None or found.sign != "/" or is_instruction(value):
            continue
        dividend, divisor = unwrapped(found.left), unwrapped(found.right)
        if dividend.kind in ("const", "limit") or _is_scaled(view, dividend):
            continue
        if _is_rounded_up(dividend, divisor):  # so many words, pages or periods
            continue
        if alike(divisor, unwrapped(factor)):  # `x / y * y` rounds x down, and is meant to
            continue
        if _is_shared_out(view, dividend, divisor):
            continue
        if not (_is_digit(divisor) and _is_digit(unwrapped(factor))):
            return value
    return None


def _is_shared_out(view: FunctionView, dividend: Op, divisor: Op) -> bool:
    """Whether the remainder is taken as well, so that nothing is lost."""
    return any(
        op.kind == "binary"
        and op.attribute == "%"
        and alike(unwrapped(op.operands[0]), dividend)
        and alike(unwrapped(op.operands[1]), divisor)
        for op in view.ops
    )


def _is_digit(op: Op) -> bool:
    """Whether an op is a small number, as in lengths of encoded text: `n / 3 * 4`."""
    return op.kind == "const" and isinstance(op.attribute, int) and op.attribute < _DIGITS


def _less_constant(op: Op) -> Op:
    """Return the quotient in `x / y + 1`."""
    found = arithmetic(op)
    if found is None or found.sign not in ("+", "-") or unwrapped(found.right).kind != "const":
        return op
    return unwrapped(found.left)


def _is_modular(op: Op) -> bool:
    """Whether a product may wrap where others may not: as inverses modulo 2**256 are found."""
    return not op.checked and op.frame.owner.unit.checks_overflow


def _feeds(op: Op, quotient: Op) -> bool:
    """Whether a product goes round a loop into its own quotient: an iteration that converges."""
    return any(each is quotient for each in reached_by(op))


def _is_divided_again(op: Op) -> bool:
    """Whether a product is rescaled, as fixed-point numbers are: `(a / b * c + half) / base`.

    Libraries look at factors that are zero first, so ways may join in between.
    """
    pending, seen = [op], {id(op)}
    for each in pending:
        for user in each.users:
            found = arithmetic(user) if user.kind in _KINDS else None
            first = found is not None and unwrapped(found.left) is unwrapped(each)
            if found is not None and first and found.sign in ("/", ">>"):
                return True
            carried = user.kind in ("cast", "phi") or (
                found is not None and found.sign in ("*", "+") and first
            )
            if carried and id(user) not in seen and len(seen) < _MAX_USES:
                seen.add(id(user))
                pending.append(user)
    return False


def _is_rounded_up(dividend: Op, divisor: Op) -> bool:
    """Whether a quotient counts what is begun as whole: `(x + 31) / 32`."""
    if dividend.kind != "binary" or dividend.attribute != "+" or divisor.kind != "const":
        return False
    added = unwrapped(dividend.operands[1]).attribute
    whole = divisor.attribute
    return isinstance(added, int) and isinstance(whole, int) and added + 1 == whole


def _is_scaled(view: FunctionView, op: Op) -> bool:
    """Whether a dividend was made larger first: what is lost then weighs little."""
    found = arithmetic(unwrapped(op))
    if found is not None and found.sign in ("+", "-"):  # `x * base + (y - 1)` rounds up
        return _is_scaled(view, found.left)
    if found is None or found.sign not in ("*", "<<", "**"):
        return False
    return found.sign != "*" or all(
        range_of(view, each).high >= _SCALE for each in (found.left, found.right)
    )


RULE = Rule(INFO, check)
