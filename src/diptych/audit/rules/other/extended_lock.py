"""Anybody can put off when somebody else may act."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_keyed_by_caller
from diptych.audit.analysis.cells import Cell, cell_of, keys_of, overlap
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.taint import tainted
from diptych.audit.analysis.values import unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="extended-lock",
    title="Anybody can put off when another account may act",
    category="denial_of_service",
    severity="medium",
    swc="",
    cwe="CWE-400",
    owasp="SC10:2025",
    description="A function that anybody can call sets a time for an account that an argument "
    "names, and that account can only withdraw once the time has passed.",
    scenario="The attacker adds one wei for the victim just before each end of the lock; the "
    "victim never gets its money out.",
    fix="Let only the account itself lock, or keep a time for each deposit.",
    reference="https://cwe.mitre.org/data/definitions/400.html",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield writes of times to entries of others that those others wait for."""
    waited = [cell for view in contract.entries for cell in _waited(view)]
    if not waited:
        return
    for view in contract.entries:
        for write in view.writes:
            cell = cell_of(write)
            if write.kind != "store" or not any(overlap(cell, each) for each in waited):
                continue
            if _is_time(write.operands[-1]) and _is_of_others(view, write):
                yield Match(write, "anybody can set this time for somebody else")
                break


def _waited(view: FunctionView) -> Iterator[Cell]:
    """Yield the caller's cells that a function holds against the time."""
    for block in view.graph.blocks:
        if block.test is None or not any(_is_clock(each) for each in sources(block.test)):
            continue
        for each in sources(block.test):
            if each.kind == "load" and is_keyed_by_caller(each):
                yield cell_of(each)


def _is_clock(op: Op) -> bool:
    return op.kind == "env" and op.attribute in ("block.timestamp", "block.number")


def _is_time(value: Op) -> bool:
    """Whether a value is the time and something on top of it."""
    parts = value.operands if value.kind == "make" else (value,)
    return any(
        part.kind == "binary"
        and part.attribute == "+"
        and any(_is_clock(unwrapped(each)) for each in part.operands)
        for part in map(unwrapped, parts)
    )


def _is_of_others(view: FunctionView, write: Op) -> bool:
    keys = keys_of(write)
    if not keys or is_keyed_by_caller(write) or keys[0].type.kind != "address":
        return False
    return tainted(view, keys[0], ("argument",), at=write) and anybody_reaches(view, write)


RULE = Rule(INFO, check)
