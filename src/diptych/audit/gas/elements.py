"""Where functions look up mappings in storage by a key that never changes."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from diptych.audit.fixes.walk import inside
from diptych.audit.gas.site import GasSite
from diptych.audit.syntax.tree import Assign, Index, MappingType, Name, TypeName, Unary
from diptych.audit.syntax.unit import Function, StateVariable

__all__ = ["Lookup", "local_names", "lookups"]


class Lookup(NamedTuple):
    """`mapping[key]` and every place in a function where it stands."""

    variable: StateVariable
    words: str
    value: TypeName
    places: tuple[Index, ...]


def lookups(site: GasSite, function: Function) -> Iterator[Lookup]:
    """Yield lookups of the contract's own mappings; those that are replaced whole are left out."""
    replaced = _replaced(site, function)
    for words, places in _fixed(site, function).items():
        base = places[0].base
        assert isinstance(base, Name)
        variable = site.variables.get(base.text)
        if variable is None or not site.is_own(variable) or words in replaced:
            continue
        if isinstance(variable.type, MappingType):
            yield Lookup(variable, words, variable.type.value, tuple(places))


def _fixed(site: GasSite, function: Function) -> dict[str, list[Index]]:
    """Return the lookups by a key that never changes, by their words."""
    found: dict[str, list[Index]] = {}
    hidden = local_names(function)
    for node in inside(function.body):
        if not isinstance(node, Index) or not isinstance(node.base, Name):
            continue
        if node.base.text not in hidden and site.is_fixed(function, node.key):
            found.setdefault(site.source(node), []).append(node)
    return found


def _replaced(site: GasSite, function: Function) -> set[str]:
    """Return what is assigned or deleted as a whole."""
    found: set[str] = set()
    for node in inside(function.body):
        if isinstance(node, Assign):
            found.add(site.source(node.left))
        elif isinstance(node, Unary) and node.operator == "delete":
            found.add(site.source(node.operand))
    return found


def local_names(function: Function) -> set[str]:
    """Return the names of parameters, results and locals, which may hide state variables."""
    declared: list[Any] = [*function.parameters, *function.returns]
    for node in inside(function.body):
        declared += [each for each in getattr(node, "variables", ()) if each is not None]
    return {each.name for each in declared}
