"""Declarations of Solidity: state variables, functions, types, contracts."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tree_sitter import Node

from diptych.audit.syntax.solidity import postfix
from diptych.audit.syntax.solidity.statements import read_block, read_variable
from diptych.audit.syntax.solidity.text import Source, named
from diptych.audit.syntax.solidity.types import read_type
from diptych.audit.syntax.statements import Variable
from diptych.audit.syntax.unit import (
    Base,
    Contract,
    Enumeration,
    Function,
    Signature,
    StateVariable,
    Structure,
    Using,
    ValueType,
)

__all__ = ["CONTRACTS", "read_contract", "read_members"]

CONTRACTS = {
    "contract_declaration": "contract",
    "interface_declaration": "interface",
    "library_declaration": "library",
}
_MUTABILITY = frozenset({"constant", "immutable", "transient"})


def read_contract(source: Source, node: Node) -> Contract:
    """Read a contract, interface or library with all its members."""
    kind = CONTRACTS[node.type]
    if any(child.type == "abstract" for child in node.children):
        kind = "abstract"
    bases = tuple(_base(source, c) for c in named(node) if c.type == "inheritance_specifier")
    body = node.child_by_field_name("body")
    members = [] if body is None else list(named(body))
    name = source.field(node, "name")
    empty = Contract(node.start_byte, node.end_byte, kind, name, bases, *[()] * 7)
    return read_members(source, members, empty)


def read_members(source: Source, nodes: Iterable[Node], contract: Contract) -> Contract:
    """Fill a contract (or the free part of a file) with the declarations among the nodes."""
    found: dict[str, list[Any]] = {}
    for node in nodes:
        place = _MEMBERS.get(node.type)
        if place is not None:
            slot, reader = place
            found.setdefault(slot, []).append(reader(source, node))
        elif node.type == "ERROR":
            source.problem(node, "syntax error")
    filled: dict[str, Any] = {slot: tuple(items) for slot, items in found.items()}
    return _named_like_its_contract(contract._replace(**filled))


def _named_like_its_contract(contract: Contract) -> Contract:
    """Before Solidity 0.5 a function with the contract's name is the constructor."""
    functions = tuple(
        f._replace(kind="constructor") if f.kind == "function" and f.name == contract.name else f
        for f in contract.functions
    )
    return contract._replace(functions=functions)


def _base(source: Source, node: Node) -> Base:
    name = source.field(node, "ancestor")
    if not name:
        name = next((source.text(c) for c in named(node) if c.type != "call_argument"), "")
    return Base(node.start_byte, node.end_byte, name, _invocation(source, node))


def _invocation(source: Source, node: Node) -> tuple[Any, ...] | None:
    if not any(child.type in ("(", "call_argument") for child in node.children):
        return None
    return postfix.call_arguments(source, named(node))[0]


def _words(node: Node, source: Source) -> Mapping[str, str]:
    """Collect visibility and mutability, wherever in the header they stand."""
    words = {"visibility": "", "state_mutability": ""}
    for child in node.children:
        if child.type in words:
            words[child.type] = source.text(child)
    return words


def _variables(source: Source, nodes: Iterable[Node]) -> tuple[Variable, ...]:
    return tuple(read_variable(source, child) for child in nodes if child.type == "parameter")


def _function(source: Source, node: Node) -> Function:
    words = _words(node, source)
    modifiers = [_base(source, c) for c in named(node) if c.type == "modifier_invocation"]
    mutability = words["state_mutability"]
    if any(m.name == "constant" for m in modifiers):
        mutability = mutability or "view"
        modifiers = [m for m in modifiers if m.name != "constant"]
    body = node.child_by_field_name("body")
    results = node.child_by_field_name("return_type")
    return Function(
        node.start_byte,
        node.end_byte,
        _function_kind(node),
        source.field(node, "name"),
        _variables(source, named(node)),
        () if results is None else _variables(source, named(results)),
        words["visibility"],
        mutability,
        tuple(modifiers),
        None if body is None else read_block(source, body),
        any(child.type == "virtual" for child in node.children),
        any(child.type == "override_specifier" for child in node.children),
    )


def _function_kind(node: Node) -> str:
    if node.type == "fallback_receive_definition":
        return "receive" if node.children[0].type == "receive" else "fallback"
    return node.type.removesuffix("_definition")


def _state_variable(source: Source, node: Node) -> StateVariable:
    words = {source.text(c) for c in node.children if c.type not in ("type_name", "expression")}
    written = node.child_by_field_name("type")
    value = node.child_by_field_name("value")
    return StateVariable(
        node.start_byte,
        node.end_byte,
        source.field(node, "name"),
        None if written is None or source.text(written) == "var" else read_type(source, written),
        source.field(node, "visibility") or "internal",
        next(iter(words & _MUTABILITY), ""),
        None if value is None else source.expression(value),
    )


def _structure(source: Source, node: Node) -> Structure:
    body = node.child_by_field_name("body") or node
    members = tuple(read_variable(source, c) for c in named(body) if c.type == "struct_member")
    return Structure(node.start_byte, node.end_byte, source.field(node, "name"), members)


def _enumeration(source: Source, node: Node) -> Enumeration:
    body = node.child_by_field_name("body") or node
    values = tuple(source.text(c) for c in named(body) if c.type == "enum_value")
    return Enumeration(node.start_byte, node.end_byte, source.field(node, "name"), values)


def _signature(source: Source, node: Node) -> Signature:
    kind = "event" if node.type == "event_definition" else "error"
    parameters = tuple(
        read_variable(source, child)
        for child in named(node)
        if child.type in ("event_parameter", "error_parameter")
    )
    return Signature(node.start_byte, node.end_byte, kind, source.field(node, "name"), parameters)


def _value_type(source: Source, node: Node) -> ValueType:
    under = next((c for c in named(node) if c.type == "primitive_type"), node)
    name = source.field(node, "name")
    return ValueType(node.start_byte, node.end_byte, name, read_type(source, under))


def _using(source: Source, node: Node) -> Using:
    target = node.child_by_field_name("source")
    aliases = [source.text(c) for c in named(node) if c.type in ("type_alias", "using_alias")]
    braces = any(child.type == "{" for child in node.children)
    every = target is None or source.text(target) == "*" or target.type == "any_source_type"
    return Using(
        node.start_byte,
        node.end_byte,
        "" if braces or not aliases else aliases[0],
        tuple(alias.split(" as ")[0].strip() for alias in aliases) if braces else (),
        None if every or target is None else read_type(source, target),
    )


_MEMBERS: dict[str, tuple[str, Callable[[Source, Node], Any]]] = {
    "function_definition": ("functions", _function),
    "constructor_definition": ("functions", _function),
    "modifier_definition": ("functions", _function),
    "fallback_receive_definition": ("functions", _function),
    "state_variable_declaration": ("variables", _state_variable),
    "constant_variable_declaration": ("variables", _state_variable),
    "struct_declaration": ("structures", _structure),
    "enum_declaration": ("enumerations", _enumeration),
    "event_definition": ("signatures", _signature),
    "error_declaration": ("signatures", _signature),
    "user_defined_type_definition": ("value_types", _value_type),
    "using_directive": ("usings", _using),
}
