"""A record that another contract keeps is used, control goes away, and only then is it changed."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_caller
from diptych.audit.analysis.calls import is_trusted
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.payments import is_payment
from diptych.audit.analysis.reentry import leaving_calls
from diptych.audit.analysis.values import unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="reentrancy-cross-contract",
    title="The record of another contract changes after a call that hands over control",
    category="reentrancy",
    severity="medium",
    swc="SWC-107",
    cwe="CWE-841",
    owasp="SC05:2025",
    description="An amount that another contract keeps for the caller is read and paid, and that "
    "contract is told to take it away only afterwards. A lock in this contract does not help.",
    scenario="While paid, the attacker moves his tokens in the other contract to a second account; "
    "nothing is left to burn there, and the second account is paid again.",
    fix="Burn or take the tokens before the payment.",
    reference="https://docs.soliditylang.org/en/latest/security-considerations.html#reentrancy",
)
_READ_ONLY = frozenset({"view", "pure"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield payments by a record elsewhere that is changed after them."""
    for view, call in leaving_calls(contract):
        if not is_payment(call) or is_trusted(view, call):
            continue
        late = next(_late(view, call), None)
        if late is not None:
            text = "what the other contract keeps for the caller changes only after this call"
            yield Match(call, text, (late,))


def _late(view: FunctionView, call: Op) -> Iterator[Op]:
    """Yield the calls after a payment that change what was read for it before."""
    tests = (fact.test for fact in view.flow.facts(call))
    read = [
        each
        for value in (*call.operands, *tests)
        for each in sources(value)
        if each.kind == "call" and _is_of_caller(each) and view.flow.dominates(each, call)
    ]
    for each in view.calls if read else ():
        if each is call or not _is_of_caller(each) or not view.flow.dominates(call, each):
            continue
        declared = each.call.declaration
        if declared is not None and declared.mutability in _READ_ONLY:
            continue
        if any(_kept_by(each) is _kept_by(other) for other in read):
            yield each


def _is_of_caller(call: Op) -> bool:
    """Whether a contract that state names is called about the caller."""
    is_told = any(is_caller(each) for each in call.call.arguments)
    return call.call.kind == "high_level" and is_told and _kept_by(call) is not None


def _kept_by(call: Op) -> object:
    target = None if call.call.target is None else unwrapped(call.call.target)
    return None if target is None or target.kind != "load" else target.place.variable


RULE = Rule(INFO, check)
