"""Anybody can take from what belongs to others."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_caller, is_keyed_by_caller
from diptych.audit.analysis.cells import keys_of
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.taint import tainted
from diptych.audit.analysis.values import unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="open-burn",
    title="Anybody can take from the balance of others",
    category="access_control",
    severity="high",
    swc="SWC-105",
    cwe="CWE-284",
    owasp="SC01:2025",
    description="A function that anybody can call makes the balance of an account smaller that an "
    "argument names, and looks at no allowance of the caller.",
    scenario="The attacker burns the tokens of others, or moves them to himself.",
    fix="Take from the caller's own balance, or ask for an allowance and use it up.",
    reference="https://eips.ethereum.org/EIPS/eip-20",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield debits of accounts that an argument names, without any right of the caller."""
    for view in contract.entries:
        debits = [write for write in view.writes if _is_debit(write)]
        if not debits or view.calls or _has_right(view):
            continue
        for write in debits:
            key = keys_of(write)[-1]
            if tainted(view, key, ("argument",), at=write) and anybody_reaches(view, write):
                yield Match(write, "anybody can name the account that this is taken from")
                break


def _is_debit(write: Op) -> bool:
    keys = keys_of(write)
    if write.kind != "store" or len(keys) != 1 or unwrapped(keys[0]).kind != "param":
        return False
    value = write.operands[-1]
    less = value.kind == "binary" and value.attribute == "-" and not is_caller(keys[0])
    return less and keys[0].type.kind == "address" and write.operands[0].type.kind == "uint"


def _has_right(view: FunctionView) -> bool:
    """Whether a function looks at what is recorded for its caller, or compares who calls."""
    if any(is_keyed_by_caller(load) for load in view.reads):
        return True
    return any(
        is_caller(side)
        for block in view.graph.blocks
        if block.test is not None
        for test in sources(block.test)
        if test.kind == "binary"
        for side in test.operands
    )


RULE = Rule(INFO, check)
