"""Anybody can take ether that is not theirs."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_caller, is_keyed_by_caller, is_restricted
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.payments import is_payment, paid_from
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

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


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield payments that nothing entitles to, and records that outlive their payment."""
    for view in contract.entries:
        for call in view.calls:
            if not is_payment(call) or not _to_choice(call) or is_restricted(view, call):
                continue
            own = [load for load in paid_from(call) if is_keyed_by_caller(load)]
            if own and not _is_debited(view, own):
                yield Match(call, "what is recorded for the caller is paid and stays recorded")
            elif not own and _is_for_asking(view, call):
                yield Match(call, "anybody can have this paid")


def _to_choice(call: Op) -> bool:
    """Whether the payment goes to the caller or to an argument."""
    target = call.call.target
    if target is None:
        return False
    found = list(sources(target))
    stored = any(each.kind == "load" for each in found)
    return not stored and (is_caller(target) or any(each.kind == "param" for each in found))


def _is_debited(view: FunctionView, own: list[Op]) -> bool:
    variables = {id(load.place.variable) for load in own}
    return any(id(write.place.variable) in variables for write in view.writes)


def _is_for_asking(view: FunctionView, call: Op) -> bool:
    """Whether neither the amount nor a condition depends on what was paid in or recorded."""
    value = call.call.value
    amount = [] if value is None else list(sources(value))
    if any(each.kind == "env" and each.attribute == "msg.value" for each in amount):
        return False
    for fact in view.flow.facts(call):
        for each in sources(fact.test):
            if each.kind == "env" and each.attribute == "msg.value":
                return False
            if each.kind in ("load", "call") and each.place.where != "memory":
                return False
    return any(
        each.kind == "param" or (each.kind == "account" and each.attribute == "balance")
        for each in amount
    )


RULE = Rule(INFO, check)
