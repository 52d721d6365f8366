"""What a mapping holds for one key, read more than once though nothing changes it."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.gas.elements import lookups
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite, type_words

__all__ = ["CACHED_ELEMENT"]


def _find(site: GasSite) -> Iterator[Candidate]:
    for function in site.functions:
        for lookup in lookups(site, function):
            kind = type_words(site.contract.type_of(lookup.value))
            if len(lookup.places) < 2 or not kind:
                continue
            if not site.is_steady(function, lookup.variable):
                continue
            name = site.free_name(f"{lookup.variable.name}_")
            edits = (
                site.at_body_start(function, f"{kind} {name} = {lookup.words};"),
                *(Edit(each.start, each.end, name) for each in lookup.places),
            )
            yield Candidate(function, lookup.words, edits)


CACHED_ELEMENT = Rewrite("cached-element", "read what a mapping holds once", _find)
