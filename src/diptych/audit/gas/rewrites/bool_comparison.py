"""`x == true`: a truth value needs no comparison."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite
from diptych.audit.syntax.tree import Binary, Call, Index, Member, Name, Truth

__all__ = ["BOOL_COMPARISON"]


def _find(site: GasSite) -> Iterator[Candidate]:
    for function in site.functions:
        edits = tuple(
            Edit(node.start, node.end, f"{'' if _stays(node) else '!'}{site.source(node.left)}")
            for node in inside(function.body)
            if isinstance(node, Binary)
            and node.operator in ("==", "!=")
            and isinstance(node.right, Truth)
            and isinstance(node.left, Name | Member | Index | Call)
            and site.slice(node.left.end, node.right.start).strip() == node.operator
        )
        if edits:
            yield Candidate(function, "tests", edits)


def _stays(node: Binary) -> bool:
    assert isinstance(node.right, Truth)
    return node.right.value == (node.operator == "==")


BOOL_COMPARISON = Rewrite("bool-comparison", "test truth values as they are", _find)
