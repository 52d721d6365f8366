"""Inline assembly (Yul): the same statements, whose calls are EVM instructions by name."""

from collections.abc import Callable, Iterable

from tree_sitter import Node

from diptych.audit.syntax.solidity.text import MAX_DEPTH, Source, named, number, string_bytes
from diptych.audit.syntax.statements import (
    Assembly,
    AssemblyFunction,
    Block,
    Declare,
    Evaluate,
    If,
    Jump,
    Loop,
    Statement,
    UnreadStatement,
    Variable,
)
from diptych.audit.syntax.tree import (
    Assign,
    Binary,
    Call,
    ElementaryType,
    Expression,
    Name,
    Number,
    Sequence,
    Text,
    Truth,
    Unread,
)

__all__ = ["read"]

_LITERALS = frozenset(
    {"yul_decimal_number", "yul_hex_number", "yul_string_literal", "yul_hex_string_literal"}
)


def read(source: Source, node: Node) -> Statement:
    """Read an `assembly { ... }` statement."""
    start, end = node.start_byte, node.end_byte
    inside = [c for c in named(node) if c.type not in ("assembly_flags", "string_literal")]
    functions: list[AssemblyFunction] = []
    statements = _statements(source, inside, functions)
    return Assembly(start, end, Block(start, end, statements, unchecked=True), tuple(functions))


def _statements(
    source: Source, nodes: Iterable[Node], functions: list[AssemblyFunction]
) -> tuple[Statement, ...]:
    found: list[Statement] = []
    for node in nodes:
        if source.depth > MAX_DEPTH:
            source.problem(node, "nested too deeply")
            found.append(UnreadStatement(node.start_byte, node.end_byte))
            continue
        source.depth += 1
        try:
            if node.type == "yul_function_definition":
                functions.append(_function(source, node, functions))
            else:
                found.append(_statement(source, node, functions))
        finally:
            source.depth -= 1
    return tuple(found)


def _statement(source: Source, node: Node, functions: list[AssemblyFunction]) -> Statement:
    start, end = node.start_byte, node.end_byte
    reader = _READERS.get(node.type)
    if reader is not None:
        return reader(source, node, functions)
    if node.type in ("yul_break", "yul_continue", "yul_leave"):
        return Jump(start, end, node.type.removeprefix("yul_"))
    if node.type in ("yul_function_call", "yul_evm_builtin", "yul_path", *_LITERALS):
        return Evaluate(start, end, _expression(source, node))
    if node.type == "yul_label":
        return Block(start, end, ())
    source.problem(node, f"unexpected {node.type}")
    return UnreadStatement(start, end)


def _block(source: Source, node: Node, functions: list[AssemblyFunction]) -> Block:
    statements = _statements(source, named(node), functions)
    return Block(node.start_byte, node.end_byte, statements, unchecked=True)


def _word(source: Source, node: Node) -> Variable:
    kind = ElementaryType(node.start_byte, node.end_byte, "uint256")
    return Variable(node.start_byte, node.end_byte, source.text(node), kind)


def _declare(source: Source, node: Node, _functions: list[AssemblyFunction]) -> Statement:
    names = node.children_by_field_name("left") or [
        child for child in named(node) if child.type == "yul_identifier"
    ]
    value = node.child_by_field_name("right")
    variables = tuple(_word(source, name) for name in names if name.is_named)
    given = None if value is None else _expression(source, value)
    return Declare(node.start_byte, node.end_byte, variables, given)


def _assign(source: Source, node: Node, _functions: list[AssemblyFunction]) -> Statement:
    start, end = node.start_byte, node.end_byte
    parts = list(named(node))
    if len(parts) < 2:
        source.problem(node, "assignment without a value")
        return UnreadStatement(start, end)
    targets = tuple(_expression(source, part) for part in parts[:-1])
    left = targets[0] if len(targets) == 1 else Sequence(start, end, targets)
    return Evaluate(start, end, Assign(start, end, "", left, _expression(source, parts[-1])))


def _if(source: Source, node: Node, functions: list[AssemblyFunction]) -> Statement:
    parts = list(named(node))
    yes = _block(source, parts[-1], functions)
    return If(node.start_byte, node.end_byte, _expression(source, parts[0]), yes, None)


def _for(source: Source, node: Node, functions: list[AssemblyFunction]) -> Statement:
    start, end = node.start_byte, node.end_byte
    parts = list(named(node))
    if len(parts) != 4:
        source.problem(node, "a loop without its four parts")
        return UnreadStatement(start, end)
    first, update, body = (_block(source, parts[at], functions) for at in (0, 2, 3))
    test = _expression(source, parts[1])
    return Loop(start, end, first, test, None, Block(start, end, (body, update), unchecked=True))


def _switch(source: Source, node: Node, functions: list[AssemblyFunction]) -> Statement:
    parts = list(named(node))
    subject = _expression(source, parts[0])
    result: Statement | None = None
    cases: list[tuple[Expression | None, Block]] = []
    value: Expression | None = None
    for part in parts[1:]:
        if part.type == "yul_block":
            cases.append((value, _block(source, part, functions)))
            value = None
        else:
            value = _expression(source, part)
    for case, body in reversed(cases):
        if case is None:
            result = body
        else:
            test = Binary(case.start, case.end, "==", subject, case)
            result = If(case.start, body.end, test, body, result)
    return result or Block(node.start_byte, node.end_byte, ())


def _function(source: Source, node: Node, functions: list[AssemblyFunction]) -> AssemblyFunction:
    before: list[str] = []
    after: list[str] = []
    names = before
    body = Block(node.start_byte, node.end_byte, ())
    for child in node.children:
        if child.type == "->":
            names = after
        elif child.type == "yul_identifier":
            names.append(source.text(child))
        elif child.type == "yul_block":
            body = _block(source, child, functions)
    name = before[0] if before else ""
    return AssemblyFunction(
        node.start_byte, node.end_byte, name, tuple(before[1:]), tuple(after), body
    )


def _expression(source: Source, node: Node) -> Expression:
    start, end = node.start_byte, node.end_byte
    if node.type == "yul_function_call":
        return _call(source, node)
    if node.type == "yul_evm_builtin":
        return Call(start, end, Name(start, end, source.text(node)), ())
    if node.type in ("yul_decimal_number", "yul_hex_number"):
        return Number(start, end, number(source.text(node)), source.text(node))
    if node.type == "yul_boolean":
        return Truth(start, end, source.text(node) == "true")
    if node.type in _LITERALS:
        return Text(start, end, string_bytes(source.data[start:end]))
    if node.type in ("yul_path", "yul_identifier"):
        return Name(start, end, source.text(node))
    source.problem(node, f"unexpected {node.type}")
    return Unread(start, end)


def _call(source: Source, node: Node) -> Expression:
    if source.depth > MAX_DEPTH:
        source.problem(node, "nested too deeply")
        return Unread(node.start_byte, node.end_byte)
    source.depth += 1
    try:
        function = node.child_by_field_name("function")
        rest = [c for c in named(node) if function is None or c.id != function.id]
        arguments = tuple(_expression(source, child) for child in rest)
    finally:
        source.depth -= 1
    name = "" if function is None else source.text(function)
    start, end = node.start_byte, node.end_byte
    return Call(start, end, Name(start, end, name), arguments)


_READERS: dict[str, Callable[[Source, Node, list[AssemblyFunction]], Statement]] = {
    "yul_block": _block,
    "yul_variable_declaration": _declare,
    "yul_assignment": _assign,
    "yul_if_statement": _if,
    "yul_for_statement": _for,
    "yul_switch_statement": _switch,
}
