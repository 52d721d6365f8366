"""A value in storage that is checked and then changed: it is read once for both."""

from collections.abc import Iterator, Sequence
from typing import Any

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.elements import local_names
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite, root_name, type_words
from diptych.audit.syntax.statements import Block, Declare, Evaluate, If, Revert, Statement
from diptych.audit.syntax.tree import (
    Assign,
    Binary,
    Call,
    Conditional,
    Index,
    MappingType,
    Name,
    TypeExpression,
    Update,
)
from diptych.audit.syntax.unit import Function

__all__ = ["KEPT_VALUE"]

_OPERATORS = frozenset({"+", "-"})


def _find(site: GasSite) -> Iterator[Candidate]:
    for function in site.functions:
        for block in inside(function.body):
            if isinstance(block, Block):
                for at, statement in enumerate(block.statements):
                    yield from _kept(site, function, block.statements[:at], statement)


def _kept(
    site: GasSite, function: Function, before: Sequence[Statement], last: Statement
) -> Iterator[Candidate]:
    node = last.expression if isinstance(last, Evaluate) else None
    if not isinstance(node, Assign) or node.operator.strip("=") not in _OPERATORS:
        return
    words, kind = site.source(node.left), _kind(site, function, node.left)
    if not kind or not _is_plain(node.right) or _places(site, node.right, words):
        return
    read: list[Any] = []
    first: Statement | None = None
    for statement in reversed(before):
        if not _is_check(statement) and not _is_elsewhere(site, function, statement, node.left):
            break
        places = _places(site, statement, words)
        first = statement if places else first
        read += places
    if first is None:
        return
    name = site.free_name(f"{root_name(node.left)}_")
    equals = site.text.data.find(b"=", node.left.end, node.right.start + 1)
    right = site.slice(equals + 1, site.statement_end(last)).strip("; \n")
    right = f"({right})" if isinstance(node.right, Binary | Conditional) else right
    changed = f"{words} = {name} {node.operator.strip('=')} {right};"
    yield Candidate(
        function,
        f"{words} at {len(before)}",
        (
            site.before(first, f"{kind} {name} = {words};"),
            *(Edit(each.start, each.end, name) for each in read),
            Edit(last.start, site.statement_end(last), changed),
        ),
    )


def _kind(site: GasSite, function: Function, target: Any) -> str:
    """Return the type of a state variable, or of what a mapping holds for keys that never change.

    Empty for anything else, and for what is no value.
    """
    variable = site.variables.get(root_name(target))
    if variable is None or root_name(target) in local_names(function) or variable.mutability:
        return ""
    kind: Any = variable.type
    keys: list[Any] = []
    while isinstance(target, Index):
        keys.append(target.key)
        target = target.base
    for key in keys:
        if not isinstance(kind, MappingType) or not site.is_fixed(function, key):
            return ""
        kind = kind.value
    return type_words(site.contract.type_of(kind)) if isinstance(target, Name) else ""


def _places(site: GasSite, node: Any, words: str) -> list[Any]:
    return [
        each
        for each in inside(node)
        if isinstance(each, Index | Name) and site.source(each) == words
    ]


def _is_check(statement: Statement) -> bool:
    """Whether a statement changes nothing but locals of its own, and calls nobody."""
    if isinstance(statement, Declare):
        held = any(one is not None and one.location for one in statement.variables)
        return not held and statement.value is not None and _is_plain(statement.value)
    if isinstance(statement, If):
        return statement.no is None and _is_plain(statement.test) and _reverts(statement.yes)
    said = statement.expression if isinstance(statement, Evaluate) else None
    if not isinstance(said, Call) or not isinstance(said.function, Name):
        return False
    return said.function.text == "require" and all(map(_is_plain, said.arguments))


def _is_elsewhere(site: GasSite, function: Function, statement: Statement, target: Any) -> bool:
    """Whether a statement changes another state variable, and calls nobody."""
    said = statement.expression if isinstance(statement, Evaluate) else None
    if not isinstance(said, Assign) or not _is_plain(said.left) or not _is_plain(said.right):
        return False
    name = root_name(said.left)
    hidden = name in local_names(function)  # a pointer leads anywhere
    return name in site.variables and not hidden and name != root_name(target)


def _reverts(statement: Statement) -> bool:
    if isinstance(statement, Block) and len(statement.statements) == 1:
        statement = statement.statements[0]
    if not isinstance(statement, Revert):
        return False
    error = statement.error
    return all(map(_is_plain, error.arguments if isinstance(error, Call) else ()))


def _is_plain(node: Any) -> bool:
    return not any(
        isinstance(each, Assign | Update)
        or (isinstance(each, Call) and not isinstance(each.function, TypeExpression))
        for each in inside(node)
    )


KEPT_VALUE = Rewrite("kept-value", "read once what is checked and then changed", _find)
