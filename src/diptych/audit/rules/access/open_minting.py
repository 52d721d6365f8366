"""Anybody can raise what is recorded for somebody, and nothing pays for it."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_caller
from diptych.audit.analysis.cells import keys_of
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.locks import is_lock_test
from diptych.audit.analysis.once import runs_once
from diptych.audit.analysis.paths import is_dead
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.values import unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="open-minting",
    title="Anybody can raise a balance",
    category="access_control",
    severity="high",
    swc="SWC-105",
    cwe="CWE-862",
    owasp="SC01:2025",
    description="A function that anybody can call adds an amount of the caller's choice to what is "
    "recorded for an account, and nothing is paid, taken away or checked for it.",
    scenario="The attacker adds to their own balance, then withdraws, sells or votes with it.",
    fix="Restrict who calls, or take what the amount stands for in the same function.",
    reference="https://cwe.mitre.org/data/definitions/862.html",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield additions to balances that nothing stands for."""
    for view in contract.entries:
        if view.calls or not view.writes or _is_paid(view):
            continue
        for write in view.writes:
            if not _adds(write) or _is_taken(view, write) or _is_meant(view, write):
                continue
            if any(_spends(each, write) for each in contract.functions):
                yield Match(write, "anybody can add any amount to this")
                break


def _adds(write: Op) -> bool:
    """Whether an argument is added to a number that stands in a mapping for some account."""
    value = unwrapped(write.operands[-1])
    if write.kind != "store" or value.kind != "binary" or value.attribute != "+":
        return False
    keys = keys_of(write)
    if len(keys) > 1 and any(is_caller(key) for key in keys):
        return False  # what the caller grants of their own
    parts = [unwrapped(each) for each in value.operands]
    given = any(each.type.is_number and _is_given(each) for each in parts)
    keyed = any(key.type.kind == "address" for key in keys)
    return keyed and given and any(_reads(each, write) for each in parts)


def _is_given(part: Op) -> bool:
    """Whether a number is an argument, or decoded from one."""
    if part.kind == "pick":
        decoded = part.operands[0]
        if decoded.kind == "builtin" and decoded.attribute == "abi.decode":
            return all(each.kind != "call" for each in sources(decoded))
    return part.kind == "param"


def _reads(part: Op, write: Op) -> bool:
    return part.kind == "load" and part.place.variable is write.place.variable


def _spends(view: FunctionView, credit: Op) -> bool:
    """Whether a function lowers the same record: then it stands for something."""
    return any(
        write.kind == "store"
        and write.place.variable is credit.place.variable
        and unwrapped(write.operands[-1]).kind == "binary"
        and unwrapped(write.operands[-1]).attribute == "-"
        for write in view.writes
    )


def _is_paid(view: FunctionView) -> bool:
    return any(op.kind == "env" and op.attribute == "msg.value" for op in view.ops)


def _is_taken(view: FunctionView, write: Op) -> bool:
    """Whether the same function lowers a record: a move, not a gift."""
    return any(
        each is not write
        and each.operands
        and not is_dead(view, each)
        and any(s.kind == "binary" and s.attribute == "-" for s in sources(each.operands[-1]))
        for each in view.writes
    )


def _is_meant(view: FunctionView, write: Op) -> bool:
    """Whether somebody is kept out, or a condition looks at more than the arguments."""
    if not anybody_reaches(view, write) or runs_once(view, write):
        return True
    return any(
        each.kind in ("load", "call") and each.place.variable is not write.place.variable
        for fact in view.flow.facts(write)
        if not is_lock_test(view, fact.test)
        for each in sources(fact.test)
    )


RULE = Rule(INFO, check)
