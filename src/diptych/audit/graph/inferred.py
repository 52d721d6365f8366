"""State variables that names must mean where their declaration is out of sight."""

from diptych.audit.graph.program import ContractNode
from diptych.audit.syntax.unit import StateVariable

__all__ = ["inferred_variable"]


def inferred_variable(
    contract: ContractNode, name: str, *, indexed: bool = False
) -> StateVariable | None:
    """Return the state variable that a name which nothing declares must mean in a contract.

    State can be declared out of sight where a base is missing, or in a fragment: a file without any
    contract, or functions outside of contracts that have a visibility, as they cannot unless their
    contract was cut away. Types and libraries begin with a capital letter, as nearly everybody
    writes them; such names, and all names in contracts that are whole, mean nothing.

    Args:
        contract: where the name stands.
        name: what nothing declares.
        indexed: an item of it is used, which a type does not have.
    """
    may_be_state = indexed or name[:1].islower() or name[:1] == "_"
    if not may_be_state or not _is_partial(contract):
        return None
    known = contract.inferred.get(name)
    if known is None:
        known = StateVariable(0, 0, name, None, "internal", "", None)
        contract.inferred[name] = known
    return known


def _is_partial(contract: ContractNode) -> bool:
    tree = contract.tree
    if tree.kind != "free":
        return bool(contract.missing)
    cut = any(each.visibility for each in tree.functions)
    return cut or not (contract.unit.tree.contracts or contract.unit.imports)
