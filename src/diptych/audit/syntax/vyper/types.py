"""Type names of Vyper, from Python's expressions."""

import ast

from diptych.audit.syntax.tree import (
    ArrayType,
    ElementaryType,
    MappingType,
    NamedType,
    Number,
    TypeName,
)
from diptych.audit.syntax.vyper.text import MAX_DEPTH, Source

__all__ = ["is_type", "read_type", "span"]

_LONG = {
    "byte": "bytes1",
    "bytes": "bytes",
    "decimal": "int168",
    "fixed168x10": "int168",
    "timestamp": "uint256",
    "timedelta": "uint256",
    "wei_value": "uint256",
}
_WRAPPERS = frozenset({"public", "constant", "immutable", "transient", "indexed", "reentrant"})
_SEQUENCES = {"Bytes": "bytes", "bytes": "bytes", "String": "string", "string": "string"}
_INTERFACE = "__interface__"


def span(base: int, node: ast.AST) -> tuple[int, int]:
    """Return where a node of a line that starts at `base` stands in the file."""
    return base + getattr(node, "col_offset", 0), base + (getattr(node, "end_col_offset", 0) or 0)


def is_type(name: str) -> bool:
    """Whether a name is that of a built-in value type."""
    stem = name.rstrip("0123456789")
    return (
        name in _LONG
        or name in ("bool", "address")
        or (stem in ("uint", "int", "bytes") and name != stem)
    )


def read_type(source: Source, base: int, node: ast.expr) -> TypeName:
    """Read a type; what means none comes back as a type of no known name."""
    start, end = span(base, node)
    source.depth += 1
    try:
        if source.depth > MAX_DEPTH:
            return NamedType(start, end, "")
        return _type(source, base, node)
    finally:
        source.depth -= 1


def _type(source: Source, base: int, node: ast.expr) -> TypeName:
    start, end = span(base, node)
    match node:
        case ast.Name(id=name) if is_type(name) or name in _SEQUENCES:
            return ElementaryType(start, end, _SEQUENCES.get(name, _LONG.get(name, name)))
        case ast.Name(id=name):
            return NamedType(start, end, name)
        case ast.Attribute(value=owner, attr=attribute):
            if attribute == _INTERFACE:
                return read_type(source, base, owner)
            inner = read_type(source, base, owner)
            stem = inner.name if isinstance(inner, NamedType | ElementaryType) else ""
            return NamedType(start, end, f"{stem}.{attribute}")
        case ast.Subscript():
            return _subscript(source, base, node)
        case ast.Call(func=ast.Name(id=name), args=[inner, *rest]):
            return _call(source, base, name, (inner, *rest))
        case _:
            return NamedType(start, end, "")


def _subscript(source: Source, base: int, node: ast.Subscript) -> TypeName:
    start, end = span(base, node)
    name = node.value.id if isinstance(node.value, ast.Name) else ""
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name in _SEQUENCES:
        return ElementaryType(start, end, _SEQUENCES[name])
    if name == "HashMap" and len(parts) == 2:
        key, value = (read_type(source, base, part) for part in parts)
        return MappingType(start, end, key, value)
    if name == "DynArray" and len(parts) == 2:
        return ArrayType(start, end, read_type(source, base, parts[0]), None, bounded=True)
    item = read_type(source, base, node.value)
    return ArrayType(start, end, item, _length(source, base, node.slice))


def _length(source: Source, base: int, node: ast.expr) -> Number:
    """Read a static array's length; one that is no plain number counts as unknown."""
    start, end = span(base, node)
    known = node.value if isinstance(node, ast.Constant) and type(node.value) is int else None
    return Number(start, end, known, source.text(start, end))


def _call(source: Source, base: int, name: str, parts: tuple[ast.expr, ...]) -> TypeName:
    """Read `public(T)`, the older `map(K, V)`, and units as in `uint256(wei)`."""
    start = span(base, parts[0])[0]
    end = span(base, parts[-1])[1]
    if name in _WRAPPERS:
        return read_type(source, base, parts[0])
    if name == "map" and len(parts) == 2:
        key, value = (read_type(source, base, part) for part in parts)
        return MappingType(start, end, key, value)
    if is_type(name):
        return ElementaryType(start, end, _LONG.get(name, name))
    return NamedType(start, end, name)
