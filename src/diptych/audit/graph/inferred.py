"""State variables that names must mean where their declaration is out of sight."""

from diptych.audit.graph.program import ContractNode
from diptych.audit.syntax.unit import StateVariable

__all__ = ["inferred_variable"]


def inferred_variable(contract: ContractNode, name: str) -> StateVariable | None:
    """Return the state variable that a name which nothing declares must mean in a contract.

    State can be declared out of sight where a base is missing, or in a fragment: functions outside
    of contracts have no visibility, unless their contract was cut away. Types and libraries begin
    with a capital letter, as everybody writes them; such names, and all names in contracts that are
    whole, mean nothing.
    """
    if not (name[:1].islower() or name[:1] == "_") or not _is_partial(contract):
        return None
    known = contract.inferred.get(name)
    if known is None:
        known = StateVariable(0, 0, name, None, "internal", "", None)
        contract.inferred[name] = known
    return known


def _is_partial(contract: ContractNode) -> bool:
    tree = contract.tree
    cut = tree.kind == "free" and any(each.visibility for each in tree.functions)
    return cut or bool(contract.missing)
