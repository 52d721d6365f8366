"""Declarations of Vyper: functions, state variables, structs, flags, events, interfaces."""

import ast
import re
from collections.abc import Iterator, Sequence

from diptych.audit.syntax.statements import Block, Variable
from diptych.audit.syntax.unit import (
    Base,
    Contract,
    Enumeration,
    Function,
    Signature,
    StateVariable,
    Structure,
)
from diptych.audit.syntax.vyper.expressions import read_expression
from diptych.audit.syntax.vyper.layout import Node
from diptych.audit.syntax.vyper.parse import parse_line
from diptych.audit.syntax.vyper.statements import header, read_block
from diptych.audit.syntax.vyper.text import Source
from diptych.audit.syntax.vyper.types import read_type, span

__all__ = ["fragment", "read_function", "read_interface", "read_members", "read_state_variable"]

_NAMED = re.compile(rb"\w+\s+(\w+)")
_MUTABILITY = frozenset({"view", "pure", "payable", "nonpayable"})
_DECORATORS = {"constant": "view", "public": "external", "private": "internal"}
_VISIBILITY = frozenset({"external", "internal"})
_KINDS = {"__init__": "constructor", "__default__": "fallback"}
_LOCKS = frozenset({"nonreentrant", "reentrant"})
_STORED = frozenset({"constant", "immutable", "transient"})


def _decorators(source: Source, nodes: Sequence[Node]) -> Iterator[tuple[str, Base]]:
    """Yield the decorators with what they are called with."""
    for node in nodes:
        line = node.line
        parsed = parse_line(line.text[1:])
        value = parsed[0].value if parsed and isinstance(parsed[0], ast.Expr) else None
        arguments = value.args if isinstance(value, ast.Call) else []
        named = value.func if isinstance(value, ast.Call) else value
        name = named.id if isinstance(named, ast.Name) else ""
        if not name:
            source.problem(line.start, line.end, "syntax error")
        parts = tuple(read_expression(source, line.start + 1, each) for each in arguments)
        yield _DECORATORS.get(name, name), Base(line.start, line.end, name, parts)


def read_function(
    source: Source, node: Node, decorators: Sequence[Node], default: str = "internal"
) -> Function | None:
    """Read a function with its decorators.

    Args:
        source: the file.
        node: the line with `def`, and its body.
        decorators: the lines above it.
        default: the visibility of a function that says nothing.
    """
    line = node.line
    text = line.text if b":" in line.text else line.text + b":"
    parsed = parse_line(header(text))
    if not parsed or not isinstance(parsed[0], ast.FunctionDef):
        source.problem(line.start, line.end, line.reason or "syntax error")
        return _nameless(source, node)
    found = parsed[0]
    words = dict(_decorators(source, decorators))
    visible = next((word for word in words if word in _VISIBILITY), "")
    kind = _KINDS.get(found.name, "function")
    if kind == "constructor":
        visible = "external"
    inline = [each for each in found.body if not isinstance(each, ast.Pass)]
    word = _only_word(inline)
    mutability = next((each for each in words if each in _MUTABILITY), word)
    body = None if word else read_block(source, node.body, line.end)
    start = decorators[0].line.start if decorators else line.start
    return Function(
        start,
        node.end,
        kind,
        found.name,
        tuple(_parameters(source, line.start, found.args)),
        tuple(_results(source, line.start, found.returns)),
        visible or default,
        mutability.removeprefix("nonpayable"),
        tuple(base for name, base in words.items() if name in _LOCKS),
        body,
    )


def _nameless(source: Source, node: Node) -> Function | None:
    """Keep the body of a function whose header cannot be read."""
    if not node.body:
        return None
    found = _NAMED.match(node.line.text)
    name = found[1].decode("utf-8", "replace") if found else "unread"
    body = read_block(source, node.body, node.line.end)
    kind = _KINDS.get(name, "function")
    return Function(node.line.start, node.end, kind, name, (), (), "external", "", (), body)


