"""Conditions on what was counted or chosen before: `count >= needed`, `state == READY`."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import FunctionView, sources
from diptych.audit.analysis.dominance import Fact
from diptych.audit.graph.ops import Op

__all__ = ["facts_behind"]


def facts_behind(view: FunctionView, op: Op) -> Iterator[Fact]:
    """Yield the conditions that hold where an op runs, and those that led to what they compare.

    A number may have been raised in a loop, one valid signature at a time, or have been set in
    branches, as the state of a proposal is: what held there is what a later comparison asks for.
    """
    for fact in view.flow.facts(op):
        yield fact
        if view.flow.reaches(fact.test, fact.test):
            continue  # a loop's own condition says only that it ended
        for each in sources(fact.test):
            if each.block != op.block and _is_carried(each):
                yield from view.flow.facts(each)


def _is_carried(op: Op) -> bool:
    """Whether a value is a step of a count or a constant of a branch."""
    made = op.kind == "const" or (op.kind == "binary" and op.attribute == "+")
    return made and any(user.kind in ("phi", "cast") for user in op.users)
