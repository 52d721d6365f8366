"""`stored && given`: the cheap test first, where neither can fail or change anything."""

from collections.abc import Iterator
from typing import Any

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite
from diptych.audit.graph.ops import Op
from diptych.audit.syntax.tree import Binary
from diptych.audit.syntax.unit import Function

__all__ = ["SHORT_CIRCUIT"]

_TESTS = frozenset({"==", "!=", "<", ">", "<=", ">=", "&&", "||"})
_SAFE = frozenset(
    {"ref", "load", "const", "zero", "limit", "env", "param", "phi", "cast", "binary"}
)


def _find(site: GasSite) -> Iterator[Candidate]:
    for function in site.functions:
        for node in inside(function.body):
            if isinstance(node, Binary) and node.operator in ("&&", "||"):
                yield from _swapped(site, function, node)


def _swapped(site: GasSite, function: Function, node: Binary) -> Iterator[Candidate]:
    if not _is_bare(site, node):
        return
    left, right = (_within(site, function, each) for each in (node.left, node.right))
    if not _is_harmless(left) or not _is_harmless(right) or _reads(right) or not _reads(left):
        return
    edits = (
        Edit(node.left.start, node.left.end, site.source(node.right)),
        Edit(node.right.start, node.right.end, site.source(node.left)),
    )
    yield Candidate(function, site.source(node), edits)


def _is_bare(site: GasSite, node: Binary) -> bool:
    """Whether both sides are comparisons or names that need no brackets in the other's place."""
    gap = site.slice(node.left.end, node.right.start)
    return gap.strip() == node.operator and not any(
        isinstance(side, Binary) and side.operator in ("&&", "||")
        for side in (node.left, node.right)
    )


def _within(site: GasSite, function: Function, node: Any) -> list[Op]:
    return [
        op
        for view in site.views(function)
        for op in view.ops
        if op.frame.function is function and node.start <= op.start and op.end <= node.end
    ]


def _is_harmless(ops: list[Op]) -> bool:
    """Whether nothing in it can revert or change anything; what a mapping holds is always there."""
    return bool(ops) and all(_cannot_fail(op) for op in ops)


def _cannot_fail(op: Op) -> bool:
    if op.kind == "element":
        return bool(op.operands) and op.operands[0].type.kind in ("mapping", "struct")
    if op.kind == "binary":
        return op.attribute in _TESTS
    if op.kind == "unary":
        return op.attribute == "!"
    return op.kind in _SAFE


def _reads(ops: list[Op]) -> bool:
    return any(op.kind == "load" and op.place.where == "storage" for op in ops)


SHORT_CIRCUIT = Rewrite("short-circuit", "test what is cheap first", _find)
