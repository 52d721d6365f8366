"""Anybody is paid what an entry holds that belongs to somebody else."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_caller, is_keyed_by_caller
from diptych.audit.analysis.cells import keys_of
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.entitlement import takes_from_caller
from diptych.audit.analysis.payments import is_payment
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.taint import tainted
from diptych.audit.analysis.tokens import token_calls
from diptych.audit.analysis.values import unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule, asked_for

INFO = RuleInfo(
    id="open-entry",
    title="Anybody is paid what an entry of somebody else holds",
    category="access_control",
    severity="medium",
    swc="SWC-105",
    cwe="CWE-639",
    owasp="SC01:2025",
    description="An argument names an entry that has an owner; the caller is paid by what it holds "
    "and is never held against the owner.",
    scenario="The attacker names an order, a stream or a position of somebody else and is paid.",
    fix="Require that the caller owns the entry, or pay its owner.",
    reference="https://cwe.mitre.org/data/definitions/639.html",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield what the caller gains by an entry whose owner nobody looks at."""
    owned = {id(each) for each in _owned(contract)}
    if not owned:
        return
    for view in contract.entries:
        if _is_paid(view) or any(id(write.place.variable) in owned for write in _entered(view)):
            continue
        for gain, amount in _gains(view):
            if _entry(view, gain, amount, owned) and anybody_reaches(view, gain):
                if not (takes_from_caller(view) or _looks_at_caller(view)):
                    yield Match(asked_for(gain), "nobody asks whether the caller owns this entry")
                break


def _owned(contract: ContractGraph) -> Iterator[object]:
    """Yield mappings, not by address, whose entries keep the address of who made them."""
    for view in contract.functions:
        yield from (write.place.variable for write in _entered(view))


def _entered(view: FunctionView) -> Iterator[Op]:
    """Yield where an entry gets an owner: the caller, or whom he names."""
    for write in view.writes:
        keys = keys_of(write) if write.kind == "store" else ()
        value = write.operands[-1]
        parts = value.operands if value.kind == "make" else (value,)
        named = any(each.type.kind == "address" and _names(each) for each in parts)
        if named and keys and keys[0].type.kind != "address":
            yield write


def _names(value: Op) -> bool:
    return is_caller(value) or value.kind == "param"


def _is_paid(view: FunctionView) -> bool:
    return any(op.kind == "env" and op.attribute == "msg.value" for op in view.ops)


def _gains(view: FunctionView) -> Iterator[tuple[Op, Op]]:
    """Yield where ether, tokens or credit go to the caller, with how much."""
    for call in view.calls:
        target, value = call.call.target, call.call.value
        if is_payment(call) and target is not None and value is not None and is_caller(target):
            yield call, value
    for each in token_calls(view):
        if each.name == "transfer" and is_caller(each.receiver):
            yield each.op, each.amount
    for write in view.writes:
        value = write.operands[-1] if write.kind == "store" else write
        if value.kind == "binary" and value.attribute == "+" and is_keyed_by_caller(write):
            yield write, value


def _entry(view: FunctionView, gain: Op, amount: Op, owned: set[int]) -> bool:
    """Whether a gain, or a bound on it, is read from an owned entry that an argument names."""
    touched = [op for op in (*view.reads, *view.writes) if id(op.place.variable) in owned]
    named = {id(unwrapped(key)) for op in touched for key in keys_of(op)[:1]}
    tests = (fact.test for fact in view.flow.facts(gain))
    return any(
        id(unwrapped(key)) in named and tainted(view, key, ("argument",), at=gain)
        for value in (amount, *tests)
        for load in sources(value)
        if load.kind == "load" and load.type.is_number
        for key in keys_of(load)[:1]
    )


def _looks_at_caller(view: FunctionView) -> bool:
    """Whether a condition, or another contract, looks at who calls."""
    tests = [block.test for block in view.graph.blocks if block.test is not None]
    moves = {id(each.op) for each in token_calls(view) if each.name == "transfer"}
    if any(is_caller(each) for test in tests for each in sources(test)):
        return not all(_is_move(test, moves) for test in tests if _has_caller(test))
    return any(
        any(is_caller(argument) for argument in call.call.arguments)
        for call in view.calls
        if id(call) not in moves and not is_payment(call)
    )


def _has_caller(test: Op) -> bool:
    return any(is_caller(each) for each in sources(test))


def _is_move(test: Op, moves: set[int]) -> bool:
    """Whether a condition only asks whether a payment worked."""
    return any(id(each) in moves or is_payment(each) for each in sources(test))


RULE = Rule(INFO, check)
