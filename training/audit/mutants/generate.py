"""All pairs of a base: by operators on its syntax tree and by its own directives."""

from collections.abc import Iterator

from diptych.audit.syntax.solidity.reader import read_solidity
from diptych.audit.syntax.unit import Contract, Function, SourceUnit
from mutants.directives import directives, stripped
from mutants.mutant import CLASSES, Edit, Mutant, apply
from mutants.operators import OPERATORS
from mutants.walk import Site

__all__ = ["mutants_of"]


def mutants_of(name: str, source: bytes) -> Iterator[Mutant]:
    """Yield every pair that a file gives.

    Args:
        name: what to call the base.
        source: its text, in Solidity 0.8; files of other versions give nothing.
    """
    twin = stripped(source)
    unit = read_solidity(twin)
    if unit.shift or unit.problems:
        return
    seen: set[bytes] = {twin}
    for kind, edits in (*_operated(twin, unit), *directives(source)):
        fault = apply(twin, edits)
        if fault in seen:
            continue
        seen.add(fault)
        contract, function = _place(unit, edits[0])
        added = not function
        if added:  # a new function: it is named in the faulty file only
            contract, function = _place(
                read_solidity(fault), Edit(edits[0].start + 12, edits[0].start + 12)
            )
        line = twin.count(b"\n", 0, edits[0].start) + 1
        assert kind in CLASSES, f"{name}: no class {kind}"
        yield Mutant(kind, name, contract, function, fault, twin, line, added)


def _operated(source: bytes, unit: SourceUnit) -> Iterator[tuple[str, tuple[Edit, ...]]]:
    for contract in unit.contracts:
        if contract.kind == "interface":
            continue
        for function in contract.functions:
            if _is_open(contract, function):
                site = Site(source, contract, function)
                for operator in OPERATORS:
                    yield from operator(site)


def _is_open(contract: Contract, function: Function) -> bool:
    """Whether anybody can enter and change something."""
    return (
        contract.kind != "library"
        and function.kind in ("function", "fallback", "receive")
        and function.body is not None
        and function.visibility in ("public", "external")
        and function.mutability not in ("view", "pure")
    )


def _place(unit: SourceUnit, edit: Edit) -> tuple[str, str]:
    for contract in unit.contracts:
        if contract.start <= edit.end and edit.start <= contract.end:
            for function in contract.functions:
                if function.start <= edit.end and edit.start <= function.end:
                    return contract.name, function.name or function.kind
            return contract.name, ""
    return "", ""
