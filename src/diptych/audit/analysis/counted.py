"""Conditions on what was counted: `count >= needed`, where each step of the count was checked."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import FunctionView, sources
from diptych.audit.analysis.dominance import Fact
from diptych.audit.graph.ops import Op

__all__ = ["facts_behind"]


def facts_behind(view: FunctionView, op: Op) -> Iterator[Fact]:
    """Yield the conditions that hold where an op runs, and those under which they were counted up.

    A number that conditions compare may have been raised in a loop, one valid signature at a time;
    what holds wherever it is raised then holds so many times.
    """
    for fact in view.flow.facts(op):
        yield fact
        if view.flow.reaches(fact.test, fact.test):
            continue  # the loop's own condition says only that it ended
        for each in sources(fact.test):
            if _is_step(each) and each.block != op.block:
                yield from view.flow.facts(each)


def _is_step(op: Op) -> bool:
    """Whether a sum is carried round a loop."""
    summed = op.kind == "binary" and op.attribute == "+"
    return summed and any(user.kind == "phi" for user in op.users)
