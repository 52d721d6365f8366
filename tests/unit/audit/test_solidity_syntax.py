"""Solidity source is read as the language binds it, and broken source as far as it goes."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych.audit.syntax.solidity.reader import read_solidity
from diptych.audit.syntax.solidity.text import number
from diptych.audit.syntax.statements import (
    Assembly,
    Block,
    Declare,
    Evaluate,
    If,
    Jump,
    Loop,
    Revert,
    Statement,
)
from diptych.audit.syntax.tree import (
    Assign,
    Binary,
    Call,
    Conditional,
    Index,
    Member,
    Name,
    Number,
    Sequence,
    TypeExpression,
    Unary,
    Update,
)


def statements(body: str) -> tuple[Statement, ...]:
    unit = read_solidity(b"contract C { function f() public { " + body.encode() + b" } }")
    assert unit.problems == ()
    found = unit.contracts[0].functions[0].body
    assert found is not None
    return found.statements


def shape(node: Any) -> str:
    """Write an expression with a bracket round every operation."""
    return _SHAPES.get(type(node), lambda _: type(node).__name__)(node)


def _update(node: Any) -> str:
    operand = shape(node.operand)
    return f"({node.operator}{operand})" if node.prefix else f"({operand}{node.operator})"


def _call(node: Any) -> str:
    options = "".join(f"{{{name}: {shape(value)}}}" for name, value in node.options)
    return f"{shape(node.function)}{options}({', '.join(map(shape, node.arguments))})"


_SHAPES: dict[type, Callable[[Any], str]] = {
    Name: lambda n: str(n.text),
    Number: lambda n: str(n.text),
    TypeExpression: lambda n: str(n.type.name),
    Member: lambda n: f"{shape(n.base)}.{n.name}",
    Index: lambda n: f"{shape(n.base)}[{shape(n.key)}]",
    Unary: lambda n: f"({n.operator}{shape(n.operand)})",
    Update: _update,
    Binary: lambda n: f"({shape(n.left)} {n.operator} {shape(n.right)})",
    Assign: lambda n: f"({shape(n.left)} {n.operator}= {shape(n.right)})",
    Conditional: lambda n: f"({shape(n.test)} ? {shape(n.yes)} : {shape(n.no)})",
    Call: _call,
    Sequence: lambda n: "<" + ", ".join("" if x is None else shape(x) for x in n.items) + ">",
}


@pytest.mark.parametrize(
    ("written", "bound"),
    [
        ("a || b.c(d)", "(a || b.c(d))"),
        ("a == b || m.s == address(this)", "((a == b) || (m.s == address(this)))"),
        ("!a.b(c)", "(!a.b(c))"),
        ("!a.b(c) && d", "((!a.b(c)) && d)"),
        ("(!a).b", "(!a).b"),
        ("delete m[a][1]", "(deletem[a][1])"),
        ("++x[1]", "(++x[1])"),
        ("a.b++", "(a.b++)"),
        ("a & b == c", "((a & b) == c)"),
        ("a | b ^ c & d", "(a | (b ^ (c & d)))"),
        ("a << 2 ** 3 ** b", "(a << (2 ** (3 ** b)))"),
        ("a - b - c", "((a - b) - c)"),
        ("a * b / c % d", "(((a * b) / c) % d)"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("x = y = a + b ? c : d", "(x = (y = ((a + b) ? c : d)))"),
        ("a = b += c", "(a = (b += c))"),
        ("a.call.value(v).gas(g)(d)", "a.call{value: v}{gas: g}(d)"),
        ("a.f{value: v, gas: g}(d).h()", "a.f{value: v}{gas: g}(d).h()"),
        ("token.value(v)", "token.value(v)"),
        ("(a, , b) = f()", "(<a, , b> = f())"),
        ("uint(-1)", "uint256((-1))"),
        ("1 ether + 2 days", "(1 ether + 2 days)"),
    ],
)
def test_operators_bind_as_the_language_says(written: str, bound: str) -> None:
    (statement,) = statements(f"{written};")
    assert isinstance(statement, Evaluate)
    assert shape(statement.expression) == bound


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1_000", 1000),
        ("0xff", 255),
        ("1e18", 10**18),
        ("2.5e1", 25),
        ("1.5 ether", 15 * 10**17),
        ("2 days", 172800),
        ("0.5", None),
        ("1e999999", None),
        ("9" * 5000, None),
    ],
)
def test_numbers_are_exact_or_none(text: str, value: int | None) -> None:
    assert number(text) == value


def test_statements_keep_what_they_declare_and_where() -> None:
    found = statements(
        "var (p, q) = g(); for (uint i = 0; i < 3; i++) { continue; } throw;"
        " assembly { let z := sload(0) switch z case 0 { stop() } default { } }"
    )
    assert isinstance(found[0], Declare)
    assert [variable and variable.name for variable in found[0].variables] == ["p", "q"]
    assert isinstance(found[1], Loop)
    assert isinstance(found[1].body, Block)
    jump = found[1].body.statements[0]
    assert isinstance(jump, Jump)
    assert jump.kind == "continue"
    assert isinstance(found[2], Revert)
    assert isinstance(found[3], Assembly)
    switch = found[3].body.statements[1]
    assert isinstance(switch, If)
    assert isinstance(switch.yes, Block)
    assert isinstance(switch.yes.statements[0], Evaluate)


def test_a_constructor_by_name_and_old_words_are_understood() -> None:
    unit = read_solidity(
        b"contract Old { function Old() {} function() payable {} function g() constant {} }"
    )
    functions = unit.contracts[0].functions
    assert [function.kind for function in functions] == ["constructor", "fallback", "function"]
    assert functions[2].mutability == "view"


@pytest.mark.parametrize(
    ("source", "functions"),
    [
        (b"function f() public { g(); }", {"f"}),
        (b"uint x; modifier m() { _; } function f() public m { x = 1; }", {"m", "f"}),
        (b"contract C { function f() public { if (a) { b();", {"f"}),
        (b"contract C { function f() public { b(); } function g() public { ", {"f", "g"}),
        (b"msg.sender.call(''); x = 1;", {"fragment"}),
    ],
)
def test_fragments_and_truncated_files_give_what_they_hold(
    source: bytes, functions: set[str]
) -> None:
    unit = read_solidity(source)
    nodes = [*unit.contracts, unit.free]
    assert {f.name for node in nodes for f in node.functions} >= functions


def test_a_repair_moves_no_line() -> None:
    source = b"x = 1;\nmsg.sender.transfer(1);\n"
    unit = read_solidity(source)
    body = unit.contracts[0].functions[0].body
    assert body is not None
    call = body.statements[1]
    assert source[call.start - unit.shift : call.end - unit.shift].startswith(b"msg.sender")


def test_what_cannot_be_read_is_listed_and_the_rest_kept() -> None:
    unit = read_solidity(b"contract C { uint a; function f() public { a = = 1; } uint b; }")
    assert unit.problems
    assert {variable.name for variable in unit.contracts[0].variables} == {"a", "b"}


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 5000 + "1" + ")" * 5000,
        "!" * 5000 + "a",
        "a[" * 3000 + "1" + "]" * 3000,
        "1 " + "+ 1" * 9000,
    ],
)
def test_deep_nesting_is_bounded(expression: str) -> None:
    unit = read_solidity(
        b"contract C { function f() public { x = " + expression.encode() + b"; } }"
    )
    assert len(unit.contracts) <= 1


_WORDS = ("contract C", "function f()", "if", "mapping", "=>", "assembly", "let", ":=", "/*")
_PIECES = st.sampled_from(
    (*'{}();x=1_[].\\"\0é', *_WORDS),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES, max_size=40))
def test_no_source_makes_the_reader_fail(pieces: list[str]) -> None:
    data = " ".join(pieces).encode()
    unit = read_solidity(data)
    assert all(0 <= p.start <= p.end <= len(data) + unit.shift + 50 for p in unit.problems)
