"""Demands in a function's body: `require(condition, "reason")` in a block of its own."""

from collections.abc import Iterator
from typing import NamedTuple

from diptych.audit.gas.site import GasSite, in_blocks
from diptych.audit.syntax.statements import Evaluate, Statement
from diptych.audit.syntax.tree import Call, Expression, Name, Text
from diptych.audit.syntax.unit import Function

__all__ = ["Demand", "demands", "is_balanced"]


class Demand(NamedTuple):
    """A `require`: its statement, its condition as tree and words, and its reason."""

    statement: Statement
    test: Expression
    words: str
    reason: Text | None


def demands(site: GasSite, function: Function) -> Iterator[Demand]:
    """Yield every `require` that stands in a block."""
    for _, statement in in_blocks(function):
        if not isinstance(statement, Evaluate) or not isinstance(statement.expression, Call):
            continue
        call = statement.expression
        if not isinstance(call.function, Name) or call.function.text != "require":
            continue
        start = site.text.data.find(b"(", call.function.end) + 1
        if len(call.arguments) == 1:
            yield Demand(
                statement, call.arguments[0], site.slice(start, call.end - 1).strip(), None
            )
        elif len(call.arguments) == 2 and isinstance(call.arguments[1], Text):
            comma = site.text.data.rfind(b",", start, call.arguments[1].start)
            words = site.slice(start, comma).strip()
            yield Demand(statement, call.arguments[0], words, call.arguments[1])


def is_balanced(words: str) -> bool:
    """Whether every bracket in a piece of source is closed in it, and none before it is opened."""
    depth = 0
    for each in words:
        depth += (each in "([{") - (each in ")]}")
        if depth < 0:
            return False
    return depth == 0
