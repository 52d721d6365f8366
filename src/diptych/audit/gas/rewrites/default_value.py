"""`uint256 i = 0`: a variable begins at zero by itself."""

from collections.abc import Iterator
from typing import Any

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import VALUES, GasSite
from diptych.audit.syntax.statements import Declare
from diptych.audit.syntax.tree import Call, Number, Truth

__all__ = ["DEFAULT_VALUE"]


def _find(site: GasSite) -> Iterator[Candidate]:
    for variable in site.contract.tree.variables:
        is_value = site.type_of(variable).kind in VALUES
        if not variable.mutability and is_value and _is_zero(site, variable.value):
            assert variable.value is not None
            equals = site.text.data.rfind(b"=", variable.start, variable.value.start)
            start = equals - (site.text.data[equals - 1 : equals] == b" ")
            yield Candidate(None, variable.name, (Edit(start, variable.value.end, ""),))
    for function in site.functions:
        edits = tuple(
            Edit(node.variables[0].end, node.value.end, "")
            for node in inside(function.body)
            if isinstance(node, Declare)
            and len(node.variables) == 1
            and node.variables[0] is not None
            and not node.variables[0].location
            and node.value is not None
            and _is_zero(site, node.value)
        )
        if edits:
            yield Candidate(function, "locals", edits)


def _is_zero(site: GasSite, value: Any) -> bool:
    if isinstance(value, Number):
        return value.value == 0
    if isinstance(value, Truth):
        return not value.value
    return isinstance(value, Call) and site.source(value) == "address(0)"


# Before 0.5 a local lived as long as its function, so a loop did not set it back.
DEFAULT_VALUE = Rewrite("default-value", "leave zeros to the compiler", _find, since=(0, 5, 0))
