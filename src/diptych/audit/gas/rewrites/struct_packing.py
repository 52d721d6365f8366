"""Members of a struct in an order in which they share slots."""

from collections.abc import Iterator

from diptych.audit.fixes.edit import Edit
from diptych.audit.fixes.walk import inside
from diptych.audit.gas.packing import packed_order
from diptych.audit.gas.rewrite import Candidate, Rewrite
from diptych.audit.gas.site import GasSite
from diptych.audit.syntax.statements import Assembly
from diptych.audit.syntax.tree import Call, Member, Name
from diptych.audit.syntax.unit import Structure

__all__ = ["STRUCT_PACKING"]


def _find(site: GasSite) -> Iterator[Candidate]:
    for structure in site.contract.tree.structures:
        members = structure.members
        order = packed_order([site.contract.type_of(each.type) for each in members])
        if order is None or _depends_on_order(site, structure):
            continue
        edits = tuple(
            Edit(old.start, old.end, site.source(members[at]))
            for old, at in zip(members, order, strict=True)
            if members[at] is not old
        )
        yield Candidate(None, f"struct {structure.name}", edits)


def _depends_on_order(site: GasSite, structure: Structure) -> bool:
    """Whether any code names the members by their position, or encodes values as they lie."""
    return any(
        (isinstance(node, Call) and not node.names and _names(node, structure))
        or isinstance(node, Assembly)
        or (isinstance(node, Member) and node.name.startswith("encode"))
        for contract in site.contract.program.contracts
        for function in contract.tree.functions
        if function.body is not None
        for node in inside(function.body)
    )


def _names(node: Call, structure: Structure) -> bool:
    called = node.function
    if isinstance(called, Name):
        return called.text == structure.name
    return isinstance(called, Member) and called.name == structure.name


STRUCT_PACKING = Rewrite(
    "struct-packing", "let members of a struct share slots", _find, moves_storage=True
)
