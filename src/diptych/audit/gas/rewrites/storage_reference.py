"""A struct copied from storage to memory of which few fields are read: a reference copies none."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite, in_blocks, root_name
from diptych.audit.syntax.statements import Declare, Variable
from diptych.audit.syntax.tree import ElementaryType, Index, Member, Name, NamedType
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
    if one.name in site.assigned(function) or not _reads_values(site, function, one):
        return
    if site.is_steady(function, variable):
        at = site.text.data.rfind(b"memory", one.start, one.end)
        edit = Edit(at, at + len("memory"), "storage")
        yield Candidate(function, one.name, (edit,))


def _reads_values(site: GasSite, function: Function, one: Variable) -> bool:
    """Whether a local is only used for fields of value types: an array could be changed inside."""
    nodes = [*inside(function.body)]
    uses = sum(isinstance(each, Name) and each.text == one.name for each in nodes)
    fields = [
        each.name
        for each in nodes
        if isinstance(each, Member) and isinstance(each.base, Name) and each.base.text == one.name
    ]
    values = _values_of(site, one)
    return uses == len(fields) > 0 and all(each in values for each in fields)


def _values_of(site: GasSite, one: Variable) -> frozenset[str]:
    """Return the members of value types of every struct that a local's type may name."""
    name = one.type.name.rpartition(".")[2] if isinstance(one.type, NamedType) else ""
    known = [
        structure
        for unit in site.contract.unit.visible
        for owner in (unit.tree.free, *unit.tree.contracts)
        for structure in owner.structures
        if structure.name == name
    ]
    kept = [
        {each.name for each in structure.members if isinstance(each.type, ElementaryType)}
        - {each.name for each in structure.members if _is_text(each)}
        for structure in known
    ]
    return frozenset.intersection(*map(frozenset, kept)) if kept else frozenset()


def _is_text(member: Variable) -> bool:
    return isinstance(member.type, ElementaryType) and member.type.name in ("string", "bytes")


STORAGE_REFERENCE = Rewrite(
    "storage-reference", "refer to storage, do not copy it", _find, since=(0, 5, 0)
)
