"""Arithmetic that cannot overflow, by the ranges of its operands and the checks before it."""

from collections.abc import Iterator
from typing import Any

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.proven import is_proven
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite, in_blocks
from diptych.audit.syntax.statements import Declare, Evaluate, Return
from diptych.audit.syntax.tree import Assign, Unary, Update

__all__ = ["UNCHECKED_ARITHMETIC"]


def _find(site: GasSite) -> Iterator[Candidate]:
    for function in site.functions:
        for block, statement in in_blocks(function):
            if block.unchecked or not _is_plain(statement):
                continue
            if is_proven(site, function, statement):
                yield Candidate(function, site.source(statement)[:60], (_edit(site, statement),))


def _is_plain(statement: Any) -> bool:
    if isinstance(statement, Evaluate):
        if not isinstance(statement.expression, Assign | Update):
            return False
    elif isinstance(statement, Declare):
        one = statement.variables[0] if len(statement.variables) == 1 else None
        if one is None or one.location or statement.value is None:
            return False
    elif not isinstance(statement, Return):
        return False
    return not any(isinstance(each, Unary) and each.operator == "-" for each in inside(statement))


def _edit(site: GasSite, statement: Any) -> Edit:
    end = site.statement_end(statement)
    if isinstance(statement, Declare):
        variable, value = statement.variables[0], statement.value
        assert variable is not None
        assert value is not None
        declared = site.slice(statement.start, variable.end)
        equals = site.text.data.find(b"=", variable.end, value.start + 1)
        rest = site.slice(equals, end)
        return Edit(statement.start, end, f"{declared}; unchecked {{ {variable.name} {rest} }}")
    return Edit(statement.start, end, f"unchecked {{ {site.slice(statement.start, end)} }}")


UNCHECKED_ARITHMETIC = Rewrite(
    "unchecked-arithmetic", "do without checks that cannot fail", _find, since=(0, 8, 0)
)
