"""A variable that only the constructor sets: immutable, so that it lies in the code."""

from collections.abc import Iterator

from diptych.audit.gas.declarations import assigned_by, with_word
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import VALUES, GasSite

__all__ = ["IMMUTABLE_VARIABLE"]


def _find(site: GasSite) -> Iterator[Candidate]:
    for variable in site.contract.tree.variables:
        if variable.mutability or site.type_of(variable).kind not in VALUES:
            continue
        if assigned_by(site, variable) == {"constructor"}:
            edits = tuple(with_word(site, variable, "immutable"))
            if edits:
                yield Candidate(None, variable.name, edits)


IMMUTABLE_VARIABLE = Rewrite(
    "immutable-variable",
    "make a variable immutable",
    _find,
    since=(0, 6, 5),
    moves_storage=True,
)
