"""Expressions of Vyper, from Python's."""

import ast
from collections.abc import Callable
from functools import reduce
from typing import Any

from diptych.audit.syntax.tree import (
    Binary,
    Conditional,
    Expression,
    Index,
    Member,
    Name,
    Number,
    Sequence,
    Text,
    Truth,
    Unary,
    Unread,
)
from diptych.audit.syntax.vyper import calls
from diptych.audit.syntax.vyper.text import MAX_DEPTH, Source
from diptych.audit.syntax.vyper.types import span

__all__ = ["read_expression"]

_SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "/",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.And: "&&",
    ast.Or: "||",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.USub: "-",
    ast.Not: "!",
    ast.Invert: "~",
}
_CONSTANTS = {
    "ZERO_ADDRESS": ("address", 0),
    "EMPTY_BYTES32": ("bytes32", 0),
    "MAX_UINT256": ("uint256", 2**256 - 1),
    "MAX_INT128": ("int128", 2**127 - 1),
    "MIN_INT128": ("int128", -(2**127)),
    "MAX_INT256": ("int256", 2**255 - 1),
    "MIN_INT256": ("int256", -(2**255)),
}


def sign(operator: ast.AST) -> str:
    """Return how the syntax tree writes an operator of Python's, empty for one not of Vyper's."""
    return _SIGNS.get(type(operator), "")


def read_expression(source: Source, base: int, node: ast.expr | None) -> Expression:
    """Read one expression of a line that starts at `base`."""
    if node is None:
        return Unread(base, base)
    start, end = span(base, node)
    reader = _READERS.get(type(node))
    if reader is None or source.depth > MAX_DEPTH:
        reason = "no expression of Vyper's" if reader is None else "too deeply nested"
        source.problem(start, end, reason)
        return Unread(start, end)
    source.depth += 1
    made = reader(source, base, node)
    source.depth -= 1
    return made


def _constant(source: Source, base: int, node: ast.Constant) -> Expression:
    start, end = span(base, node)
    match node.value:
        case bool():
            return Truth(start, end, node.value)
        case int():
            return Number(start, end, node.value, source.text(start, end))
        case float():
            whole = node.value.is_integer() and abs(node.value) < 2**53
            text = source.text(start, end)
            return Number(start, end, int(node.value) if whole else None, text)
        case str():
            return Text(start, end, node.value.encode("utf-8", "replace"))
        case bytes():
            return Text(start, end, _raw_bytes(source, start, node.value))
        case _:
            return Unread(start, end)


def _raw_bytes(source: Source, start: int, value: bytes) -> bytes:
    if start not in source.hexes:
        return value
    try:
        return bytes.fromhex(value.decode("ascii", "replace"))
    except ValueError:
        return b""


def _name(_source: Source, base: int, node: ast.Name) -> Expression:
    start, end = span(base, node)
    if node.id in _CONSTANTS:
        return calls.constant((start, end), *_CONSTANTS[node.id])
    return Name(start, end, node.id)


def _attribute(source: Source, base: int, node: ast.Attribute) -> Expression:
    start, end = span(base, node)
    value = read_expression(source, base, node.value)
    owner = value.text if isinstance(value, Name) else ""
    if (owner, node.attr) == ("chain", "id"):
        return Member(start, end, Name(start, end, "block"), "chainid")
    if (owner, node.attr) == ("block", "prevhash"):
        number = Member(start, end, Name(start, end, "block"), "number")
        before = Binary(start, end, "-", number, Number(start, end, 1, "1"))
        return calls.call((start, end), "blockhash", before)
    if node.attr in ("codesize", "is_contract"):
        return calls.code_size((start, end), value, node.attr)
    if owner == "self":
        source.fields.setdefault(node.attr, (start, end))
    return Member(start, end, value, node.attr)


def _subscript(source: Source, base: int, node: ast.Subscript) -> Expression:
    start, end = span(base, node)
    value = read_expression(source, base, node.value)
    return Index(start, end, value, read_expression(source, base, node.slice))


def _unary(source: Source, base: int, node: ast.UnaryOp) -> Expression:
    start, end = span(base, node)
    operand = read_expression(source, base, node.operand)
    operator = sign(node.op)
    if not operator:
        return operand
    if operator == "-" and isinstance(operand, Number) and operand.value is not None:
        return Number(start, end, -operand.value, "-" + operand.text)
    return Unary(start, end, operator, operand)


def _binary(source: Source, base: int, node: ast.BinOp) -> Expression:
    start, end = span(base, node)
    left = read_expression(source, base, node.left)
    right = read_expression(source, base, node.right)
    return Binary(start, end, sign(node.op), left, right)


def _logical(source: Source, base: int, node: ast.BoolOp) -> Expression:
    parts = [read_expression(source, base, value) for value in node.values]
    return _chained(sign(node.op), parts)


def _chained(operator: str, parts: list[Expression]) -> Expression:
    return reduce(lambda a, b: Binary(a.start, b.end, operator, a, b), parts)


def _comparison(source: Source, base: int, node: ast.Compare) -> Expression:
    """Read a comparison; `a < b < c`, which Vyper refuses, as `a < b and b < c`."""
    parts = [read_expression(source, base, each) for each in (node.left, *node.comparators)]
    found: list[Expression] = [
        _compared(operator, parts[at], parts[at + 1]) for at, operator in enumerate(node.ops)
    ]
    return _chained("&&", found)


def _compared(operator: ast.cmpop, left: Expression, right: Expression) -> Expression:
    start, end = left.start, right.end
    positive = "in" if isinstance(operator, ast.NotIn) else sign(operator) or "=="
    if positive == "in" and isinstance(right, Sequence) and right.items:
        equal = [Binary(start, end, "==", left, each) for each in right.items if each is not None]
        made = _chained("||", list(equal))
    else:
        made = Binary(start, end, positive, left, right)
    return Unary(start, end, "!", made) if isinstance(operator, ast.NotIn) else made


def _conditional(source: Source, base: int, node: ast.IfExp) -> Expression:
    start, end = span(base, node)
    parts = (read_expression(source, base, n) for n in (node.test, node.body, node.orelse))
    return Conditional(start, end, *parts)


def _sequence(source: Source, base: int, node: ast.Tuple | ast.List) -> Expression:
    start, end = span(base, node)
    items = tuple(read_expression(source, base, each) for each in node.elts)
    return Sequence(start, end, items, isinstance(node, ast.List))


def _external(source: Source, base: int, node: ast.Await) -> Expression:
    """Read `extcall f()` as the call itself, and `staticcall f()` as a mark on it."""
    start, end = span(base, node)
    value = read_expression(source, base, node.value)
    if source.calls.get(start) == "staticcall":
        return Unary(start, end, "staticcall", value)
    return value


_READERS: dict[type[ast.expr], Callable[[Source, int, Any], Expression]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.BoolOp: _logical,
    ast.Compare: _comparison,
    ast.IfExp: _conditional,
    ast.Tuple: _sequence,
    ast.List: _sequence,
    ast.Await: _external,
    ast.Call: lambda source, base, node: calls.read_call(source, base, node, read_expression),
}
