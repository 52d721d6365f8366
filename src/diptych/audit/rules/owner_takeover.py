"""Anybody can become the one whom other functions obey."""

from collections.abc import Iterator

from diptych.audit.analysis.access import caller_conditions, is_caller, is_restricted
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule
from diptych.audit.syntax.unit import StateVariable

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


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield unrestricted writes to variables that decide access."""
    deciding = {variable for view in contract.functions for variable in _deciding(view)}
    for view in contract.entries:
        for write in view.writes:
            variable = write.place.variable
            if variable is None or variable not in deciding:
                continue
            if _is_free(view, write):
                text = f"anybody can set '{variable.name}', which decides who may do more"
                yield Match(write, text)


def _is_free(view: FunctionView, write: Op) -> bool:
    """Whether anybody can write a value of his choice, at any time."""
    if write.kind != "store" or write.place.field or not _is_chosen(write.operands[-1]):
        return False
    return not is_restricted(view, write) and not _runs_once(view, write)


def _deciding(view: FunctionView) -> Iterator[StateVariable]:
    """Yield the variables that some condition compares with the caller."""
    for block in view.graph.blocks:
        if block.ops:
            for fact in view.flow.facts(block.ops[0]):
                if caller_conditions(fact):
                    yield from _compared(fact.test)


def _compared(test: Op) -> Iterator[StateVariable]:
    for each in sources(test):
        if each.kind == "load" and each.place.field == "" and each.place.variable is not None:
            yield each.place.variable


def _is_chosen(value: Op) -> bool:
    return is_caller(value) or any(each.kind == "param" for each in sources(value))


def _runs_once(view: FunctionView, write: Op) -> bool:
    """Whether a condition on stored state bars a second run: a flag or the variable itself."""
    written = {id(other.place.variable) for other in view.writes if not other.place.field}
    return any(
        each.kind == "load" and not each.place.field and id(each.place.variable) in written
        for fact in view.flow.facts(write)
        for each in sources(fact.test)
    )


RULE = Rule(INFO, check)
