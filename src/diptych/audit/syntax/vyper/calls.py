"""Calls of Vyper; built-ins that only write something shorter become what they stand for."""

import ast
from collections.abc import Callable

from diptych.audit.syntax.tree import (
    Binary,
    Call,
    ElementaryType,
    Expression,
    Member,
    Name,
    Number,
    TypeExpression,
    Unary,
)
from diptych.audit.syntax.vyper.text import Source
from diptych.audit.syntax.vyper.types import read_type, span

__all__ = ["call", "code_size", "constant", "read_call"]

Reader = Callable[[Source, int, ast.expr | None], Expression]
Span = tuple[int, int]
BUILTINS = frozenset(
    {
        "raw_call",
        "send",
        "slice",
        "create_minimal_proxy_to",
        "create_forwarder_to",
        "create_copy_of",
        "create_from_blueprint",
        "raw_create",
        "concat",
        "keccak256",
        "method_id",
        "abi_encode",
        "_abi_encode",
        "extract32",
    }
)
_UNITS = {
    "wei": 1,
    "kwei": 10**3,
    "babbage": 10**3,
    "femtoether": 10**3,
    "mwei": 10**6,
    "lovelace": 10**6,
    "picoether": 10**6,
    "gwei": 10**9,
    "shannon": 10**9,
    "nanoether": 10**9,
    "szabo": 10**12,
    "microether": 10**12,
    "finney": 10**15,
    "milliether": 10**15,
    "ether": 10**18,
    "kether": 10**21,
    "grand": 10**21,
}
_METHODS = {"append": "push"}


def call(place: Span, name: str, *arguments: Expression) -> Call:
    """Make a call of a built-in."""
    return Call(*place, Name(*place, name), arguments)


def constant(place: Span, kind: str, value: int) -> Expression:
    """Make a constant of a type."""
    number = Number(*place, value, str(value))
    return Call(*place, TypeExpression(*place, ElementaryType(*place, kind)), (number,))


def code_size(place: Span, value: Expression, name: str) -> Expression:
    """Make `x.codesize` or `x.is_contract` from the length of the code."""
    size = Member(*place, Member(*place, value, "code"), "length")
    if name == "codesize":
        return size
    return Binary(*place, ">", size, Number(*place, 0, "0"))


def read_call(source: Source, base: int, node: ast.Call, read: Reader) -> Expression:
    """Read a call."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    special = _SPECIAL.get(name)
    if special is not None:
        made = special(source, base, node, read)
        if made is not None:
            return made
    place = span(base, node)
    function = _function(source, base, node.func, read)
    if len(node.args) == 1 and isinstance(node.args[0], ast.Dict) and name:
        return _structure(source, base, node.args[0], (place, function, read))
    arguments = tuple(read(source, base, argument) for argument in node.args)
    named = tuple((k.arg or "", read(source, base, k.value)) for k in node.keywords)
    if name and name not in BUILTINS and named and not arguments:
        values = tuple(value for _, value in named)
        return Call(*place, function, values, tuple(key for key, _ in named))
    return Call(*place, function, arguments, (), named)


def _function(source: Source, base: int, node: ast.expr, read: Reader) -> Expression:
    """Read what is called; a function of our own is no field."""
    if not isinstance(node, ast.Attribute):
        return read(source, base, node)
    start, end = span(base, node)
    return Member(start, end, read(source, base, node.value), _METHODS.get(node.attr, node.attr))


def _structure(
    source: Source, base: int, node: ast.Dict, made: tuple[Span, Expression, Reader]
) -> Expression:
    """Read `Struct({member: value})`, as structs were made before 0.4."""
    place, function, read = made
    names = tuple(key.id if isinstance(key, ast.Name) else "" for key in node.keys)
    values = tuple(read(source, base, value) for value in node.values)
    return Call(*place, function, values, names)


def _convert(source: Source, base: int, node: ast.Call, read: Reader) -> Expression | None:
    if len(node.args) != 2:
        return None
    place = span(base, node)
    kind = TypeExpression(*place, read_type(source, base, node.args[1]))
    return Call(*place, kind, (read(source, base, node.args[0]),))


def _empty(source: Source, base: int, node: ast.Call, _read: Reader) -> Expression | None:
    if len(node.args) != 1:
        return None
    place = span(base, node)
    kind = read_type(source, base, node.args[0])
    if isinstance(kind, ElementaryType) and kind.name not in ("bytes", "string"):
        return constant(place, kind.name, 0)
    return Call(*place, TypeExpression(*place, kind), ())


def _limit(source: Source, base: int, node: ast.Call, _read: Reader) -> Expression | None:
    if len(node.args) != 1 or not isinstance(node.func, ast.Name):
        return None
    place = span(base, node)
    argument = TypeExpression(*place, read_type(source, base, node.args[0]))
    query = Call(*place, Name(*place, "type"), (argument,))
    return Member(*place, query, node.func.id[:3])


def _length(source: Source, base: int, node: ast.Call, read: Reader) -> Expression | None:
    if len(node.args) != 1:
        return None
    return Member(*span(base, node), read(source, base, node.args[0]), "length")


def _wei(source: Source, base: int, node: ast.Call, read: Reader) -> Expression | None:
    """Read `as_wei_value(x, "ether")`."""
    unit = node.args[1] if len(node.args) == 2 else None
    size = _UNITS.get(str(unit.value)) if isinstance(unit, ast.Constant) else None
    if size is None:
        return None
    place = span(base, node)
    value = read(source, base, node.args[0])
    if isinstance(value, Number) and value.value is not None:
        return Number(*place, value.value * size, str(value.value * size))
    return Binary(*place, "*", value, Number(*place, size, str(size)))


_BITWISE = {"bitwise_and": "&", "bitwise_or": "|", "bitwise_xor": "^", "shift": "<<"}


def _bitwise(source: Source, base: int, node: ast.Call, read: Reader) -> Expression | None:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    place = span(base, node)
    parts = [read(source, base, argument) for argument in node.args]
    if name == "bitwise_not" and len(parts) == 1:
        return Unary(*place, "~", parts[0])
    if name not in _BITWISE or len(parts) != 2:
        return None
    return Binary(*place, _BITWISE[name], parts[0], parts[1])


_SPECIAL: dict[str, Callable[[Source, int, ast.Call, Reader], Expression | None]] = {
    "convert": _convert,
    "empty": _empty,
    "max_value": _limit,
    "min_value": _limit,
    "len": _length,
    "as_wei_value": _wei,
    **dict.fromkeys((*_BITWISE, "bitwise_not"), _bitwise),
}
