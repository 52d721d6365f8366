"""Anybody can set a number by which others pay or are paid."""

from collections.abc import Iterator

from diptych.audit.analysis.cells import Cell, cell_of, keys_of
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.once import runs_once
from diptych.audit.analysis.payments import is_payment
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.taint import tainted
from diptych.audit.analysis.tokens import token_calls
from diptych.audit.analysis.values import unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.access.owner_takeover import deciding_cells
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="open-amount",
    title="Anybody can set a number that payments go by",
    category="access_control",
    severity="medium",
    swc="SWC-105",
    cwe="CWE-284",
    owasp="SC01:2025",
    description="A plain variable, such as a price, a rate or a fee, is set to an argument by a "
    "function that anybody can call, and payments of others depend on it.",
    scenario="The attacker sets the price to nothing, buys, and sets it back.",
    fix="Restrict who sets it.",
    reference="https://owasp.org/www-project-smart-contract-top-10/",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield free writes of plain numbers that payments of other functions go by."""
    free = [
        (view, write)
        for view in contract.entries
        for write in view.writes
        if _is_setting(write) and _is_free(view, write)
    ]
    if not free or not contract.analysis(deciding_cells):
        return  # without anybody in charge, nobody is meant to be
    for view, write in free:
        used = next(_uses(contract, view, cell_of(write)), None)
        if used is not None and write.place.variable is not None:
            name = write.place.variable.name
            yield Match(write, f"anybody can set '{name}', by which others pay", (used,))


def _is_setting(write: Op) -> bool:
    """Whether a plain number gets an argument as it is."""
    value = unwrapped(write.operands[-1])
    is_number = write.operands[0].type.kind in ("uint", "int")
    return write.kind == "store" and is_number and value.kind == "param" and not keys_of(write)


def _is_free(view: FunctionView, write: Op) -> bool:
    if not tainted(view, write.operands[-1], ("argument",), at=write) or runs_once(view, write):
        return False
    paid = any(op.kind == "env" and op.attribute == "msg.value" for op in view.ops)
    return not paid and not view.calls and anybody_reaches(view, write)


def _uses(contract: ContractGraph, setter: FunctionView, cell: Cell) -> Iterator[Op]:
    """Yield where ether or tokens are asked for or sent by what a cell holds."""
    for view in contract.entries:
        if view is setter or not any(cell_of(read) == cell for read in view.reads):
            continue
        for value in _amounts(view):
            for each in sources(value):
                if each.kind == "load" and cell_of(each) == cell:
                    yield each


def _amounts(view: FunctionView) -> Iterator[Op]:
    for call in view.calls:
        if is_payment(call) and call.call.value is not None:
            yield call.call.value
    yield from (each.amount for each in token_calls(view))
    for block in view.graph.blocks:
        test = block.test
        if test is not None and any(
            each.kind == "env" and each.attribute == "msg.value" for each in sources(test)
        ):
            yield test


RULE = Rule(INFO, check)
