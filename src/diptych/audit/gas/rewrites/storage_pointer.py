"""`m[k]` looked up again and again: a storage pointer works its place out once."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.gas.elements import lookups
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite

__all__ = ["STORAGE_POINTER"]

_PLACES = frozenset({"struct", "mapping", "array"})


def _find(site: GasSite) -> Iterator[Candidate]:
    for function in site.functions:
        for lookup in lookups(site, function):
            kind = site.contract.type_of(lookup.value).kind
            if len(lookup.places) < 2 or kind not in _PLACES:
                continue
            name = site.free_name(f"{lookup.variable.name}_")
            words = f"{site.source(lookup.value)} storage {name} = {lookup.words};"
            edits = (
                site.at_body_start(function, words),
                *(Edit(each.start, each.end, name) for each in lookup.places),
            )
            yield Candidate(function, lookup.words, edits)


STORAGE_POINTER = Rewrite("storage-pointer", "look a mapping up once", _find, since=(0, 5, 0))
