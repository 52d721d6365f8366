"""Operands of Solidity: names, literals, groups, casts, `new` and `type()`."""

from collections.abc import Callable

from tree_sitter import Node

from diptych.audit.syntax.solidity import postfix, types
from diptych.audit.syntax.solidity.text import Source, named, number, string_bytes
from diptych.audit.syntax.tree import (
    Call,
    ElementaryType,
    Expression,
    Name,
    New,
    Number,
    Sequence,
    Text,
    Truth,
    TypeExpression,
    Unread,
)

__all__ = ["READERS"]

_HEX = frozenset("0123456789abcdefABCDEF")


def _name(source: Source, node: Node) -> Expression:
    return Name(node.start_byte, node.end_byte, source.text(node))


def _number(source: Source, node: Node) -> Expression:
    text = source.text(node)
    return Number(node.start_byte, node.end_byte, number(text), text)


def _string(source: Source, node: Node) -> Expression:
    pieces = [child for child in node.children if child.type == "string"] or [node]
    raw = (source.data[piece.start_byte : piece.end_byte] for piece in pieces)
    value = b"".join(string_bytes(piece.removeprefix(b"unicode")) for piece in raw)
    return Text(node.start_byte, node.end_byte, value)


def _hex_string(source: Source, node: Node) -> Expression:
    digits = "".join(c for c in source.text(node)[3:] if c in _HEX)
    return Text(node.start_byte, node.end_byte, bytes.fromhex(digits[: len(digits) // 2 * 2]))


def _truth(source: Source, node: Node) -> Expression:
    return Truth(node.start_byte, node.end_byte, source.text(node) == "true")


def _parentheses(source: Source, node: Node) -> Expression:
    return source.expression(next(named(node), None))


def _sequence(source: Source, node: Node) -> Expression:
    found: list[Expression | None] = []
    current: Expression | None = None
    for child in node.children:
        if child.type == ",":
            found.append(current)
            current = None
        elif child.is_named and child.type != "comment":
            current = source.expression(child)
    array = node.type == "inline_array_expression"
    if not found and current is not None and not array:
        return current
    items = tuple(found) if array and current is None else (*found, current)
    return Sequence(node.start_byte, node.end_byte, items, array)


def _new(source: Source, node: Node) -> Expression:
    made = node.child_by_field_name("name")
    if made is None:
        return Unread(node.start_byte, node.end_byte)
    return New(node.start_byte, node.end_byte, types.read_type(source, made))


def _type(source: Source, node: Node) -> Expression:
    return TypeExpression(node.start_byte, node.end_byte, types.read_type(source, node))


def _cast(source: Source, node: Node) -> Expression:
    start, end = node.start_byte, node.end_byte
    children = list(named(node))
    if node.type == "payable_conversion_expression":
        target: Expression = TypeExpression(start, end, ElementaryType(start, end, "address"))
    else:
        target = _type(source, children.pop(0))
    values, _ = postfix.call_arguments(source, children)
    return Call(start, end, target, values)


def _meta_type(source: Source, node: Node) -> Expression:
    start, end = node.start_byte, node.end_byte
    inner = next(named(node), None)
    argument = Unread(start, end) if inner is None else _type(source, inner)
    return Call(start, end, Name(start, end, "type"), (argument,))


READERS: dict[str, Callable[[Source, Node], Expression]] = {
    "identifier": _name,
    "number_literal": _number,
    "string_literal": _string,
    "unicode_string_literal": _string,
    "hex_string_literal": _hex_string,
    "boolean_literal": _truth,
    "parenthesized_expression": _parentheses,
    "tuple_expression": _sequence,
    "inline_array_expression": _sequence,
    "new_expression": _new,
    "primitive_type": _type,
    "type_name": _type,
    "user_defined_type": _type,
    "type_cast_expression": _cast,
    "payable_conversion_expression": _cast,
    "meta_type_expression": _meta_type,
}
