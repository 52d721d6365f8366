"""Anybody can throw a switch that only some may throw back."""

from collections.abc import Iterator

from diptych.audit.analysis.cells import Cell, cell_of, keys_of
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.initialisers import may_be_checked, runs_once
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.syntax import way_in
from diptych.audit.analysis.values import unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.access.owner_takeover import deciding_cells
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="open-switch",
    title="Anybody can throw a switch of the whole contract",
    category="access_control",
    severity="medium",
    swc="SWC-105",
    cwe="CWE-284",
    owasp="SC01:2025",
    description="A plain truth value that conditions of other functions read is set by a function "
    "that anybody can call at any time and that does nothing else, in a contract where somebody is "
    "in charge. It is low where no restricted function sets it too.",
    scenario="The attacker pauses the contract for ever, or opens a sale that was closed.",
    fix="Restrict the function as its counterpart is.",
    reference="https://owasp.org/www-project-smart-contract-top-10/",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield free writes of switches that other functions look at."""
    found = [(v, w) for v in contract.entries for w in v.writes if _is_switch(v, w)]
    if not found or not contract.analysis(deciding_cells):
        return
    for view, write in found:
        cell = cell_of(write)
        if _is_free(view, write) and _is_read(contract, view, cell):
            name = "" if write.place.variable is None else write.place.variable.name
            severity = "medium" if _is_kept(contract, cell) else "low"
            yield Match(write, f"anybody can set '{name}'", way_in(view, write), severity)


def _is_switch(view: FunctionView, write: Op) -> bool:
    """Whether a function does no more than set a plain truth value."""
    if write.kind != "store" or write.operands[0].type.kind != "bool" or keys_of(write):
        return False
    value = unwrapped(write.operands[-1])
    plain = value.kind in ("const", "param", "zero")
    return plain and write.place.where == "storage" and len(view.writes) == 1 and not view.calls


def _is_free(view: FunctionView, write: Op) -> bool:
    if may_be_checked(view, write) or runs_once(view, write):
        return False
    tested = (each for fact in view.flow.facts(write) for each in sources(fact.test))
    if any(each.kind in ("load", "env", "call", "builtin") for each in tested):
        return False
    return anybody_reaches(view, write)


def _is_read(contract: ContractGraph, setter: FunctionView, cell: Cell) -> bool:
    """Whether a condition of another function that anybody can call reads the switch."""
    return any(
        each.kind == "load" and cell_of(each) == cell
        for view in contract.entries
        if view is not setter
        for block in view.graph.blocks
        if block.test is not None
        for each in sources(block.test)
    )


def _is_kept(contract: ContractGraph, cell: Cell) -> bool:
    """Whether another function that not everybody can call sets the switch as well."""
    return any(
        cell_of(write) == cell and not anybody_reaches(view, write)
        for view in contract.entries
        for write in view.writes
    )


RULE = Rule(INFO, check)
