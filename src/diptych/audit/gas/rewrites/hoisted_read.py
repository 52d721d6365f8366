"""A state variable that a loop reads in each turn, though nothing changes it."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.gas.reads import plain_reads
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite, in_blocks, type_words
from diptych.audit.syntax.statements import Loop
from diptych.audit.syntax.unit import Function

__all__ = ["HOISTED_READ"]


def _find(site: GasSite) -> Iterator[Candidate]:
    for function in site.functions:
        for _, loop in in_blocks(function):
            if isinstance(loop, Loop):
                yield from _hoisted(site, function, loop)


def _hoisted(site: GasSite, function: Function, loop: Loop) -> Iterator[Candidate]:
    for variable, spans in plain_reads(site, function):
        within = [span for span in spans if loop.start <= span[0] and span[1] <= loop.end]
        if not within or not site.is_steady(function, variable):
            continue
        kind = type_words(site.type_of(variable))
        name = site.free_name(f"{variable.name}_")
        declared = site.before(loop, f"{kind} {name} = {variable.name};")
        edits = (declared, *(Edit(*span, name) for span in within))
        yield Candidate(function, variable.name, edits)


HOISTED_READ = Rewrite("hoisted-read", "read a variable before the loop", _find)
