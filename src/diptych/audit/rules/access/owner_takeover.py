"""Anybody can become the one whom other functions obey."""

from collections.abc import Iterator

from diptych.audit.analysis.access import caller_conditions, is_caller, is_restricted
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.values import alike
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
    """Whether anybody can write a value of his choice for anybody, at any time."""
    if write.kind != "store":
        return False
    keys = list(_keys(write.operands[0]))
    if any(is_caller(key) or _equals_caller(view, write, key) for key in keys):
        return False  # what callers say about themselves
    chosen = keys or [write.operands[-1]]
    if write.place.field not in ("", "[]") or not any(_is_chosen(each) for each in chosen):
        return False
    return not is_restricted(view, write) and not _runs_once(view, write)


def _equals_caller(view: FunctionView, write: Op, key: Op) -> bool:
    """Whether a condition says that a key is the caller."""
    for test, holds in view.flow.facts(write):
        if test.kind == "binary" and (test.attribute, holds) in (("==", True), ("!=", False)):
            left, right = test.operands
            if (is_caller(left) and alike(right, key)) or (is_caller(right) and alike(left, key)):
                return True
    return False


def _keys(place: Op) -> Iterator[Op]:
    """Yield the keys on the way to an item of a mapping."""
    while place.kind == "element":
        yield from place.operands[1:2]
        place = place.operands[0]


def _deciding(view: FunctionView) -> Iterator[StateVariable]:
    """Yield the variables that some condition compares with the caller."""
    for block in view.graph.blocks:
        if block.ops:
            for fact in view.flow.facts(block.ops[0]):
                if caller_conditions(fact):
                    yield from _compared(fact.test)


def _compared(test: Op) -> Iterator[StateVariable]:
    for each in sources(test):
        if each.kind == "load" and each.place.variable is not None:
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
