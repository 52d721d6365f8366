"""Expressions to ops."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from diptych.audit.graph.builder import Builder
from diptych.audit.graph.lowering import calls, members, names, places, vyper, yul
from diptych.audit.graph.ops import Op
from diptych.audit.graph.types import ADDRESS, BOOL, UINT256, UNKNOWN, Type
from diptych.audit.syntax.tree import (
    Assign,
    Binary,
    Call,
    Conditional,
    Expression,
    Index,
    Member,
    Name,
    New,
    Number,
    Sequence,
    Slice,
    Text,
    Truth,
    TypeExpression,
    Unary,
    Unread,
    Update,
)

__all__ = ["LOWERINGS"]

_LITERAL = Type("literal", 256)
_COMPARISONS = frozenset({"==", "!=", "<", ">", "<=", ">=", "&&", "||"})
_SHIFTS = frozenset({"<<", ">>", ">>>", "**"})
_HEX_ADDRESS_CHARS = 42


def _number(builder: Builder, node: Number) -> Op:
    address = len(node.text) == _HEX_ADDRESS_CHARS and node.text.startswith("0x")
    kind = ADDRESS if address else _LITERAL
    return builder.op("const", node, attribute=node.value, type=kind)


def _text(builder: Builder, node: Text) -> Op:
    return builder.op("const", node, attribute=node.value, type=Type("string"))


def _truth(builder: Builder, node: Truth) -> Op:
    return builder.op("const", node, attribute=node.value, type=BOOL)


def _type(builder: Builder, node: TypeExpression) -> Op:
    named = names.home(builder).type_of(node.type)
    return builder.op("type", node, type=Type("meta", parts=(named,)))


def _new(builder: Builder, node: New) -> Op:
    named = names.home(builder).type_of(node.type)
    return builder.op("type", node, attribute="new", type=Type("meta", parts=(named,)))


def _unread(builder: Builder, node: Unread) -> Op:
    return builder.op("unknown", node, attribute="unread")


def _index(builder: Builder, node: Index) -> Op:
    return places.load(builder, node, places.element(builder, node))


def _slice(builder: Builder, node: Slice) -> Op:
    parts = [builder.value(part) for part in (node.base, node.first, node.last) if part is not None]
    return builder.op("slice", node, tuple(parts), type=parts[0].type)


def _unary(builder: Builder, node: Unary) -> Op:
    if node.operator == "staticcall":
        return vyper.marked_static(builder.value(node.operand))
    if node.operator == "delete":
        place = places.place(builder, node.operand)
        zero = builder.op("zero", node, type=place.type)
        return places.store(builder, node, place, zero)
    value = builder.value(node.operand)
    kind = BOOL if node.operator == "!" else value.type
    return builder.op("unary", node, (value,), attribute=node.operator, type=kind)


def _update(builder: Builder, node: Update) -> Op:
    place = places.place(builder, node.operand)
    before = places.load(builder, node, place)
    one = builder.op("const", node, attribute=1, type=_LITERAL)
    sign = node.operator[:1]
    after = builder.op("binary", node, (before, one), attribute=sign, type=before.type)
    places.store(builder, node, place, after)
    return after if node.prefix else before


def _binary(builder: Builder, node: Binary) -> Op:
    if node.operator == "in":
        return vyper.membership(builder, node)
    left, right = builder.value(node.left), builder.value(node.right)
    kind = result_type(node.operator, left.type, right.type)
    return builder.op("binary", node, (left, right), attribute=node.operator, type=kind)


def result_type(operator: str, left: Type, right: Type) -> Type:
    """Return the type of a binary operation, as the compiler would."""
    if operator in _COMPARISONS:
        return BOOL
    if left.kind == "literal" and operator not in _SHIFTS:
        return right
    if operator in _SHIFTS or right.kind == "literal":
        return UINT256 if left.kind == "literal" and right.kind != "literal" else left
    return right if right.bits > left.bits else left


def _assign(builder: Builder, node: Assign) -> Op:
    value = builder.value(node.right)
    if names.in_vyper(builder):
        value = vyper.copied(builder, value)
    if isinstance(node.left, Sequence):
        spread(builder, node.left, value)
        return value
    if builder.scope.in_assembly and isinstance(node.left, Name):
        made = yul.point(builder, node.left, value)
        if made is not None:
            return made
    place = places.place(builder, node.left)
    if node.operator:
        before = places.load(builder, node, place)
        kind = value.type if before.type is UNKNOWN else before.type
        value = builder.op("binary", node, (before, value), attribute=node.operator, type=kind)
    places.store(builder, node, place, value)
    return value


def spread(builder: Builder, targets: Sequence, value: Op) -> None:
    """Assign the parts of a tuple to several targets."""
    for at, target in enumerate(targets.items):
        if target is not None:
            part = pick(builder, target, value, at)
            if isinstance(target, Sequence):
                spread(builder, target, part)
            else:
                places.store(builder, target, places.place(builder, target), part)


def pick(builder: Builder, node: Expression | Any, value: Op, at: int) -> Op:
    """Take one part out of a tuple."""
    if value.kind == "tuple" and at < len(value.operands):
        return value.operands[at]
    parts = value.type.parts if value.type.kind == "tuple" else ()
    kind = parts[at] if at < len(parts) else UNKNOWN
    return builder.op("pick", node, (value,), attribute=at, type=kind)


def _conditional(builder: Builder, node: Conditional) -> Op:
    test = builder.value(node.test)
    yes, no = builder.branch(test)
    builder.resume(yes)
    first = builder.value(node.yes)
    yes = builder.here()
    builder.resume(no)
    second = builder.value(node.no)
    no = builder.here()
    builder.join((yes, no))
    kind = result_type("+", first.type, second.type)
    return builder.op("phi", node, (first, second), type=kind)


def _sequence(builder: Builder, node: Sequence) -> Op:
    parts = tuple(
        builder.op("zero", node) if item is None else builder.value(item) for item in node.items
    )
    if node.array:
        item = parts[0].type if parts else UNKNOWN
        return builder.op("make", node, parts, type=Type("array", parts=(item,), length=len(parts)))
    return builder.op("tuple", node, parts, type=Type("tuple", parts=tuple(p.type for p in parts)))


LOWERINGS: Final[Mapping[type, Callable[[Builder, Any], Op]]] = {
    Name: names.lower_name,
    Number: _number,
    Text: _text,
    Truth: _truth,
    Member: members.lower_member,
    Index: _index,
    Slice: _slice,
    Call: calls.lower_call,
    Unary: _unary,
    Update: _update,
    Binary: _binary,
    Assign: _assign,
    Conditional: _conditional,
    Sequence: _sequence,
    New: _new,
    TypeExpression: _type,
    Unread: _unread,
}
