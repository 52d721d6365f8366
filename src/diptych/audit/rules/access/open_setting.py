"""Anybody can say which contract this one calls."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_caller
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.initialisers import may_be_checked, runs_once
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.syntax import way_in
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="open-setting",
    title="Anybody can change an address that the contract relies on",
    category="access_control",
    severity="high",
    swc="SWC-105",
    cwe="CWE-284",
    owasp="SC01:2025",
    description="A stored address that other functions call or pay is set to an argument by a "
    "function that anybody can call at any time.",
    scenario="The attacker sets the oracle, token, router or treasury to a contract of his own and "
    "then uses the functions that believe it.",
    fix="Restrict the function, or set the address once, in the constructor.",
    reference="https://owasp.org/www-project-smart-contract-top-10/",
)

_DELEGATING = frozenset({"delegatecall", "callcode"})  # unprotected-upgrade tells of those


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield free writes of plain addresses that other functions call or pay."""
    if contract.node.tree.kind in ("interface", "library"):
        return
    writes = [
        (view, write)
        for view in contract.entries
        for write in view.writes
        if _is_setting(write) and _is_free(view, write)
    ]
    if not writes:
        return
    deciding = set(_deciding(contract))
    for view, write in writes:
        use = next(_uses(contract, view, write), None)
        variable = write.place.variable
        if use is None or variable is None or id(variable) in deciding:
            continue
        text = f"anybody can set '{variable.name}', which is called or paid"
        yield Match(write, text, (use, *way_in(view, write)))


def _is_setting(write: Op) -> bool:
    """Whether a plain variable gets an address from an argument."""
    if write.kind != "store" or write.place.field or write.place.variable is None:
        return False
    if write.operands[0].type.kind not in ("address", "contract"):
        return False
    found = list(sources(write.operands[-1]))
    return any(each.kind == "param" for each in found) and not any(
        each.kind in ("load", "call") for each in found
    )


def _is_free(view: FunctionView, write: Op) -> bool:
    return not (
        not anybody_reaches(view, write)
        or runs_once(view, write)
        or may_be_checked(view, write)
        or any(_looks_at_state(fact.test) for fact in view.flow.facts(write))
    )


def _deciding(contract: ContractGraph) -> Iterator[int]:
    """Yield the variables that conditions hold against the caller, for owner-takeover."""
    for view in contract.functions:
        for block in view.graph.blocks:
            test = block.test
            if test is not None and any(is_caller(each) for each in (test, *test.operands)):
                yield from (id(e.place.variable) for e in sources(test) if e.kind == "load")


def _looks_at_state(test: Op) -> bool:
    """Whether a condition reads state or asks another contract: then it may be meant."""
    return any(each.kind in ("load", "call") or is_caller(each) for each in sources(test))


def _uses(contract: ContractGraph, setter: FunctionView, write: Op) -> Iterator[Op]:
    """Yield calls in other functions whose target is the variable, delegatecalls left out."""
    for view in contract.functions:
        if view is setter:
            continue
        for call in view.calls:
            target = call.call.target
            if call.call.kind in _DELEGATING or target is None:
                continue
            if any(
                each.kind == "load" and each.place.variable is write.place.variable
                for each in sources(target)
            ):
                yield call


RULE = Rule(INFO, check)
