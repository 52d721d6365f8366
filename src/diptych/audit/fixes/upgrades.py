"""Whether a contract runs behind a proxy, where storage must not move."""

from diptych.audit.graph.program import ContractNode

__all__ = ["is_upgradeable"]

_INITIALISERS = frozenset({"initializer", "reinitializer", "onlyInitializing", "onlyProxy"})
_BASES = frozenset({"Initializable", "UUPSUpgradeable", "ERC1967Proxy", "Proxy"})
_GAP = "__gap"


def is_upgradeable(contract: ContractNode) -> bool:
    """Tell by what the standard proxies need: initialisers, gaps, their bases, delegation."""
    names = {base.name.rpartition(".")[2] for each in contract.ancestry for base in each.tree.bases}
    if names & _BASES:
        return True
    return any(_shows(owner) for owner in contract.ancestry)


def _shows(owner: ContractNode) -> bool:
    if any(variable.name == _GAP for variable in owner.tree.variables):
        return True
    return any(
        modifier.name in _INITIALISERS
        for function in owner.tree.functions
        for modifier in function.modifiers
    )
