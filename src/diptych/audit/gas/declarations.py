"""State variables that nothing changes after a while, and how their declarations are changed."""

import re
from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.gas.site import GasSite
from diptych.audit.syntax.unit import StateVariable

__all__ = ["assigned_by", "with_word"]


def assigned_by(site: GasSite, variable: StateVariable) -> frozenset[str]:
    """Return the kinds of functions that assign to a variable, in this contract and its heirs."""
    owners = {id(each): each for heir in site.heirs for each in heir.ancestry}
    return frozenset(
        function.kind
        for owner in owners.values()
        for function in owner.tree.functions
        if function.body is not None and variable.name in site.assigned(function)
    )


def with_word(site: GasSite, variable: StateVariable, word: str) -> Iterator[Edit]:
    """Yield the edit that puts a word before the name in a declaration."""
    end = variable.value.start if variable.value is not None else variable.end
    declared = site.text.data[variable.start : end]
    found = [*re.finditer(rb"\b" + re.escape(variable.name.encode()) + rb"\b", declared)]
    if found:
        at = variable.start + found[-1].start()
        yield Edit(at, at, f"{word} ")
