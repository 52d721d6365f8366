"""Vyper's `for`, as the loop with a counter that it is."""

import ast
import re
from typing import NamedTuple

from diptych.audit.syntax.statements import Block, Declare, Loop, Statement, Variable
from diptych.audit.syntax.tree import (
    Binary,
    Call,
    ElementaryType,
    Expression,
    Index,
    Member,
    Name,
    Number,
    Sequence,
    TypeName,
    Update,
)
from diptych.audit.syntax.vyper.expressions import read_expression
from diptych.audit.syntax.vyper.parse import parse_line
from diptych.audit.syntax.vyper.text import Source
from diptych.audit.syntax.vyper.types import read_type

__all__ = ["Range", "make_loop", "read_range", "without_type"]

_TYPED = re.compile(rb"(for\s+\w+\s*)(:\s*)(.+?)(?=\s+in\s)", re.DOTALL)
Span = tuple[int, int]


class Range(NamedTuple):
    """What a loop runs over: numbers from `first` up to `last`, or the items of `items`."""

    first: Expression | None
    last: Expression | None
    items: Expression | None


def without_type(source: Source, text: bytes, base: int) -> tuple[bytes, TypeName | None]:
    """Take the type out of `for x: T in ...`, leaving blanks."""
    found = _TYPED.match(text)
    if found is None:
        return text, None
    blanks = b" " * (len(found[2]) + len(found[3]))
    parsed = parse_line(found[3])
    kind = None
    if parsed and isinstance(parsed[0], ast.Expr):
        kind = read_type(source, base + found.start(3), parsed[0].value)
    return found[1] + blanks + text[found.end() :], kind


def read_range(source: Source, base: int, node: ast.expr) -> Range:
    """Read what stands behind `in`."""
    match node:
        case ast.Call(func=ast.Name(id="range"), args=[last]):
            return Range(None, read_expression(source, base, last), None)
        case ast.Call(func=ast.Name(id="range"), args=[first, last, *_]):
            start = read_expression(source, base, first)
            return Range(start, read_expression(source, base, last), None)
        case _:
            return Range(None, None, read_expression(source, base, node))


def make_loop(place: Span, variable: Variable, over: Range, body: Block) -> Statement:
    """Make the loop."""
    if over.items is None:
        return _counted(place, variable, over, body)
    return _listed(place, variable, over.items, body)


def _counted(place: Span, variable: Variable, over: Range, body: Block) -> Loop:
    at = (variable.start, variable.end)
    start = over.first or Number(*at, 0, "0")
    counter = Name(*at, variable.name)
    kind = variable.type or ElementaryType(*at, "uint256")
    first = Declare(*at, (variable._replace(type=kind),), start)
    test = Binary(*at, "<", counter, over.last or start)
    return Loop(*place, first, test, Update(*at, "++", counter, False), body)


def _listed(place: Span, variable: Variable, items: Expression, body: Block) -> Loop:
    """Loop over a list: in place where it is a variable, over a copy where it is made here."""
    at = (variable.start, variable.end)
    before: list[Statement] = []
    if isinstance(items, Sequence | Call):
        hidden = f"{variable.name} in"
        before.append(Declare(*at, (Variable(*at, hidden, None, "memory"),), items))
        items = Name(*at, hidden)
    counter = Name(*at, f"{variable.name} at")
    number = ElementaryType(*at, "uint256")
    before.append(Declare(*at, (Variable(*at, counter.text, number),), Number(*at, 0, "0")))
    test = Binary(*at, "<", counter, Member(*at, items, "length"))
    item = Declare(*at, (variable,), Index(*at, items, counter))
    inside = Block(body.start, body.end, (item, *body.statements))
    update = Update(*at, "++", counter, False)
    return Loop(*place, Block(*at, tuple(before)), test, update, inside)
