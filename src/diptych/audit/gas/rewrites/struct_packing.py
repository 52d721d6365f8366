"""Members of a struct in an order in which they share slots."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.packing import packed_order
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite
from diptych.audit.syntax.tree import Call, Member, Name
from diptych.audit.syntax.unit import Structure

__all__ = ["STRUCT_PACKING"]


def _find(site: GasSite) -> Iterator[Candidate]:
    for structure in site.contract.tree.structures:
        members = structure.members
        order = packed_order([site.contract.type_of(each.type) for each in members])
        if order is None or _is_made_by_position(site, structure):
            continue
        edits = tuple(
            Edit(old.start, old.end, site.source(members[at]))
            for old, at in zip(members, order, strict=True)
            if members[at] is not old
        )
        yield Candidate(None, f"struct {structure.name}", edits)


def _is_made_by_position(site: GasSite, structure: Structure) -> bool:
    """Whether any code names the members by their position only."""
    for contract in site.contract.program.contracts:
        for function in contract.tree.functions:
            for node in inside(function.body) if function.body is not None else ():
                if isinstance(node, Call) and not node.names and _names(node, structure):
                    return True
    return False


def _names(node: Call, structure: Structure) -> bool:
    called = node.function
    if isinstance(called, Name):
        return called.text == structure.name
    return isinstance(called, Member) and called.name == structure.name


STRUCT_PACKING = Rewrite(
    "struct-packing", "let members of a struct share slots", _find, moves_storage=True
)
