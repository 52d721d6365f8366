"""`i++` whose value nobody takes: `++i` keeps no copy of the old one."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite
from diptych.audit.syntax.statements import Evaluate, Loop
from diptych.audit.syntax.tree import Update

__all__ = ["PREFIX_INCREMENT"]


def _find(site: GasSite) -> Iterator[Candidate]:
    for function in site.functions:
        effects = [
            node.update if isinstance(node, Loop) else node.expression
            for node in inside(function.body)
            if isinstance(node, Loop | Evaluate)
        ]
        edits = tuple(
            Edit(each.start, each.end, f"{each.operator}{site.source(each.operand)}")
            for each in dict.fromkeys(effects)
            if isinstance(each, Update) and not each.prefix
        )
        if edits:
            yield Candidate(function, "counters", edits)


PREFIX_INCREMENT = Rewrite("prefix-increment", "count with ++i", _find)
