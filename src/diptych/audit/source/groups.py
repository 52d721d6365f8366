"""Which files must be scanned together: those that reach each other by imports.

A function that many contracts share is analysed once, and a base in the context of what derives
from it; so a file's findings depend on the scanned files that it imports and that import it, and
on no others. Each such group can be scanned, and kept for the next time, by itself.
"""

from typing import NamedTuple

from diptych.audit.graph.program import ContractNode
from diptych.audit.source.load import LoadedProgram

__all__ = ["Group", "groups_of"]


class Group(NamedTuple):
    """Scanned files that belong together, and their contracts, bases last."""

    paths: tuple[str, ...]
    contracts: tuple[tuple[ContractNode, bool], ...]


def groups_of(loaded: LoadedProgram) -> tuple[Group, ...]:
    """Part the scanned files of a program into groups, in the order of their first files."""
    roots = _roots(loaded)
    members: dict[str, list[str]] = {}
    for path in loaded.scanned:
        members.setdefault(_root(roots, path), []).append(path)
    contracts: dict[str, list[ContractNode]] = {}
    for contract in loaded.program.contracts:
        if contract.unit.path in roots:
            contracts.setdefault(_root(roots, contract.unit.path), []).append(contract)
    return tuple(
        Group(tuple(paths), _in_order(loaded, paths, contracts.get(root, [])))
        for root, paths in members.items()
    )


def _roots(loaded: LoadedProgram) -> dict[str, str]:
    """Return a forest of the scanned paths (disjoint sets; Tarjan 1975)."""
    roots = {path: path for path in loaded.scanned}
    for unit in loaded.program.units:
        if unit.path in roots:
            for other in unit.visible:
                if other.path in roots:
                    roots[_root(roots, other.path)] = _root(roots, unit.path)
    return roots


def _root(roots: dict[str, str], path: str) -> str:
    while roots[path] != path:
        roots[path] = roots[roots[path]]
        path = roots[path]
    return path


def _in_order(
    loaded: LoadedProgram, paths: list[str], contracts: list[ContractNode]
) -> tuple[tuple[ContractNode, bool], ...]:
    """List the contracts to scan, those that others derive from last."""
    bases = {id(base) for contract in contracts for base in contract.ancestry[1:]}
    marked = [(contract, id(contract) in bases) for contract in contracts]
    frees = [(node, False) for path in paths for node in loaded.program.free_of(path)]
    return (*sorted(marked, key=lambda item: item[1]), *frees)
