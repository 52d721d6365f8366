"""Expressions of Solidity, bound by the language's own precedence."""

from collections.abc import Callable

from tree_sitter import Node

from diptych.audit.syntax.solidity import operands, postfix
from diptych.audit.syntax.solidity.text import MAX_DEPTH, Source, bare
from diptych.audit.syntax.solidity.tokens import Token, tokens
from diptych.audit.syntax.tree import (
    Assign,
    Binary,
    Conditional,
    Expression,
    Unary,
    Unread,
    Update,
)

__all__ = ["read"]

_LEVELS = (
    ("||",),
    ("&&",),
    ("==", "!="),
    ("<", ">", "<=", ">="),
    ("|",),
    ("^",),
    ("&",),
    ("<<", ">>", ">>>"),
    ("+", "-"),
    ("*", "/", "%"),
    ("**",),
)
_BINARY = {sign: level for level, signs in enumerate(_LEVELS, start=3) for sign in signs}
_ASSIGN = frozenset({"=", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=", "<<=", ">>=", ">>>="})
_PREFIX = frozenset({"!", "-", "+", "~", "delete", "++", "--", "after"})
_ASSIGN_LEVEL, _CONDITIONAL_LEVEL, _PREFIX_LEVEL = 1, 2, 20


def read(source: Source, node: Node | None) -> Expression:
    """Read one expression; what cannot be read comes back as `Unread` and is noted."""
    node = bare(node)
    if node is None:
        return Unread(0, 0)
    if source.depth > MAX_DEPTH:
        source.problem(node, "nested too deeply")
        return Unread(node.start_byte, node.end_byte)
    source.depth += 1
    try:
        simple = operands.READERS.get(node.type)
        return simple(source, node) if simple is not None else _bind(source, node)
    finally:
        source.depth -= 1


def _bind(source: Source, node: Node) -> Expression:
    binder = _Binder(source, tokens(source, node))
    value = binder.expression(_ASSIGN_LEVEL)
    if binder.at < len(binder.tokens):
        source.problem(binder.tokens[binder.at].node, "unexpected operator")
    return value


class _Binder:
    """A precedence-climbing parser over the tokens of one expression."""

    def __init__(self, source: Source, found: list[Token]) -> None:
        self.source = source
        self.tokens = found
        self.at = 0

    @property
    def may_nest(self) -> bool:
        """Whether one more level is within the limit, all that stands around it counted."""
        return self.source.depth <= MAX_DEPTH

    def operator(self) -> str:
        """Return the operator that comes next, or an empty string."""
        token = self.tokens[self.at] if self.at < len(self.tokens) else None
        return token.text if token is not None and token.kind == "operator" else ""

    def expression(self, least: int) -> Expression:
        """Parse an expression of operators that bind at least so tightly."""
        self.source.depth += 1
        left = self.prefix()
        while True:
            sign = self.operator()
            level = _BINARY.get(sign, 0)
            if level >= least and self.may_nest:
                self.at += 1
                right = self.expression(level + (sign != "**"))
                left = Binary(left.start, right.end, sign, left, right)
            elif sign == "?" and least <= _CONDITIONAL_LEVEL and self.may_nest:
                left = self.conditional(left)
            elif sign in _ASSIGN and least <= _ASSIGN_LEVEL and self.may_nest:
                self.at += 1
                right = self.expression(_ASSIGN_LEVEL)
                left = Assign(left.start, right.end, sign[:-1], left, right)
            else:
                self.source.depth -= 1
                return left

    def conditional(self, test: Expression) -> Expression:
        """Parse the rest of `test ? yes : no`."""
        self.at += 1
        yes = self.expression(_ASSIGN_LEVEL)
        if self.operator() == ":":
            self.at += 1
        no = self.expression(_CONDITIONAL_LEVEL)
        return Conditional(test.start, no.end, test, yes, no)

    def prefix(self) -> Expression:
        """Parse prefix operators, an operand and what is postfixed to it."""
        sign = self.operator()
        if sign in _PREFIX and self.may_nest:
            start = self.tokens[self.at].node.start_byte
            self.at += 1
            operand = self.expression(_PREFIX_LEVEL)
            if sign in ("++", "--"):
                return Update(start, operand.end, sign, operand, True)
            return Unary(start, operand.end, sign, operand)
        return self.postfix()

    def postfix(self) -> Expression:
        """Parse an operand and the postfix operators behind it."""
        if self.at >= len(self.tokens):
            return Unread(0, 0)
        token = self.tokens[self.at]
        self.at += 1
        if token.kind != "operand":
            self.source.problem(token.node, "an operand is missing")
            return Unread(token.node.start_byte, token.node.end_byte)
        value = self.source.expression(token.node)
        options: postfix.Options = ()
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            wrap: Callable[..., Expression] | None = postfix.LINKS.get(token.kind)
            if token.text in ("++", "--"):
                value = Update(value.start, token.node.end_byte, token.text, value, False)
            elif token.kind == "struct_expression":
                options = postfix.named_values(self.source, token.node)
            elif wrap is not None:
                value, options = wrap(self.source, token.node, value, options), ()
            else:
                break
            self.at += 1
        return value
