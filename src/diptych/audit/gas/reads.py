"""Where functions read state variables, and mappings at one key."""

from collections.abc import Iterator
from typing import TypeAlias

from diptych.audit.gas.site import GasSite, type_words
from diptych.audit.syntax.unit import Function, StateVariable

__all__ = ["Span", "plain_reads"]

Span: TypeAlias = tuple[int, int]


def plain_reads(
    site: GasSite, function: Function
) -> Iterator[tuple[StateVariable, tuple[Span, ...]]]:
    """Yield each state variable of a value type with the places where its bare name is read."""
    found: dict[int, tuple[StateVariable, dict[Span, None]]] = {}
    for _, op in site.ops(function, "load"):
        variable = op.place.variable
        if variable is None or op.place.where != "storage" or op.place.field:
            continue
        if site.slice(op.start, op.end) == variable.name:
            found.setdefault(id(variable), (variable, {}))[1][op.start, op.end] = None
    for variable, spans in found.values():
        known = site.variables.get(variable.name)
        if known is variable and type_words(site.type_of(variable)):
            yield variable, tuple(spans)
