"""What the readers of one file share: its bytes, how deep they are, what they could not read."""

from collections.abc import Callable, Iterator
from fractions import Fraction

from tree_sitter import Node

from diptych.audit.syntax.tree import Expression
from diptych.audit.syntax.unit import Problem

__all__ = ["MAX_DEPTH", "Source", "bare", "named", "number", "string_bytes"]

MAX_DEPTH = 96
_UNITS = {
    "wei": 1,
    "gwei": 10**9,
    "szabo": 10**12,
    "finney": 10**15,
    "ether": 10**18,
    "seconds": 1,
    "minutes": 60,
    "hours": 3600,
    "days": 86400,
    "weeks": 604800,
    "years": 31536000,
}
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"\n": b""}
_WRAPPERS = frozenset({"expression", "statement", "expression_statement"})
_MAX_NUMBER = 90
_MAX_EXPONENT = 300


class Source:
    """One file while it is read; `read` is how any reader gets at an expression."""

    def __init__(self, data: bytes, read: "Callable[[Source, Node | None], Expression]") -> None:
        self.data = data
        self._read = read
        self.depth = 0
        self.problems: list[Problem] = []

    def text(self, node: Node) -> str:
        """Return the source text of a node."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def expression(self, node: Node | None) -> Expression:
        """Read the expression that stands in a node."""
        return self._read(self, node)

    def field(self, node: Node, name: str) -> str:
        """Return the text of a field, or an empty string."""
        child = node.child_by_field_name(name)
        return self.text(child) if child is not None else ""

    def problem(self, node: Node, reason: str) -> None:
        """Note that a node could not be read."""
        self.problems.append(Problem(node.start_byte, node.end_byte, reason))


def bare(node: Node | None) -> Node | None:
    """Take off the grammar's wrappers, but no parentheses."""
    while node is not None and node.type in _WRAPPERS:
        node = next(named(node), None)
    return node


def named(node: Node) -> Iterator[Node]:
    """Yield the named children that are not comments."""
    for child in node.named_children:
        if child.type != "comment":
            yield child


def number(text: str) -> int | None:
    """Read a Solidity number literal with its unit; None for a fraction or an absurd size."""
    parts = text.replace("_", "").split()
    if not parts or len(parts[0]) > _MAX_NUMBER:
        return None
    digits = parts[0].lower()
    unit = _UNITS.get(parts[1], 1) if len(parts) > 1 else 1
    try:
        if digits.startswith("0x"):
            return int(digits, 16) * unit
        mantissa, _, exponent = digits.partition("e")
        power = int(exponent or 0)
        if abs(power) > _MAX_EXPONENT:
            return None
        value = Fraction(mantissa) * Fraction(10) ** power * unit
    except (ValueError, ZeroDivisionError):
        return None
    return value.numerator if value.denominator == 1 else None


def string_bytes(raw: bytes) -> bytes:
    """Take the quotes and the escapes off one string literal."""
    body = raw[1:-1] if len(raw) > 1 else b""
    if b"\\" not in body:
        return body
    out = bytearray()
    at = 0
    while at < len(body):
        if body[at : at + 1] != b"\\":
            out += body[at : at + 1]
            at += 1
            continue
        taken, value = _escape(body, at + 1)
        out += value
        at += 1 + taken
    return bytes(out)


def _escape(body: bytes, at: int) -> tuple[int, bytes]:
    """Read what follows a backslash: how many bytes it takes, and what it stands for."""
    mark = body[at : at + 1]
    width = {b"x": 2, b"u": 4}.get(mark)
    if width is None:
        return 1, _ESCAPES.get(mark, mark)
    digits = body[at + 1 : at + 1 + width]
    try:
        value = int(digits, 16)
    except ValueError:
        return 1, mark
    return 1 + width, bytes([value]) if width == 2 else chr(value).encode("utf-8", "replace")