def _only_word(body: Sequence[ast.stmt]) -> str:
    """Return the word that stands for the body in an interface: `view`, or `...` as nonpayable."""
    match body:
        case [ast.Expr(value=ast.Name(id=word))] if word in (*_MUTABILITY, "modifying", "constant"):
            return {"modifying": "nonpayable", "constant": "view"}.get(word, word)
        case [ast.Expr(value=ast.Constant(value=value))] if value is ...:
            return "nonpayable"
        case _:
            return ""


def _parameters(source: Source, base: int, arguments: ast.arguments) -> Iterator[Variable]:
    given = arguments.args
    defaults = [None] * (len(given) - len(arguments.defaults)) + list(arguments.defaults)
    for each, default in zip(given, defaults, strict=True):
        kind = None if each.annotation is None else read_type(source, base, each.annotation)
        value = None if default is None else read_expression(source, base, default)
        yield Variable(*span(base, each), each.arg, kind, "", value)


def _results(source: Source, base: int, node: ast.expr | None) -> Iterator[Variable]:
    items = [] if node is None else node.elts if isinstance(node, ast.Tuple) else [node]
    for item in items:
        yield Variable(*span(base, item), "", read_type(source, base, item))


def read_state_variable(source: Source, base: int, node: ast.AnnAssign) -> StateVariable | None:
    """Read `name: public(constant(T)) = value`."""
    if not isinstance(node.target, ast.Name):
        return None
    words: set[str] = set()
    inner = node.annotation
    while isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.args:
        words.add(inner.func.id)
        inner = inner.args[0]
    value = None if node.value is None else read_expression(source, base, node.value)
    mutability = next((word for word in sorted(words) if word in _STORED), "")
    visibility = "public" if "public" in words else "internal"
    kind = read_type(source, base, inner)
    return StateVariable(*span(base, node), node.target.id, kind, visibility, mutability, value)


def read_members(source: Source, node: Node) -> Structure | Enumeration | Signature | None:
    """Read a struct, a flag (once enum), an event or an error."""
    line = node.line
    found = _NAMED.match(line.text)
    if found is None or line.reason:
        source.problem(line.start, line.end, line.reason or "syntax error")
        return None
    kind, name = line.text.split()[0].decode(), found[1].decode("utf-8", "replace")
    place = (line.start, node.end)
    if kind in ("flag", "enum"):
        return Enumeration(*place, name, tuple(_values(node)))
    members = tuple(_fields(source, node))
    if kind == "struct":
        return Structure(*place, name, members)
    return Signature(*place, "event" if kind == "event" else "error", name, members)


def _values(node: Node) -> Iterator[str]:
    for each in node.body:
        word = each.line.text.split(b"=")[0].strip().decode("utf-8", "replace")
        if word.isidentifier() and word != "pass":
            yield word


def _fields(source: Source, node: Node) -> Iterator[Variable]:
    for each in node.body:
        line = each.line
        for statement in parse_line(line.text) or ():
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                kind = read_type(source, line.start, statement.annotation)
                yield Variable(*span(line.start, statement), statement.target.id, kind)


def read_interface(source: Source, node: Node, empty: Contract) -> Contract:
    """Read an interface that is declared inside of a file."""
    found = _NAMED.match(node.line.text)
    name = found[1].decode("utf-8", "replace") if found else ""
    functions = tuple(
        made
        for each in node.body
        if each.line.text.startswith(b"def")
        and (made := read_function(source, each, (), "external")) is not None
    )
    start, end = node.line.start, node.end
    return empty._replace(start=start, end=end, kind="interface", name=name, functions=functions)


def fragment(source: Source, nodes: list[Node]) -> Function:
    """Read statements that stand outside of any function as the body of one."""
    body: Block = read_block(source, nodes, nodes[0].line.start)
    start, end = nodes[0].line.start, nodes[-1].end
    source.problem(start, start, "no function round the code")
    return Function(start, end, "function", "fragment", (), (), "external", "", (), body)
