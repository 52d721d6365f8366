"""Unsigned division by a power of two: a shift."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite
from diptych.audit.syntax.tree import Binary, Index, Member, Name, Number

__all__ = ["SHIFT_DIVISION"]


def _find(site: GasSite) -> Iterator[Candidate]:
    for function in site.functions:
        unsigned = {
            (op.start, op.end)
            for _, op in site.ops(function, "binary")
            if op.attribute == "/" and op.operands[0].type.kind == "uint"
        }
        edits = []
        for node in inside(function.body):
            if not isinstance(node, Binary) or (node.start, node.end) not in unsigned:
                continue
            bits = _power(node.right)
            bare = isinstance(node.left, Name | Index | Member)
            if bits and bare and _alone(site, node):
                words = f"({site.source(node.left)} >> {bits})"
                edits.append(Edit(node.start, node.end, words))
        if edits:
            yield Candidate(function, "divisions", tuple(edits))


def _power(node: object) -> int:
    """Return the exponent of a power of two above one, else nothing."""
    value = node.value if isinstance(node, Number) else None
    return value.bit_length() - 1 if value and value > 1 and not value & (value - 1) else 0


def _alone(site: GasSite, node: Binary) -> bool:
    return site.slice(node.left.end, node.right.start).strip() == "/"


SHIFT_DIVISION = Rewrite("shift-division", "divide by powers of two with a shift", _find)
