"""State variables in an order in which they share slots."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.packing import packed_order
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite
from diptych.audit.syntax.tree import Number, Text, Truth
from diptych.audit.syntax.unit import StateVariable

__all__ = ["STATE_PACKING"]


def _find(site: GasSite) -> Iterator[Candidate]:
    variables = [each for each in site.contract.tree.variables if not each.mutability]
    if not all(_is_plain(each) for each in variables):
        return
    order = packed_order([site.type_of(each) for each in variables])
    if order is None:
        return
    edits = tuple(
        Edit(old.start, old.end, site.source(variables[at]))
        for old, at in zip(variables, order, strict=True)
        if variables[at] is not old
    )
    yield Candidate(None, "order of variables", edits)


def _is_plain(variable: StateVariable) -> bool:
    """Whether a variable begins empty or with a literal, so that order does not matter."""
    return variable.value is None or all(
        isinstance(each, Number | Truth | Text) for each in inside(variable.value)
    )


STATE_PACKING = Rewrite("state-packing", "let variables share slots", _find, moves_storage=True)
