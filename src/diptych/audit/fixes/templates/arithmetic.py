"""Arithmetic: demand that nothing wraps, is cut off or is rounded too early."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.site import Place, Site, expression_at
from diptych.audit.fixes.template import Template, Writer
from diptych.audit.fixes.walk import Node, around, inside
from diptych.audit.syntax.statements import Block, Loop
from diptych.audit.syntax.tree import (
    Assign,
    Binary,
    Call,
    Conditional,
    Expression,
    Member,
    TypeExpression,
    Update,
)

__all__ = ["CHECKED_ARITHMETIC", "CHECKED_CAST", "CHECKED_SINCE_0_8", "MULTIPLY_FIRST"]

_CHECKED_FROM = (0, 8, 0)
_OPERATORS = frozenset({"+", "-", "*"})


def steady_place(site: Site, node: Node) -> Place | None:
    """Return the statement before which an expression has the value that it has in place.

    None where the expression may not be evaluated at all, or more than once.
    """
    place = site.place(node.start, node.end)
    if place is None or isinstance(place.statement, Loop):
        return None
    way = place.path[place.path.index(place.statement) :]
    for outer in way:
        if isinstance(outer, Conditional) or (
            isinstance(outer, Binary) and outer.operator in ("&&", "||")
        ):
            return None
    effects = (each for each in inside(place.statement) if isinstance(each, Assign | Update))
    return None if any(each.end <= node.start for each in effects) else place


def is_plain(node: Node) -> bool:
    """Whether an expression can be evaluated twice: it changes nothing and calls nobody."""
    return not any(
        isinstance(each, Assign | Update)
        or (isinstance(each, Call) and not isinstance(each.function, TypeExpression))
        for each in inside(node)
    )


def _checked(site: Site, writer: Writer) -> list[Edit]:
    if site.version >= _CHECKED_FROM:
        return []
    for node in _arithmetic(site):
        parts = _parts(site, node)
        place = steady_place(site, node)
        bits = _unsigned_bits(site, node)
        if parts is not None and place is not None and bits:
            test = _condition(parts, f"~uint{bits}(0)")
            return site.before(place, writer.check(test, "arithmetic overflow"))
    return []


def _arithmetic(site: Site) -> Iterator[Node]:
    assert site.function is not None
    if site.function.body is None:
        return
    for node in reversed(around(site.function.body, site.start, site.end)):
        if isinstance(node, Binary | Assign | Update) and node.operator[:1] in _OPERATORS:
            yield node


def _parts(site: Site, node: Node) -> tuple[str, str, str] | None:
    """Return operator and both operands in words, None where they cannot be repeated."""
    if isinstance(node, Update):
        return (
            (node.operator[0], site.source(node.operand), "1") if is_plain(node.operand) else None
        )
    if not is_plain(node.left) or not is_plain(node.right):
        return None
    left, right = (_bracketed(site, each) for each in (node.left, node.right))
    return str(node.operator), left, right


def _bracketed(site: Site, node: Expression) -> str:
    text = site.source(node)
    return f"({text})" if isinstance(node, Binary | Conditional) else text


def _condition(parts: tuple[str, str, str], most: str) -> str:
    """Return what must hold for a sum, difference or product not to wrap."""
    operator, left, right = parts
    if operator == "+":
        return f"{right} <= {most} - {left}"
    if operator == "-":
        return f"{left} >= {right}"
    return f"{right} == 0 || {left} <= {most} / {right}"


def _unsigned_bits(site: Site, node: Node) -> int:
    op = site.op("binary", node.start, node.end)
    return op.type.bits if op is not None and op.type.kind == "uint" else 0


def _checked_since(site: Site, _writer: Writer) -> list[Edit]:
    """Take the word `unchecked` off the block that holds the finding."""
    if site.version < _CHECKED_FROM or site.function is None or site.function.body is None:
        return []
    for node in reversed(around(site.function.body, site.start, site.end)):
        if isinstance(node, Block) and node.unchecked:
            head = site.text.data[node.start : node.end].split(b"{", 1)[0]
            start = node.start
            if head.strip() != b"unchecked":
                start = site.text.data.rfind(b"unchecked", 0, node.start)
            brace = site.text.data.find(b"{", start)
            return [Edit(start, brace, "")] if start >= 0 else []
    return []


def _cast(site: Site, writer: Writer) -> list[Edit]:
    node = expression_at(site, Call)
    if node is None or not isinstance(node.function, TypeExpression) or not node.arguments:
        return []
    place = steady_place(site, node)
    if place is None or not is_plain(node.arguments[0]):
        return []
    value = _bracketed(site, node.arguments[0])
    return site.before(place, writer.check(f"{site.source(node)} == {value}", "value cut off"))


def _multiply_first(site: Site, _writer: Writer) -> list[Edit]:
    node = expression_at(site, Binary)
    if node is None or node.operator != "*" or not isinstance(node.left, Binary):
        return _library_first(site)
    divided = node.left
    if divided.operator != "/":
        return []
    top, bottom, factor = (
        _bracketed(site, each) for each in (divided.left, divided.right, node.right)
    )
    start = opening(site, node)
    return [Edit(start, node.end, f"{top} * {factor} / {bottom}")] if start >= 0 else []


def opening(site: Site, node: Binary) -> int:
    """Return where an expression begins, the brackets of its first operand included; else -1."""
    start = node.start
    while start > 0 and site.text.data.count(b")", start, node.end) > site.text.data.count(
        b"(", start, node.end
    ):
        start = site.text.data.rfind(b"(", 0, start)
        if site.text.data[start + 1 : node.start].strip(b"( \n\t"):
            return -1
    return start


def _library_first(site: Site) -> list[Edit]:
    """Do the same for `a.div(b).mul(c)`, as SafeMath has it."""
    node = expression_at(site, Call)
    if node is None or not _is_method(node, "mul"):
        return []
    assert isinstance(node.function, Member)
    inner = node.function.base
    if not isinstance(inner, Call) or not _is_method(inner, "div"):
        return []
    assert isinstance(inner.function, Member)
    top, bottom, factor = (
        site.source(each) for each in (inner.function.base, inner.arguments[0], node.arguments[0])
    )
    return [Edit(node.start, node.end, f"{top}.mul({factor}).div({bottom})")]


def _is_method(node: Call, name: str) -> bool:
    function = node.function
    return isinstance(function, Member) and function.name == name and len(node.arguments) == 1


_OVERFLOW = frozenset({"SWC-101"})
CHECKED_ARITHMETIC = Template(
    "demand that the result does not wrap",
    _OVERFLOW,
    frozenset({"integer-overflow", "type-deduction-overflow"}),
    _checked,
)
CHECKED_SINCE_0_8 = Template(
    "let the compiler check the arithmetic",
    _OVERFLOW,
    frozenset({"integer-overflow"}),
    _checked_since,
    panics=True,
)
CHECKED_CAST = Template(
    "demand that the value fits", frozenset(), frozenset({"unsafe-downcast"}), _cast
)
MULTIPLY_FIRST = Template(
    "multiply before dividing",
    frozenset(),
    frozenset({"division-before-multiplication"}),
    _multiply_first,
    rewritten=True,
)
