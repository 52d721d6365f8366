"""Shares and assets are converted with the remainder in the caller's favour."""

from collections.abc import Iterator

from diptych.audit.analysis.arithmetic import arithmetic, quotient
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.payments import is_payment
from diptych.audit.analysis.tokens import is_this, token_calls
from diptych.audit.analysis.uses import compared
from diptych.audit.analysis.values import unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule, asked_for

INFO = RuleInfo(
    id="rounding-in-callers-favour",
    title="Remainder of a division goes to the caller",
    category="arithmetic",
    severity="medium",
    swc="",
    cwe="CWE-682",
    owasp="SC03:2025",
    description="The caller names an amount to take out, and what is deducted for it is a quotient "
    "rounded down; or names what to be credited, and the price is a quotient rounded down.",
    scenario="The caller asks for so little that the deduction is rounded to zero, and asks again "
    "and again; with a high price per share each call takes something.",
    fix="Round against the caller: (a * b + c - 1) / c, mulDiv with rounding up, as ERC-4626 asks.",
    reference="https://eips.ethereum.org/EIPS/eip-4626#security-considerations",
)
_BASE = {"_burn": "-", "_mint": "+"}
_READ_ONLY = frozenset({"view", "pure"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield quotients that are deducted or charged for an amount of the caller's choice."""
    for view in contract.entries:
        if view.function is None or view.function.mutability in _READ_ONLY:
            continue
        quotients = [op for op in view.ops if _is_conversion(op)]
        if quotients:
            paid = {id(unwrapped(amount)) for amount in _paid(view)}
            charged = {id(unwrapped(each.amount)) for each in token_calls(view) if each.sender}
            yield from (m for op in quotients for m in _judged(view, op, (paid, charged)))


def _judged(view: FunctionView, op: Op, moved: tuple[set[int], set[int]]) -> Iterator[Match]:
    paid, charged = moved
    named = {id(each) for each in sources(op) if each.kind == "param"}
    if any(each is op for test in compared(view) for each in sources(test)):
        return
    for sign, by, change in _changes(view):
        if sign == "-" and by is op and named & paid:
            text = "what is deducted for the amount paid is rounded down"
            yield Match(asked_for(op), text, (change, asked_for(op, entry=True)))
            return
        if sign == "+" and id(by) in named and id(op) in charged:
            text = "what is charged for the amount credited is rounded down"
            yield Match(asked_for(op), text, (change, asked_for(op, entry=True)))
            return


def _changes(view: FunctionView) -> Iterator[tuple[str, Op, Op]]:
    """Yield by how much records grow or shrink: here, or in a token's base that is not there."""
    for write in view.writes:
        change = arithmetic(unwrapped(write.operands[-1])) if write.kind == "store" else None
        if change is not None:
            yield change.sign, unwrapped(change.right), write
    for call in view.calls:
        if call.call.name in _BASE and len(call.call.arguments) == 2:
            yield _BASE[call.call.name], unwrapped(call.call.arguments[1]), call


def _is_conversion(op: Op) -> bool:
    """Whether an op is `amount * a / b`, with a divisor that is no plain number."""
    found = quotient(op)
    if found is None or unwrapped(found.divisor).kind == "const":
        return False
    return any(unwrapped(each).kind == "param" for each in found.factors)


def _paid(view: FunctionView) -> Iterator[Op]:
    """Yield the amounts of ether and tokens that leave."""
    for call in view.calls:
        if is_payment(call) and call.call.value is not None:
            yield call.call.value
    for each in token_calls(view):
        if each.name == "transfer" or (each.sender is not None and is_this(each.sender)):
            yield each.amount


RULE = Rule(INFO, check)
