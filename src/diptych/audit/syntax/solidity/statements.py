"""Statements of Solidity."""

from collections.abc import Callable

from tree_sitter import Node

from diptych.audit.syntax.solidity import assembly, postfix
from diptych.audit.syntax.solidity.text import MAX_DEPTH, Source, bare, named
from diptych.audit.syntax.solidity.types import read_type
from diptych.audit.syntax.statements import (
    Block,
    Catch,
    Declare,
    Emit,
    Evaluate,
    If,
    Jump,
    Loop,
    Return,
    Revert,
    Statement,
    Try,
    UnreadStatement,
    Variable,
)
from diptych.audit.syntax.tree import Call, Name, Unread

__all__ = ["read_block", "read_variable"]


def read_block(source: Source, node: Node) -> Block:
    """Read the statements inside of `{ ... }`."""
    unchecked = any(child.type == "unchecked" for child in node.children)
    inner = (child for child in named(node) if child.type != "unchecked")
    statements = tuple(_statement(source, child) for child in inner)
    return Block(node.start_byte, node.end_byte, statements, unchecked)


def read_variable(source: Source, node: Node) -> Variable:
    """Read a parameter, a return value, a struct member or a local."""
    written = node.child_by_field_name("type")
    name, location = source.field(node, "name"), source.field(node, "location")
    if written is None or source.text(written) == "var":
        kind = None
        name = name or (source.text(node) if node.type == "identifier" else "")
    else:
        kind = read_type(source, written)
    return Variable(node.start_byte, node.end_byte, name, kind, location)


def _statement(source: Source, node: Node | None) -> Statement:
    while node is not None and node.type == "statement":
        node = next(named(node), None)
    if node is None:
        return Block(0, 0, ())
    reader = _READERS.get(node.type)
    if node.type == "ERROR" and source.text(node).rstrip("; \n") == "_":
        return Jump(node.start_byte, node.end_byte, "_")  # `_` needed no semicolon before 0.4.5
    if reader is None or source.depth > MAX_DEPTH:
        source.problem(node, "nested too deeply" if reader else f"unexpected {node.type}")
        return UnreadStatement(node.start_byte, node.end_byte)
    source.depth += 1
    try:
        return reader(source, node)
    finally:
        source.depth -= 1


def _evaluate(source: Source, node: Node) -> Statement:
    value = source.expression(node)
    start, end = node.start_byte, node.end_byte
    if source.text(node).rstrip("; \n") == "_":
        return Jump(start, end, "_")
    if isinstance(value, Name) and value.text == "throw":
        return Revert(start, end, None)
    return Evaluate(start, end, value)


def _declare(source: Source, node: Node) -> Statement:
    value = node.child_by_field_name("value")
    group = next((c for c in named(node) if c.type == "variable_declaration_tuple"), None)
    if group is None:
        variables: tuple[Variable | None, ...] = tuple(
            read_variable(source, c) for c in named(node) if c.type == "variable_declaration"
        )
    else:
        variables = _declared(source, group)
    return Declare(
        node.start_byte,
        node.end_byte,
        variables,
        None if value is None else source.expression(value),
    )


def _declared(source: Source, group: Node) -> tuple[Variable | None, ...]:
    found: list[Variable | None] = []
    current: Variable | None = None
    for child in group.children:
        if child.type == ",":
            found.append(current)
            current = None
        elif child.type in ("variable_declaration", "identifier"):
            current = read_variable(source, child)
    return (*found, current)


def _if(source: Source, node: Node) -> Statement:
    test = source.expression(node.child_by_field_name("condition"))
    bodies = node.children_by_field_name("body")
    yes = _statement(source, bodies[0] if bodies else None)
    no = _statement(source, bodies[1]) if len(bodies) > 1 else None
    return If(node.start_byte, node.end_byte, test, yes, no)


def _for(source: Source, node: Node) -> Statement:
    first, test, update, body = (
        node.child_by_field_name(name) for name in ("initial", "condition", "update", "body")
    )
    return Loop(
        node.start_byte,
        node.end_byte,
        None if first is None or not first.is_named else _statement(source, first),
        None if bare(test) is None else source.expression(test),
        None if update is None else source.expression(update),
        _statement(source, body),
    )


def _while(source: Source, node: Node) -> Statement:
    test = source.expression(node.child_by_field_name("condition"))
    body = _statement(source, node.child_by_field_name("body"))
    last = node.type == "do_while_statement"
    return Loop(node.start_byte, node.end_byte, None, test, None, body, last)


def _jump(_source: Source, node: Node) -> Statement:
    return Jump(node.start_byte, node.end_byte, node.type.removesuffix("_statement"))


def _return(source: Source, node: Node) -> Statement:
    value = next(named(node), None)
    read_value = None if value is None else source.expression(value)
    return Return(node.start_byte, node.end_byte, read_value)


def _revert(source: Source, node: Node) -> Statement:
    start, end = node.start_byte, node.end_byte
    error = node.child_by_field_name("error")
    given = next((c for c in named(node) if c.type == "revert_arguments"), None)
    if error is None and given is None:
        return Revert(start, end, None)
    reason = Unread(start, end) if error is None else source.expression(error)
    if given is not None:
        arguments, names = postfix.call_arguments(source, named(given))
        reason = Call(start, end, reason, arguments, names)
    return Revert(start, end, reason)


def _emit(source: Source, node: Node) -> Statement:
    start, end = node.start_byte, node.end_byte
    arguments, names = postfix.call_arguments(source, named(node))
    event = source.expression(node.child_by_field_name("name"))
    return Emit(start, end, Call(start, end, event, arguments, names))


def _try(source: Source, node: Node) -> Statement:
    call = source.expression(node.child_by_field_name("attempt"))
    clauses = [_clause(source, node)]
    clauses += [_clause(source, child) for child in named(node) if child.type == "catch_clause"]
    return Try(node.start_byte, node.end_byte, call, tuple(clauses))


def _clause(source: Source, node: Node) -> Catch:
    body = node.child_by_field_name("body")
    parameters = tuple(read_variable(source, c) for c in named(node) if c.type == "parameter")
    start, end = node.start_byte, node.end_byte
    block = Block(start, end, ()) if body is None else read_block(source, body)
    return Catch(start, end, parameters, block)


_READERS: dict[str, Callable[[Source, Node], Statement]] = {
    "block_statement": read_block,
    "expression_statement": _evaluate,
    "variable_declaration_statement": _declare,
    "if_statement": _if,
    "for_statement": _for,
    "while_statement": _while,
    "do_while_statement": _while,
    "continue_statement": _jump,
    "break_statement": _jump,
    "return_statement": _return,
    "revert_statement": _revert,
    "emit_statement": _emit,
    "try_statement": _try,
    "assembly_statement": assembly.read,
}
