"""Anybody can become the one whom other functions obey."""

from collections.abc import Iterator

from diptych.audit.analysis.access import (
    caller_conditions,
    is_caller,
    is_keyed_by_caller,
)
from diptych.audit.analysis.cells import Cell, cell_of, keys_of, overlap
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.dominance import Fact
from diptych.audit.analysis.entitlement import equals_caller
from diptych.audit.analysis.fresh import is_new_entry
from diptych.audit.analysis.keepers import is_kept_by_another, is_known
from diptych.audit.analysis.once import runs_once
from diptych.audit.analysis.paths import all_facts
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.taint import tainted
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="owner-takeover",
    title="Anybody can set who is in charge",
    category="access_control",
    severity="high",
    swc="SWC-105",
    cwe="CWE-284",
    owasp="SC01:2025",
    description="A variable that other functions compare with the caller is set to the caller or "
    "to an argument, by a function that anybody can call at any time.",
    scenario="The attacker calls the function, is the owner, and then calls what only the owner "
    "may. A constructor whose name does not match its contract is the classic case.",
    fix="Set it in the constructor, restrict the function, or let it run only once.",
    reference="https://swcregistry.io/docs/SWC-105/",
)


_CHOSEN = ("caller", "argument")
_STORED = frozenset({"storage", "transient", "immutable"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield unrestricted writes to cells that decide access."""
    deciding = contract.analysis(deciding_cells)
    variables = {cell.variable for cell in deciding}
    for view in contract.entries:
        for write in view.writes:
            cell = cell_of(write)
            if write.kind != "store" or cell.variable not in variables:
                continue
            if any(overlap(cell, each) for each in deciding) and _is_free(view, write, cell):
                variable = write.place.variable
                name = f"'{variable.name}'" if variable is not None else "the slot"
                grade = "low" if is_for_derivers(contract, view) else ""
                text = f"anybody can set {name}, which decides who may do more"
                yield Match(write, text, (), grade)


def is_for_derivers(contract: ContractGraph, view: FunctionView) -> bool:
    """Whether an abstract contract lets its derivers put a restriction before a function."""
    abstract = contract.node.tree.kind == "abstract"
    return abstract and view.function is not None and view.function.virtual


def deciding_cells(contract: ContractGraph) -> frozenset[Cell]:
    """Return the cells that some condition compares with the caller, or looks the caller up in."""
    return frozenset(cell for view in contract.functions for cell in _deciding(view))


def _deciding(view: FunctionView) -> Iterator[Cell]:
    for block in view.graph.blocks:
        if block.test is None:
            continue
        for holds in (True, False):
            for fact in view.flow.apart(Fact(block.test, holds)):
                if caller_conditions(fact):
                    yield from _compared(fact.test)


def _compared(test: Op) -> Iterator[Cell]:
    pending = [test]
    seen: set[int] = set()
    while pending:
        each = pending.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if each.kind == "load" and each.place.where in _STORED and cell_of(each).variable >= 0:
            yield cell_of(each)
        if each.kind != "call":
            pending.extend(each.operands)
        elif each.call.target is not None:  # it decides, what it is told does not
            pending.append(each.call.target)


def _is_free(view: FunctionView, write: Op, cell: Cell) -> bool:
    """Whether anybody can write a value of his choice for anybody, at any time."""
    keys = keys_of(write)
    value = write.operands[-1]
    if any(is_caller(key) or equals_caller(view, write, key) for key in keys):
        return False  # what callers say about themselves
    if not any(tainted(view, each, _CHOSEN, at=write) for each in keys or (value,)):
        return False
    if is_new_entry(view, write):
        return False  # an entry of his own
    if keys and (_changes_hands(view, write, cell) or is_kept_by_another(view, write)):
        return False
    return anybody_reaches(view, write) and not runs_once(view, write, ever=bool(keys))


def _changes_hands(view: FunctionView, write: Op, cell: Cell) -> bool:
    """Whether who holds an item, or how much, changes by rules of its own."""
    value = write.operands[-1]
    if is_known(view, write):
        return True
    if any(_is_digest(each) for key in keys_of(write) for each in sources(key)):
        return True
    if value.type.kind == "address" and not tainted(view, value, _CHOSEN):
        return True
    if value.type.is_number and (value.kind == "binary" or _is_computed(view, value)):
        return True
    holds = value.type.kind in ("address", "struct") or value.type.is_number
    return holds and (_looks_at(view, write, cell) or _touches_own(view))


def _is_computed(view: FunctionView, value: Op) -> bool:
    """Whether a number is found by rules, with no part of the caller's choice."""
    return value.kind not in ("const", "zero") and not tainted(view, value, _CHOSEN)


def _is_digest(op: Op) -> bool:
    return op.kind == "builtin" and op.attribute == "keccak256"


def _looks_at(view: FunctionView, write: Op, cell: Cell) -> bool:
    return any(
        each.kind == "load" and cell_of(each).variable == cell.variable
        for fact in all_facts(view, write)
        for each in sources(fact.test)
    )


def _touches_own(view: FunctionView) -> bool:
    """Whether a function reads what is recorded for its caller."""
    return any(is_keyed_by_caller(load) for load in view.reads)


RULE = Rule(INFO, check)
