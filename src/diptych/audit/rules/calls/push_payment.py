"""One receiver that refuses a payment stops everybody."""

from collections.abc import Iterator

from diptych.audit.analysis.cells import cell_of, overlap
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.payments import in_loop, is_payment
from diptych.audit.analysis.taint import writable_cells
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="push-payment",
    title="A receiver that refuses payment blocks the function",
    category="denial_of_service",
    severity="medium",
    swc="SWC-113",
    cwe="CWE-703",
    owasp="SC10:2025",
    description="A payment that must succeed goes to a stored address: in a loop over receivers, "
    "or to the one whom the caller is about to replace.",
    scenario="The attacker's contract becomes a receiver and reverts when it is paid: the loop, or "
    "the replacement, never succeeds again.",
    fix="Record what each receiver is owed and let each withdraw (pull instead of push).",
    reference="https://swcregistry.io/docs/SWC-113/",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield payments that must succeed, to stored receivers that others depend on."""
    for view in contract.entries:
        required = _required(view) if any(map(is_payment, view.calls)) else frozenset()
        for call in view.calls:
            if not is_payment(call) or not _must_succeed(call, required):
                continue
            stored = _receivers(call)
            if stored and in_loop(view, call) and _differ(view, stored):
                grade = "" if _is_open(contract, stored) else "low"
                yield Match(call, "one receiver that refuses stops the payment of all", (), grade)
            elif stored and _is_replaced(view, call, stored):
                yield Match(call, "a receiver that refuses can never be replaced")


def _receivers(call: Op) -> list[Op]:
    target = call.call.target
    found = () if target is None else sources(target)
    return [each for each in found if each.kind == "load" and each.place.where == "storage"]


def _differ(view: FunctionView, stored: list[Op]) -> bool:
    """Whether rounds of the loop pay different receivers: items, or what the loop writes."""
    return any(
        "[]" in cell_of(load).path
        or any(overlap(cell_of(load), cell_of(each)) for each in view.writes if in_loop(view, each))
        for load in stored
    )


def _is_open(contract: ContractGraph, stored: list[Op]) -> bool:
    """Whether receivers get onto the list by themselves; a fragment need not show where."""
    written = [
        each
        for view in contract.functions
        for each in view.writes
        if any(overlap(cell_of(load), cell_of(each)) for load in stored)
    ]
    if not written:
        return True
    cells = writable_cells(contract)
    return any(overlap(cell_of(each), cell) for each in written for cell in cells)


def _must_succeed(call: Op, required: frozenset[int]) -> bool:
    """Whether failure reverts: always with `transfer`, else where the result is required."""
    return call.call.kind in ("transfer", "high_level") or id(call) in required


def _required(view: FunctionView) -> frozenset[int]:
    """Return the identities of ops that some condition which must hold looks at."""
    tests = (op.operands[0] for op in view.ops if op.kind == "guard")
    return frozenset(id(each) for test in tests for each in sources(test))


def _is_replaced(view: FunctionView, call: Op, stored: list[Op]) -> bool:
    variables = {id(load.place.variable) for load in stored if load.place.field == ""}
    return any(
        id(write.place.variable) in variables and view.flow.reaches(call, write)
        for write in view.writes
    )


RULE = Rule(INFO, check)
