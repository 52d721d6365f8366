"""A loop goes one step past the end of its array."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.analysis.values import alike, unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="past-the-end",
    title="A loop goes one item past the end",
    category="denial_of_service",
    severity="medium",
    swc="SWC-110",
    cwe="CWE-193",
    owasp="SC10:2025",
    description="A loop runs while its counter is less than or equal to the length of an array "
    "and reads the item at the counter: the last round reads past the end and reverts.",
    scenario="The function always reverts, so what it should pay or count stays where it is.",
    fix="Use `<` in place of `<=`.",
    reference="https://cwe.mitre.org/data/definitions/193.html",
)
_RELATIONS = frozenset({"==", "!=", "<", ">"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield loop conditions that let the counter be the length."""
    for view in contract.functions:
        for block in view.graph.blocks:
            test = block.test
            if test is None or test.kind != "binary" or test.attribute not in ("<=", ">="):
                continue
            counter, length = test.operands
            if test.attribute == ">=":
                counter, length = length, counter
            if counter.kind == "phi" and _is_passed(view, test, counter, length):
                yield Match(test, "the last round is past the end of the array")


def _is_passed(view: FunctionView, test: Op, counter: Op, length: Op) -> bool:
    """Whether the loop reads the item at the counter of the array whose length bounds it."""
    if length.kind != "load" or length.place.field != "length":
        return False
    array = length.operands[0].operands[0] if length.operands[0].operands else None
    return array is not None and any(
        op.kind == "element"
        and len(op.operands) == 2
        and op.operands[1] is counter
        and alike(op.operands[0], array)
        and view.flow.reaches(test, op)
        and view.flow.reaches(op, test)
        and not _is_asked(view, op, test)
        for op in view.ops
    )


def _is_asked(view: FunctionView, item: Op, test: Op) -> bool:
    """Whether another condition holds the counter against the length before the item is read."""
    pair = [unwrapped(each) for each in test.operands]
    return any(
        fact.test is not test
        and fact.test.kind == "binary"
        and fact.test.attribute in _RELATIONS
        and all(any(alike(one, unwrapped(side)) for side in fact.test.operands) for one in pair)
        for fact in view.flow.facts(item)
    )


RULE = Rule(INFO, check)
