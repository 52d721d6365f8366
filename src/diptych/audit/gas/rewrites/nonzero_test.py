"""`x > 0` of an unsigned number: `x != 0` says the same."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite
from diptych.audit.syntax.tree import Binary, Number

__all__ = ["NONZERO_TEST"]


def _find(site: GasSite) -> Iterator[Candidate]:
    for function in site.functions:
        unsigned = {
            (op.start, op.end)
            for _, op in site.ops(function, "binary")
            if op.attribute == ">" and op.operands[0].type.kind == "uint"
        }
        edits = []
        for node in inside(function.body):
            if not isinstance(node, Binary) or (node.start, node.end) not in unsigned:
                continue
            if isinstance(node.right, Number) and node.right.value == 0:
                at = site.text.data.find(b">", node.left.end, node.right.start)
                edits.append(Edit(at, at + 1, "!="))
        if edits:
            yield Candidate(function, "tests", tuple(edits))


NONZERO_TEST = Rewrite("nonzero-test", "test unsigned numbers with != 0", _find)
