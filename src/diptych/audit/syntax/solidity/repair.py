"""Readings of a broken file: as it is, with its braces closed, as a contract's or function's body.

Every attempt only adds text before the first line or after the last, so line numbers stand.
"""

import re
from typing import NamedTuple

from tree_sitter import Node, Parser, Tree

__all__ = ["Reading", "best_reading"]

_TOKENS = re.compile(
    rb"//[^\n]*|/\*.*?(?:\*/|\Z)|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?|[{}]", re.DOTALL
)
_WRAPPERS = (b"", b"contract Fragment { ", b"contract Fragment { function fragment() public { ")
_GOOD_ENOUGH = 0.02


class Reading(NamedTuple):
    """A parsed text: what was added before it, how many bytes are in error, what was repaired."""

    prefix: bytes
    data: bytes
    tree: Tree
    error_bytes: int
    repair: str = ""


def best_reading(parser: Parser, data: bytes) -> Reading:
    """Parse a file in the way that leaves the fewest bytes unread.

    Args:
        parser: a Solidity parser.
        data: the file as it is.
    """
    best = _reading(parser, b"", data, b"")
    if best.error_bytes == 0:
        return best
    deficit, headless = _balance(data)
    for prefix in _WRAPPERS if headless else (b"",):
        wanted = deficit + prefix.count(b"{")
        if not prefix and not deficit:
            continue
        attempt = _reading(parser, prefix, data, b"\n" + b"}" * max(wanted, 0))
        if attempt.error_bytes < best.error_bytes * (1 - _GOOD_ENOUGH):
            repair = "no contract round the code" if prefix else "ends inside of a block"
            best = attempt._replace(repair=repair)
    return best


def _reading(parser: Parser, prefix: bytes, data: bytes, suffix: bytes) -> Reading:
    text = prefix + data + suffix
    tree = parser.parse(text)
    return Reading(prefix, text, tree, _error_bytes(tree.root_node))


def _balance(data: bytes) -> tuple[int, bool]:
    """Count the braces left open, and whether any contract is declared at all."""
    depth = 0
    for token in _TOKENS.finditer(data):
        if token[0] == b"{":
            depth += 1
        elif token[0] == b"}":
            depth -= 1
    headless = not re.search(rb"\b(contract|library|interface)\s+\w+[^{};]*\{", data)
    return depth, headless


def _error_bytes(root: Node) -> int:
    total = 0
    pending = [root]
    while pending:
        node = pending.pop()
        if node.is_error:
            total += max(1, node.end_byte - node.start_byte)
        elif node.is_missing:
            total += 1
        elif node.has_error:
            pending.extend(node.children)
    return total
