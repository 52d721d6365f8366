"""Statements of Vyper: each line by Python's parser, blocks by their indentation."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from diptych.audit.syntax.statements import (
    Block,
    Declare,
    Emit,
    Evaluate,
    If,
    Jump,
    Return,
    Revert,
    Statement,
    UnreadStatement,
    Variable,
)
from diptych.audit.syntax.tree import Assign, Call, Name, Unread
from diptych.audit.syntax.vyper import loops
from diptych.audit.syntax.vyper.expressions import read_expression, sign
from diptych.audit.syntax.vyper.layout import Node
from diptych.audit.syntax.vyper.parse import parse_line
from diptych.audit.syntax.vyper.text import MAX_OPEN, Source
from diptych.audit.syntax.vyper.types import read_type, span

__all__ = ["header", "read_block"]

_LOG = re.compile(rb"log\s+(?=[A-Za-z_])")
_ELSE = re.compile(rb"else\s*:\s*")


def read_block(source: Source, nodes: list[Node], start: int) -> Block:
    """Read the lines of one block; `start` is where it is where it holds none."""
    statements: list[Statement] = []
    at = 0
    while at < len(nodes):
        following = at + 1
        if nodes[at].line.text.startswith(b"if"):
            while following < len(nodes) and _is_alternative(nodes[following]):
                following += 1
        statements.extend(_read(source, nodes[at:following]))
        at = following
    first = statements[0].start if statements else start
    return Block(first, statements[-1].end if statements else start, tuple(statements))


def _is_alternative(node: Node) -> bool:
    text = node.line.text
    return text.startswith(b"elif") or _ELSE.match(text) is not None


def _read(source: Source, nodes: list[Node]) -> Iterable[Statement]:
    """Read a statement; of `if`, with the alternatives that follow it."""
    line = nodes[0].line
    if line.reason:
        return (_unread(source, line.start, line.end, line.reason),)
    if re.match(rb"if\b", line.text):
        return (_if(source, nodes, 0),)
    if re.match(rb"for\b", line.text):
        return (_for(source, nodes[0]),)
    if _LOG.match(line.text):
        return (_log(source, nodes[0]),)
    made = list(_simple(source, line.text, line.start))
    if nodes[0].body:
        inside = read_block(source, nodes[0].body, line.end)
        made.append(inside)
    return made


def _unread(source: Source, start: int, end: int, reason: str) -> UnreadStatement:
    source.problem(start, end, reason)
    return UnreadStatement(start, end)


def _simple(source: Source, text: bytes, base: int) -> Iterator[Statement]:
    """Read the statements of one line without a block of its own."""
    parsed = parse_line(text)
    if parsed is None:
        yield _unread(source, base, base + len(text), "syntax error")
        return
    for each in parsed:
        yield _statement(source, base, each)


def _statement(source: Source, base: int, node: ast.stmt) -> Statement:
    start, end = span(base, node)
    reader = _READERS.get(type(node))
    if reader is None:
        return _unread(source, start, end, "no statement of Vyper's")
    made: Statement = reader(source, base, node)
    return made


def _suite(source: Source, base: int, inline: list[ast.stmt], node: Node) -> Block:
    """Read what a header holds: the block below it, or what stands behind its colon."""
    if node.body:
        return read_block(source, node.body, node.line.end)
    statements = tuple(_statement(source, base, each) for each in inline)
    return Block(node.line.start, node.line.end, statements)


def header(text: bytes) -> bytes:
    """Complete a header so that it can be parsed by itself."""
    return text + b" pass" if text.endswith(b":") else text


def _if(source: Source, nodes: list[Node], at: int) -> Statement:
    """Read an `if` or `elif` with all that follows it, as deep as alternatives may go."""
    if source.blocks >= MAX_OPEN:
        return _unread(source, nodes[at].line.start, nodes[-1].end, "too deeply nested")
    source.blocks += 1
    try:
        return _alternative(source, nodes, at)
    finally:
        source.blocks -= 1


def _alternative(source: Source, nodes: list[Node], at: int) -> Statement:
    line = nodes[at].line
    text, base = line.text, line.start
    if text.startswith(b"el"):
        text, base = text[2:], base + 2
    if line.reason:
        return _unread(source, line.start, line.end, line.reason)
    (found,) = parse_line(header(text)) or (None,)
    if not isinstance(found, ast.If):
        broken = _unread(source, line.start, line.end, "syntax error")
        inside = read_block(source, nodes[at].body, line.end)
        found_test: Any = Unread(line.start, line.end)
        if not inside.statements:
            return broken
        return If(line.start, nodes[at].end, found_test, inside, _otherwise(source, nodes, at + 1))
    test = read_expression(source, base, found.test)
    yes = _suite(source, base, found.body, nodes[at])
    no = _otherwise(source, nodes, at + 1)
    return If(line.start, max(yes.end, nodes[at].end), test, yes, no)


def _otherwise(source: Source, nodes: list[Node], at: int) -> Statement | None:
    if at >= len(nodes):
        return None
    line = nodes[at].line
    mark = _ELSE.match(line.text)
    if mark is None:
        return _if(source, nodes, at)
    rest = line.text[mark.end() :]
    inline = (parse_line(rest) or []) if rest else []
    return _suite(source, line.start + mark.end(), inline, nodes[at])


def _for(source: Source, node: Node) -> Statement:
    line = node.line
    text, kind = loops.without_type(source, line.text, line.start)
    (found,) = parse_line(header(text)) or (None,)
    if not isinstance(found, ast.For) or not isinstance(found.target, ast.Name):
        source.problem(line.start, line.end, "syntax error")
        return read_block(source, node.body, line.end)
    start, end = span(line.start, found.target)
    over = loops.read_range(source, line.start, found.iter)
    body = _suite(source, line.start, found.body, node)
    variable = Variable(start, end, found.target.id, kind)
    return loops.make_loop((line.start, node.end), variable, over, body)


def _log(source: Source, node: Node) -> Statement:
    line = node.line
    mark = _LOG.match(line.text)
    skipped = mark.end() if mark else 0
    parsed = parse_line(line.text[skipped:])
    if not parsed or not isinstance(parsed[0], ast.Expr):
        return _unread(source, line.start, line.end, "syntax error")
    event = read_expression(source, line.start + skipped, parsed[0].value)
    return Emit(line.start, line.end, event)


def _expression(source: Source, base: int, node: ast.Expr) -> Statement:
    start, end = span(base, node)
    if isinstance(node.value, ast.Constant):
        return Block(start, end, ())  # a docstring, or `...`
    return Evaluate(start, end, read_expression(source, base, node.value))


def _assign(source: Source, base: int, node: ast.Assign) -> Statement:
    start, end = span(base, node)
    left = read_expression(source, base, node.targets[0])
    right = read_expression(source, base, node.value)
    return Evaluate(start, end, Assign(start, end, "", left, right))


def _augmented(source: Source, base: int, node: ast.AugAssign) -> Statement:
    start, end = span(base, node)
    left = read_expression(source, base, node.target)
    right = read_expression(source, base, node.value)
    return Evaluate(start, end, Assign(start, end, sign(node.op), left, right))


def _declare(source: Source, base: int, node: ast.AnnAssign) -> Statement:
    start, end = span(base, node)
    if not isinstance(node.target, ast.Name):
        return _unread(source, start, end, "no statement of Vyper's")
    kind = read_type(source, base, node.annotation)
    value = None if node.value is None else read_expression(source, base, node.value)
    variable = Variable(*span(base, node.target), node.target.id, kind, "memory")
    return Declare(start, end, (variable,), value)


def _return(source: Source, base: int, node: ast.Return) -> Statement:
    value = None if node.value is None else read_expression(source, base, node.value)
    return Return(*span(base, node), value)


def _assert(source: Source, base: int, node: ast.Assert) -> Statement:
    start, end = span(base, node)
    test = read_expression(source, base, node.test)
    parts = (test,) if node.msg is None else (test, read_expression(source, base, node.msg))
    return Evaluate(start, end, Call(start, end, Name(start, start + 6, "require"), parts))


def _raise(source: Source, base: int, node: ast.Raise) -> Statement:
    error = None if node.exc is None else read_expression(source, base, node.exc)
    return Revert(*span(base, node), error)


def _pass(_source: Source, base: int, node: ast.Pass) -> Statement:
    return Block(*span(base, node), ())


def _jump(_source: Source, base: int, node: ast.Break | ast.Continue) -> Statement:
    return Jump(*span(base, node), "break" if isinstance(node, ast.Break) else "continue")


_READERS: dict[type[ast.stmt], Callable[[Source, int, Any], Statement]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AugAssign: _augmented,
    ast.AnnAssign: _declare,
    ast.Return: _return,
    ast.Assert: _assert,
    ast.Raise: _raise,
    ast.Pass: _pass,
    ast.Break: _jump,
    ast.Continue: _jump,
}
