"""A loop's counter that its bound keeps from overflowing: no check is needed."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.proven import is_proven
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite
from diptych.audit.syntax.statements import Block, Jump, Loop
from diptych.audit.syntax.tree import Update
from diptych.audit.syntax.unit import Function

__all__ = ["UNCHECKED_INCREMENT"]


def _find(site: GasSite) -> Iterator[Candidate]:
    for function in site.functions:
        edits = tuple(edit for loop in _loops(site, function) for edit in _edits(site, loop))
        if edits:
            yield Candidate(function, "counters", edits)


def _loops(site: GasSite, function: Function) -> Iterator[Loop]:
    for node in inside(function.body):
        if not isinstance(node, Loop) or not isinstance(node.update, Update):
            continue
        if not isinstance(node.body, Block) or node.test_last:
            continue
        leaps = (isinstance(each, Jump) and each.kind == "continue" for each in inside(node.body))
        if not any(leaps) and is_proven(site, function, node.update):
            yield node


def _edits(site: GasSite, loop: Loop) -> Iterator[Edit]:
    update, body = loop.update, loop.body
    assert isinstance(update, Update)
    yield Edit(update.start, update.end, "")
    at = body.end - 1
    outer = site.indent(loop.start)
    text = f"unchecked {{ {update.operator}{site.source(update.operand)}; }}"
    yield Edit(at, at, f"    {text}\n{outer}")


UNCHECKED_INCREMENT = Rewrite(
    "unchecked-increment", "count without overflow checks", _find, since=(0, 8, 0)
)
