"""The length of an array in storage, read again in each turn of a loop."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite, in_blocks
from diptych.audit.syntax.statements import Loop, Statement
from diptych.audit.syntax.tree import Member, Name
from diptych.audit.syntax.unit import Function

__all__ = ["CACHED_LENGTH"]


def _find(site: GasSite) -> Iterator[Candidate]:
    for function in site.functions:
        for _, statement in in_blocks(function):
            if isinstance(statement, Loop) and statement.test is not None:
                yield from _cached(site, function, statement)


def _cached(site: GasSite, function: Function, loop: Statement) -> Iterator[Candidate]:
    assert isinstance(loop, Loop)
    loads = {
        (op.start, op.end): op.place.variable
        for _, op in site.ops(function, "load")
        if op.place.where == "storage" and op.place.field == "length"
    }
    for node in inside(loop.test):
        if not isinstance(node, Member) or not isinstance(node.base, Name):
            continue
        variable = loads.get((node.start, node.end))
        if variable is None or not site.is_steady(function, variable):
            continue
        name = site.free_name(f"{node.base.text}Length")
        declared = site.before(loop, f"uint256 {name} = {site.source(node)};")
        yield Candidate(function, node.base.text, (declared, Edit(node.start, node.end, name)))


CACHED_LENGTH = Rewrite("cached-length", "read an array's length once", _find)
