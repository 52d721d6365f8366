"""Expressions of Solidity as flat token lists.

The grammar's own nesting is not used: it binds postfix operators to whole binary expressions
(`a || b.c(d)` comes as `(a || b).c(d)`) and nests `?:` to the left. Its leaves are right, so they
are laid out in order here and bound anew in `expressions`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from tree_sitter import Node

from diptych.audit.syntax.solidity.text import Source, named

__all__ = ["Token", "tokens"]

_WRAPPERS = frozenset({"expression", "statement", "expression_statement"})
_FIELDS = {
    "member_expression": ("object",),
    "array_access": ("base",),
    "slice_access": ("base",),
    "call_expression": ("function",),
    "struct_expression": ("type",),
}
_INFIX = frozenset(
    {
        "binary_expression",
        "assignment_expression",
        "augmented_assignment_expression",
        "ternary_expression",
        "unary_expression",
        "update_expression",
    }
)


class Token(NamedTuple):
    """One token: an operand or a postfix operator with its node, or an operator by its text."""

    kind: str
    node: Node
    text: str = ""


def tokens(source: Source, root: Node) -> list[Token]:
    """Lay the tokens of an expression out in source order, without recursion."""
    found: list[Token] = []
    pending: list[Node | Token] = [root]
    while pending:
        item = pending.pop()
        if isinstance(item, Token):
            found.append(item)
        elif item.type in _WRAPPERS:
            pending.extend(reversed(list(named(item))[:1]))
        elif item.type in _FIELDS:
            base = item.child_by_field_name(_FIELDS[item.type][0])
            pending.append(Token(item.type, item))
            if base is not None:
                pending.append(base)
        elif item.type in _INFIX:
            pending.extend(reversed(list(_parts(source, item))))
        else:
            found.append(Token("operand", item))
    return found


def _parts(source: Source, node: Node) -> Iterator[Node | Token]:
    for child in node.children:
        if child.type == "comment":
            continue
        if child.is_named and not child.is_error:
            yield child
        else:
            yield Token("operator", child, source.text(child).strip())
