"""A state variable that a function reads more than once, though nothing changes it."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.gas.reads import plain_reads
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite, type_words

__all__ = ["CACHED_READ"]


def _find(site: GasSite) -> Iterator[Candidate]:
    for function in site.functions:
        for variable, spans in plain_reads(site, function):
            if len(spans) < 2 or not site.is_steady(function, variable):
                continue
            kind = type_words(site.type_of(variable))
            name = site.free_name(f"{variable.name}_")
            declared = site.at_body_start(function, f"{kind} {name} = {variable.name};")
            edits = (declared, *(Edit(*span, name) for span in spans))
            yield Candidate(function, variable.name, edits)


CACHED_READ = Rewrite("cached-read", "read a variable once", _find)
