"""What a transaction does depends on which one comes first."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_caller, is_keyed_by_caller
from diptych.audit.analysis.cells import Cell, cell_of
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.paths import all_facts
from diptych.audit.analysis.payments import is_payment
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
    writers = contract.analysis(_writers)
    for view in contract.entries:
        yield from _payments(view, writers)
        for write in view.writes:
            if _is_overwritten_allowance(view, write):
                yield Match(write, "the old allowance can be spent before the new one is set")


def _writers(contract: ContractGraph) -> dict[Cell, list[tuple[FunctionView, Op]]]:
    """Return the writes of plain variables, with the entries they are in."""
    found: dict[Cell, list[tuple[FunctionView, Op]]] = {}
    for view in contract.entries:
        for write in view.writes:
            if write.place.field == "":
                found.setdefault(cell_of(write), []).append((view, write))
    return found


def _payments(
    view: FunctionView, writers: dict[Cell, list[tuple[FunctionView, Op]]]
) -> Iterator[Match]:
    for op, amount in _amounts(view):
        for load in sources(amount):
            if load.kind != "load" or load.place.where != "storage" or load.place.field != "":
                continue
            others = [write for other, write in writers.get(cell_of(load), ()) if other is not view]
            if others and load.place.variable is not None and not _is_limited(view, op, load):
                text = f"another transaction can change '{load.place.variable.name}' before this"
                yield Match(op, text, tuple(others))
                break


def _amounts(view: FunctionView) -> Iterator[tuple[Op, Op]]:
    """Yield what is paid out, and what is credited to the caller for the ether he sends."""
    for call in view.calls:
        if is_payment(call) and call.call.value is not None:
            yield call, call.call.value
    for write in view.writes:
        value = write.operands[-1]
        if (
            write.kind == "store"
            and is_keyed_by_caller(write)
            and any(
                each.kind == "binary" and each.attribute in ("/", "*") and _is_of_ether(each)
                for each in sources(value)
            )
        ):
            yield write, value


def _is_of_ether(op: Op) -> bool:
    return any(each.kind == "env" and each.attribute == "msg.value" for each in sources(op))


def _is_limited(view: FunctionView, op: Op, load: Op) -> bool:
    """Whether the caller says how far a variable, or what is made of it, may go."""
    cell = cell_of(load)
    for fact in all_facts(view, op):
        if fact.test.kind != "binary":
            continue
        left, right = fact.test.operands
        for one, other in ((left, right), (right, left)):
            if unwrapped(one).kind == "param" and any(
                each.kind == "load" and cell_of(each) == cell for each in sources(other)
            ):
                return True
    return False


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
