"""Parameters in memory that an external function only reads: calldata needs no copy."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.aliases import is_only_read
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite
from diptych.audit.syntax.statements import Assembly
from diptych.audit.syntax.unit import Function

__all__ = ["CALLDATA_PARAMETERS"]


def _find(site: GasSite) -> Iterator[Candidate]:
    for function in site.functions:
        if function.kind != "function" or function.visibility not in ("external", "public"):
            continue
        edits = tuple(_edits(site, function))
        if edits and not any(isinstance(each, Assembly) for each in inside(function.body)):
            yield Candidate(function, "parameters", edits)


def _edits(site: GasSite, function: Function) -> Iterator[Edit]:
    for parameter in function.parameters:
        if parameter.location == "memory" and is_only_read(site, function, parameter):
            at = site.text.data.rfind(b"memory", parameter.start, parameter.end)
            if at >= 0:
                yield Edit(at, at + len("memory"), "calldata")


CALLDATA_PARAMETERS = Rewrite(
    "calldata-parameters",
    "leave parameters in calldata",
    _find,
    since=(0, 6, 9),
    note="calldata that is badly encoded is refused when it is read, not at the start",
)
