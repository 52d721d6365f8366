"""Type names of Solidity."""

from tree_sitter import Node

from diptych.audit.syntax.solidity.text import MAX_DEPTH, Source, named
from diptych.audit.syntax.tree import (
    ArrayType,
    ElementaryType,
    FunctionType,
    MappingType,
    NamedType,
    TypeName,
)

__all__ = ["elementary", "read_type"]

_LONG = {
    "uint": "uint256",
    "int": "int256",
    "byte": "bytes1",
    "fixed": "fixed128x18",
    "ufixed": "ufixed128x18",
}


def elementary(text: str) -> str:
    """Return the long form of a built-in type's name."""
    return _LONG.get(text, text)


def read_type(source: Source, node: Node) -> TypeName:
    """Read a `type_name`, `primitive_type` or `user_defined_type`."""
    start, end = node.start_byte, node.end_byte
    if node.type == "primitive_type":
        name = "address" if source.text(node).startswith("address") else source.text(node)
        return ElementaryType(start, end, elementary(name))
    if node.type != "type_name" or source.depth > MAX_DEPTH:
        return NamedType(start, end, "".join(source.text(node).split()))
    source.depth += 1
    try:
        return _compound(source, node)
    finally:
        source.depth -= 1


def _compound(source: Source, node: Node) -> TypeName:
    start, end = node.start_byte, node.end_byte
    head = node.children[0]
    if head.type == "mapping":
        return _mapping(source, node)
    if head.type == "function":
        external = any(
            source.text(c) == "external" for c in node.children if c.type == "visibility"
        )
        return FunctionType(start, end, external)
    inner = read_type(source, head)
    if not any(child.type == "[" for child in node.children):
        return inner
    sizes = [child for child in named(node) if child.type == "expression"]
    length = source.expression(sizes[0]) if sizes else None
    return ArrayType(start, end, inner, length)


def _mapping(source: Source, node: Node) -> TypeName:
    key = node.child_by_field_name("key_type")
    value = node.child_by_field_name("value_type")
    start, end = node.start_byte, node.end_byte
    if key is None or value is None:
        return NamedType(start, end, "")
    return MappingType(start, end, read_type(source, key), read_type(source, value))
