"""A loan that can be paid back as a deposit of the borrower's own."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_keyed_by_caller
from diptych.audit.analysis.calls import gives_control, is_trusted, lock_cells
from diptych.audit.analysis.cells import Cell, cell_of
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.paths import later_facts
from diptych.audit.analysis.tokens import is_this
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="loan-by-deposit",
    title="A loan can be paid back as a deposit",
    category="reentrancy",
    severity="medium",
    swc="SWC-107",
    cwe="CWE-841",
    owasp="SC05:2025",
    description="A loan only asks that the contract's balance is what it was, and another function "
    "credits the caller for ether that arrives while the loan is out.",
    scenario="The attacker borrows everything, deposits it in the callback, which pays the loan "
    "back, and withdraws the deposit.",
    fix="Let both functions take one lock, or count what is lent apart from what is deposited.",
    reference="https://docs.soliditylang.org/en/latest/security-considerations.html#reentrancy",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield loans during which an unlocked function credits the caller."""
    for view in contract.entries:
        for call in view.calls:
            if call.call.value is None or not gives_control(call) or is_trusted(view, call):
                continue
            if not _is_held_against_balance(view, call):
                continue
            credit = next(_credits(contract, view, lock_cells(view, call)), None)
            if credit is not None:
                yield Match(call, "a deposit during this call pays the loan back", (credit,))


def _is_held_against_balance(view: FunctionView, call: Op) -> bool:
    return any(
        each.kind == "account" and each.attribute == "balance" and is_this(each.operands[0])
        for fact in later_facts(view, call)
        if call not in sources(fact.test)
        for each in sources(fact.test)
    )


def _credits(contract: ContractGraph, loan: FunctionView, locks: frozenset[Cell]) -> Iterator[Op]:
    """Yield where another function that takes no lock credits ether to the caller."""
    for view in contract.entries:
        if view is loan or any(op.kind == "modifier" for op in view.ops) or _tests(view, locks):
            continue
        for write in view.writes:
            if write.kind != "store" or not is_keyed_by_caller(write):
                continue
            made = list(sources(write.operands[-1]))
            if any(each.kind == "env" and each.attribute == "msg.value" for each in made):
                yield write


def _tests(view: FunctionView, locks: frozenset[Cell]) -> bool:
    """Whether a function looks at a lock of another."""
    tests = (block.test for block in view.graph.blocks if block.test is not None)
    return any(
        each.kind == "load" and cell_of(each) in locks for test in tests for each in sources(test)
    )


RULE = Rule(INFO, check)
