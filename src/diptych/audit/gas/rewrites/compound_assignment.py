"""`total += x` of a state variable, where `total = total + x` costs less."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite
from diptych.audit.syntax.statements import Evaluate
from diptych.audit.syntax.tree import Assign, Call, Name, Number, TypeExpression, Update
from diptych.audit.syntax.unit import Function

__all__ = ["COMPOUND_ASSIGNMENT"]

_OPERATORS = frozenset({"+", "-"})


def _find(site: GasSite) -> Iterator[Candidate]:
    for function in site.functions:
        edits = tuple(_edits(site, function))
        if edits:
            yield Candidate(function, "assignments", edits)


def _edits(site: GasSite, function: Function) -> Iterator[Edit]:
    for statement in inside(function.body):
        if not isinstance(statement, Evaluate) or not isinstance(statement.expression, Assign):
            continue
        node = statement.expression
        if node.operator[:1] not in _OPERATORS or not isinstance(node.left, Name):
            continue
        if node.left.text not in site.variables or not _is_plain(node.right):
            continue
        right = site.slice(node.right.start, site.statement_end(statement)).rstrip("; \n")
        bare = isinstance(node.right, Name | Number | Call)
        words = right if bare else f"({right})"
        text = f"{node.left.text} = {node.left.text} {node.operator[:1]} {words}"
        yield Edit(statement.start, site.statement_end(statement), f"{text};")


def _is_plain(node: object) -> bool:
    return not any(
        isinstance(each, Assign | Update)
        or (isinstance(each, Call) and not isinstance(each.function, TypeExpression))
        for each in inside(node)
    )


COMPOUND_ASSIGNMENT = Rewrite("compound-assignment", "spell an assignment out", _find)
