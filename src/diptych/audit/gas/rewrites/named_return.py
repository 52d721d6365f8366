"""A local that is only there to be returned: the return value can bear its name."""

import re
from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite
from diptych.audit.syntax.statements import Assembly, Declare, Return
from diptych.audit.syntax.tree import Name
from diptych.audit.syntax.unit import Function

__all__ = ["NAMED_RETURN"]


def _find(site: GasSite) -> Iterator[Candidate]:
    for function in site.functions:
        edits = tuple(_edits(site, function))
        if edits:
            yield Candidate(function, "result", edits)


def _edits(site: GasSite, function: Function) -> Iterator[Edit]:
    local = _returned(site, function)
    if local is None:
        return
    declared, last = local
    variable, result = declared.variables[0], function.returns[0]
    assert variable is not None
    yield Edit(result.end, result.end, f" {variable.name}")
    end = site.statement_end(declared)
    if declared.value is None:
        yield Edit(declared.start, end, "")
    else:
        yield Edit(declared.start, variable.end, variable.name)
    start = site.text.data.rfind(b"\n", 0, last.start)
    gap = site.text.data[start : last.start].strip()
    yield Edit(last.start if gap else start, site.statement_end(last), "")


def _returned(site: GasSite, function: Function) -> tuple[Declare, Return] | None:
    """Return the declaration of the local that the only `return` at the end gives back."""
    body = function.body
    if body is None or not body.statements or len(function.returns) != 1:
        return None
    last, result = body.statements[-1], function.returns[0]
    if result.name or not isinstance(last, Return) or not isinstance(last.value, Name):
        return None
    nodes = [*inside(body)]
    if sum(isinstance(each, Return | Assembly) for each in nodes) > 1:
        return None
    named = last.value.text
    for each in body.statements:
        if isinstance(each, Declare) and len(each.variables) == 1:
            one = each.variables[0]
            if one is not None and one.name == named:
                words = re.sub(rf"\s*\b{re.escape(named)}$", "", site.source(one))
                same = " ".join(words.split()) == " ".join(site.source(result).split())
                return (each, last) if same else None
    return None


NAMED_RETURN = Rewrite("named-return", "name the return value", _find, since=(0, 5, 0))
