"""`require(a && b)`: two checks in a row need no value for both together."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.gas.conditions import Demand, demands, is_balanced
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite
from diptych.audit.syntax.tree import Binary

__all__ = ["SPLIT_CONDITION"]


def _find(site: GasSite) -> Iterator[Candidate]:
    for function in site.functions:
        edits = tuple(edit for each in demands(site, function) for edit in _split(site, each))
        if edits:
            yield Candidate(function, "conditions", edits)


def _split(site: GasSite, demand: Demand) -> Iterator[Edit]:
    test = demand.test
    if not isinstance(test, Binary) or test.operator != "&&":
        return
    place = site.text.data.find(b"&&", test.left.end, test.right.start)
    offset = site.text.data.find(demand.words.encode(), demand.statement.start)
    if place < 0 or offset < 0:
        return
    left = site.slice(offset, place).strip()
    right = demand.words[len(site.slice(offset, place)) + 2 :].strip()
    if not is_balanced(left) or not is_balanced(right):
        return
    reason = "" if demand.reason is None else f", {site.source(demand.reason)}"
    start, end = demand.statement.start, site.statement_end(demand.statement)
    indent = site.indent(start)
    text = f"require({left}{reason});\n{indent}require({right}{reason});"
    yield Edit(start, end, text)


SPLIT_CONDITION = Rewrite("split-condition", "demand one condition at a time", _find)
