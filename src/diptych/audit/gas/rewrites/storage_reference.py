"""A struct copied from storage to memory of which few fields are read: a reference copies none."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite, in_blocks, root_name
from diptych.audit.syntax.statements import Declare
from diptych.audit.syntax.tree import Index, Member, Name
from diptych.audit.syntax.unit import Function

__all__ = ["STORAGE_REFERENCE"]


def _find(site: GasSite) -> Iterator[Candidate]:
    for function in site.functions:
        for _, statement in in_blocks(function):
            if isinstance(statement, Declare):
                yield from _referred(site, function, statement)


def _referred(site: GasSite, function: Function, declared: Declare) -> Iterator[Candidate]:
    one = declared.variables[0] if len(declared.variables) == 1 else None
    if one is None or one.location != "memory" or not isinstance(declared.value, Index):
        return
    variable = site.variables.get(root_name(declared.value))
    if variable is None or site.contract.type_of(one.type).kind != "struct":
        return
    if one.name in site.assigned(function) or not _reads_fields(function, one.name):
        return
    if site.is_steady(function, variable):
        at = site.text.data.rfind(b"memory", one.start, one.end)
        edit = Edit(at, at + len("memory"), "storage")
        yield Candidate(function, one.name, (edit,))


def _reads_fields(function: Function, name: str) -> bool:
    """Whether a local is only used for its fields."""
    nodes = [*inside(function.body)]
    uses = sum(isinstance(each, Name) and each.text == name for each in nodes)
    fields = sum(
        isinstance(each, Member) and isinstance(each.base, Name) and each.base.text == name
        for each in nodes
    )
    return uses == fields > 0


STORAGE_REFERENCE = Rewrite(
    "storage-reference", "refer to storage, do not copy it", _find, since=(0, 5, 0)
)
