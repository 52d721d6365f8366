"""What a transaction does depends on which one comes first."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_caller
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.payments import is_payment, paid_from
from diptych.audit.analysis.values import unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="transaction-order",
    title="Outcome depends on the order of transactions",
    category="front_running",
    severity="low",
    swc="SWC-114",
    cwe="CWE-362",
    owasp="SC07:2025",
    description="A payment takes its amount from a variable that another function can change, or "
    "an allowance is overwritten without regard to what was left of it.",
    scenario="Somebody who sees a transaction waiting has another one run before it: the price "
    "changes, the reward is gone, the old allowance is spent before the new one is set.",
    fix="Let callers state what they expect (a limit, the old value), or commit and reveal.",
    reference="https://swcregistry.io/docs/SWC-114/",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield payments whose amount others can change, and allowances that are overwritten."""
    writers: dict[int, set[int]] = {}
    for view in contract.entries:
        for write in view.writes:
            if write.place.field == "":
                writers.setdefault(id(write.place.variable), set()).add(id(view))
    for view in contract.entries:
        yield from _payments(view, writers)
        for write in view.writes:
            if _is_overwritten_allowance(view, write):
                yield Match(write, "the old allowance can be spent before the new one is set")


def _payments(view: FunctionView, writers: dict[int, set[int]]) -> Iterator[Match]:
    for call in view.calls:
        if not is_payment(call):
            continue
        for load in paid_from(call):
            others = writers.get(id(load.place.variable), set()) - {id(view)}
            if load.place.field == "" and others and load.place.variable is not None:
                text = f"another transaction can change '{load.place.variable.name}' before this"
                yield Match(call, text)
                break


def _is_overwritten_allowance(view: FunctionView, write: Op) -> bool:
    """Whether an argument is stored under the caller and another account, whatever was there."""
    if write.kind != "store" or unwrapped(write.operands[-1]).kind != "param":
        return False
    place = write.operands[0]
    keys: list[Op] = []
    while place.kind == "element":
        keys += place.operands[1:2]
        place = place.operands[0]
    if len(keys) != 2 or not is_caller(keys[1]) or is_caller(keys[0]):
        return False
    return not any(
        each.kind == "load" and each.place.variable is write.place.variable
        for fact in view.flow.facts(write)
        for each in sources(fact.test)
    )


RULE = Rule(INFO, check)
