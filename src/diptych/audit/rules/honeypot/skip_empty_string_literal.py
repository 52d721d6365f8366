"""An empty string as an argument shifts the arguments behind it, in old compilers."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.lures import payouts
from diptych.audit.analysis.values import unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule
from diptych.audit.syntax.unit import Function

INFO = RuleInfo(
    id="skip-empty-string-literal",
    title="Honeypot: an empty string shifts who is paid",
    category="honeypot",
    severity="high",
    swc="",
    cwe="CWE-506",
    owasp="",
    description="Compilers before 0.4.12 leave an empty string literal out when they encode a "
    "call, so each later argument takes the place of the one before it. Here a payment goes to one "
    "of those.",
    scenario="The refund seems to go to the caller; the argument that arrives in its place is the "
    "owner.",
    fix="Do not send ether to it; compile with a newer compiler.",
    reference="https://docs.soliditylang.org/en/latest/bugs.html",
)
_FIXED = (0, 4, 12)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield calls whose empty literal shifts the receiver of a payment."""
    if contract.node.unit.version >= _FIXED:
        return
    receivers = {id(view.function): places for view, places in _receivers(contract)}
    for view in contract.entries if receivers else ():
        for call in view.calls:
            function = _called(contract, call)
            places = receivers.get(id(function), set())
            empty = [at for at, each in enumerate(call.call.arguments) if _is_empty(each)]
            if empty and any(place > empty[0] for place in places):
                yield Match(
                    call, "the empty string shifts the arguments, and with them who is paid"
                )


def _called(contract: ContractGraph, call: Op) -> Function | None:
    """Return the function that an external call of the contract itself reaches."""
    if call.call.kind != "high_level" or call.call.target is None:
        return None
    if call.call.declaration is not None:
        return call.call.declaration
    own = any(each.kind == "env" and each.attribute == "this" for each in sources(call.call.target))
    found = contract.node.functions.get(call.call.name, ()) if own else ()
    count = len(call.call.arguments)
    return next((each for _, each in found if len(each.parameters) == count), None)


def _is_empty(op: Op) -> bool:
    op = unwrapped(op)
    return op.kind == "const" and op.attribute == b""


def _receivers(contract: ContractGraph) -> Iterator[tuple[FunctionView, set[int]]]:
    """Yield functions that pay one of their arguments, with the places of those."""
    for payout in payouts(contract):
        paid = {id(each) for each in sources(payout.target)}
        places = {at for at, each in enumerate(payout.view.graph.parameters) if id(each) in paid}
        if places:
            yield payout.view, places


RULE = Rule(INFO, check)
