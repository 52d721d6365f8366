"""A function that trades takes a limit from the caller and never looks at it."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.payments import is_payment
from diptych.audit.analysis.tokens import token_calls
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="unused-limit",
    title="Limit of the caller is never looked at",
    category="front_running",
    severity="medium",
    swc="SWC-114",
    cwe="CWE-563",
    owasp="SC07:2025",
    description="A function pays out an amount that depends on stored state. A number that the "
    "caller passes in, as the least amount or the latest time they accept, is used nowhere.",
    scenario="An attacker trades first and moves the price, or holds the transaction back; the "
    "caller gets less than the limit that they set.",
    fix="Compare the limit with what is paid, or with the time, and revert where it does not hold.",
    reference="https://swcregistry.io/docs/SWC-114/",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield the payment of a trade whose caller passes a number that nothing uses."""
    for view in contract.entries:
        unused = [each for each in view.graph.parameters if not each.users and _is_limit(each)]
        if not unused:
            continue
        paid = next(_priced(view), None)
        if paid is not None:
            name = unused[0].place.field
            yield Match(paid, f"'{name}' is passed in and never looked at")


def _is_limit(parameter: Op) -> bool:
    return parameter.type.kind == "uint" and parameter.place.field != ""


def _priced(view: FunctionView) -> Iterator[Op]:
    """Yield payments of ether or tokens whose amount is divided out of stored state."""
    amounts = [(op, op.call.value) for op in view.calls if is_payment(op)]
    amounts += [(call.op, call.amount) for call in token_calls(view) if call.name == "transfer"]
    for op, amount in amounts:
        found = [] if amount is None else list(sources(amount))
        divided = any(each.kind == "binary" and each.attribute == "/" for each in found)
        stored = any(each.kind == "load" and each.place.where == "storage" for each in found)
        if divided and stored:
            yield op


RULE = Rule(INFO, check)
