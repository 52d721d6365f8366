"""Anybody can take ether or tokens that are not theirs."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_caller, is_keyed_by_caller
from diptych.audit.analysis.cells import keys_of
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.entitlement import is_entitled, is_passage
from diptych.audit.analysis.once import runs_once
from diptych.audit.analysis.paths import later_facts
from diptych.audit.analysis.payments import is_payment, paid_from
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.taint import tainted
from diptych.audit.analysis.tokens import balance_of, is_this, token_calls
from diptych.audit.analysis.values import alike, unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule, asked_for

INFO = RuleInfo(
    id="open-withdrawal",
    title="Anybody can take ether out",
    category="access_control",
    severity="high",
    swc="SWC-105",
    cwe="CWE-284",
    owasp="SC01:2025",
    description="A function that anybody can call pays the caller, or whom the caller names, an "
    "amount that no record of the caller bounds; or it pays what is recorded and keeps the record.",
    scenario="The attacker calls the function, again and again, until the contract is empty.",
    fix="Restrict who calls, or pay what is recorded for the caller and clear the record first.",
    reference="https://swcregistry.io/docs/SWC-105/",
)


_CHOSEN = ("caller", "argument")
_MORE = {(">=", True), (">", True), ("<", False), ("<=", False)}


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield payments that nothing entitles to, and records that outlive their payment."""
    for view in contract.entries:
        for call in view.calls:
            if is_payment(call) and _to_choice(view, call, call.call.target):
                reason = _reason(view, call)
                if reason and anybody_reaches(view, call):
                    yield Match(call, reason, (), "low" if _is_left_over(view, call) else "")
        yield from _tokens(view)


def _reason(view: FunctionView, call: Op) -> str:
    """Return what is wrong with a payment to whom the caller likes, or nothing."""
    value = call.call.value
    loads = paid_from(call)
    own = [load for load in loads if is_keyed_by_caller(load)]
    if own:
        return "" if _is_debited(view, own) else "what is recorded for the caller stays recorded"
    if value is not None and _wrong_way(view, call, unwrapped(value)):
        return "the caller is paid no less than what is recorded, instead of no more"
    if any(_is_of_others(view, call, load) for load in loads):
        return "what is recorded for somebody else is paid to the caller"
    if not loads and _is_for_asking(view, call, value):
        return "anybody can have this paid"
    if value is not None and _is_kept_sum(value) and _is_free(view, call):
        return "anybody can have what is kept here paid out"
    return ""


def _is_kept_sum(value: Op) -> bool:
    """Whether an amount is what a plain variable holds, such as fees or a pot."""
    value = unwrapped(value)
    return value.kind == "load" and value.place.where == "storage" and not keys_of(value)


def _to_choice(view: FunctionView, call: Op, target: Op | None) -> bool:
    """Whether a payment goes to the caller or to an argument."""
    if target is None or any(each.kind == "load" for each in sources(target)):
        return False
    return tainted(view, target, _CHOSEN, at=call)


def _is_debited(view: FunctionView, own: list[Op]) -> bool:
    variables = {id(load.place.variable) for load in own}
    return any(id(write.place.variable) in variables for write in view.writes)


def _is_for_asking(view: FunctionView, call: Op, value: Op | None) -> bool:
    """Whether the amount is an argument or all there is, and nothing entitles to it."""
    if value is None or tainted(view, value, ("value", "block")):
        return False
    asked = tainted(view, value, ("argument",), at=call) or any(
        balance_of(each) is not None for each in sources(value)
    )
    if not asked or _is_loan(view, call):
        return False
    return _is_free(view, call)


def _is_free(view: FunctionView, call: Op) -> bool:
    """Whether nothing entitles to a payment, and it need not come back."""
    if _is_loan(view, call) or is_entitled(view, call):
        return False
    return not runs_once(view, call)


def _is_loan(view: FunctionView, call: Op) -> bool:
    """Whether what is sent must have come back before the function ends."""
    return any(
        owner is not None and is_this(owner)
        for fact in later_facts(view, call)
        if call not in sources(fact.test)  # whether it worked
        for each in sources(fact.test)
        for owner in (balance_of(each),)
    )


def _is_of_others(view: FunctionView, call: Op, load: Op) -> bool:
    """Whether an amount is the record of an account that an argument names, paid to the caller."""
    target = call.call.target
    keys = keys_of(load)
    if target is None or not is_caller(target) or len(keys) != 1:
        return False
    key = keys[0]
    if unwrapped(key).kind != "param" or key.type.kind != "address":
        return False
    return tainted(view, key, ("argument",), at=call) and not any(
        is_keyed_by_caller(each) for each in view.reads
    )


def _wrong_way(view: FunctionView, call: Op, amount: Op) -> bool:
    """Whether the one bound on an amount by the caller's record is a lower one."""
    bounds = []
    for test, holds in view.flow.facts(call):
        if test.kind != "binary" or len(test.operands) != 2:
            continue
        left, right = test.operands
        if alike(left, amount) and is_keyed_by_caller(unwrapped(right)):
            bounds.append((test.attribute, holds) in _MORE)
        elif alike(right, amount) and is_keyed_by_caller(unwrapped(left)):
            bounds.append((test.attribute, not holds) in _MORE)
    checked = any(
        op.kind == "binary" and op.attribute == "-" and op.checked and alike(op.operands[1], amount)
        for op in view.ops
    )
    return bool(bounds) and all(bounds) and not checked


def _tokens(view: FunctionView) -> Iterator[Match]:
    """Yield tokens of this contract that go to whom the caller likes."""
    for each in token_calls(view):
        if each.name != "transfer" or not _to_choice(view, each.op, each.receiver):
            continue
        if _is_for_asking(view, each.op, each.amount) and anybody_reaches(view, each.op):
            grade = "low" if _is_left_over(view, each.op) else "medium"
            yield Match(asked_for(each.op), "anybody can have these tokens sent", (), grade)


def _is_left_over(view: FunctionView, call: Op) -> bool:
    """Whether what nothing records goes out of a contract that is not meant to hold anything."""
    if view.contract is None or paid_from(call):
        return False
    return is_passage(view.contract) or _is_rest(view, call)


def _is_rest(view: FunctionView, call: Op) -> bool:
    """Whether the caller gets back what a payment of what he sent did not use up."""
    function, target = view.function, call.call.target
    if function is None or function.mutability != "payable" or target is None:
        return False
    return is_caller(target) and any(
        each is not call and is_payment(each) and view.flow.reaches(each, call)
        for each in view.calls
    )


RULE = Rule(INFO, check)
