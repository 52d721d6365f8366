"""Postfix operators of Solidity: members, indexes, slices, call options and calls.

`a.b{value: v}(c)` and the older `a.b.value(v).gas(g)(c)` both become one call with options.
"""

from collections.abc import Callable, Iterable

from tree_sitter import Node

from diptych.audit.syntax.solidity.text import Source, named
from diptych.audit.syntax.tree import Call, Expression, Index, Member, Slice

__all__ = ["LINKS", "Options", "call_arguments", "named_values"]

_OPTIONS = frozenset({"value", "gas", "salt"})
Options = tuple[tuple[str, Expression], ...]


def call_arguments(
    source: Source, nodes: Iterable[Node]
) -> tuple[tuple[Expression, ...], tuple[str, ...]]:
    """Read `call_argument` nodes: the values, and their names where they are named."""
    values: list[Expression] = []
    names: list[str] = []
    for node in nodes:
        if node.type != "call_argument":
            continue
        for child in named(node):
            if child.type == "call_struct_argument":
                names.append(source.field(child, "name"))
                values.append(source.expression(child.child_by_field_name("value")))
            else:
                values.append(source.expression(child))
    return tuple(values), tuple(names) if len(names) == len(values) else ()


def named_values(source: Source, node: Node) -> Options:
    """Read `{name: value, ...}`."""
    fields = (child for child in named(node) if child.type == "struct_field_assignment")
    return tuple(
        (source.field(f, "name"), source.expression(f.child_by_field_name("value"))) for f in fields
    )


def _call(source: Source, node: Node, function: Expression, options: Options) -> Expression:
    arguments, names = call_arguments(source, named(node))
    while isinstance(function, Call) and isinstance(function.function, Member):
        if function.function.name not in _OPTIONS or len(function.arguments) != 1:
            break
        options = ((function.function.name, function.arguments[0]), *options)
        function = function.function.base
    return Call(function.start, node.end_byte, function, arguments, names, options)


def _member(source: Source, node: Node, base: Expression, _options: Options) -> Expression:
    return Member(base.start, node.end_byte, base, source.field(node, "property"))


def _index(source: Source, node: Node, base: Expression, _options: Options) -> Expression:
    index = node.child_by_field_name("index")
    value = None if index is None else source.expression(index)
    return Index(base.start, node.end_byte, base, value)


def _slice(source: Source, node: Node, base: Expression, _options: Options) -> Expression:
    ends = [node.child_by_field_name(name) for name in ("from", "to")]
    first, last = (None if end is None else source.expression(end) for end in ends)
    return Slice(base.start, node.end_byte, base, first, last)


LINKS: dict[str, Callable[[Source, Node, Expression, Options], Expression]] = {
    "call_expression": _call,
    "member_expression": _member,
    "array_access": _index,
    "slice_access": _slice,
}
