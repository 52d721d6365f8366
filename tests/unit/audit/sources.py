"""Builds program graphs from source text, for tests."""

from diptych.audit.graph.build import build_function
from diptych.audit.graph.ops import FunctionGraph, Op
from diptych.audit.graph.program import Program, Unit
from diptych.audit.syntax.solidity.reader import read_solidity


def program(*sources: str) -> Program:
    """Read sources as the units of one program, each seeing all others."""
    units = tuple(Unit(f"{at}.sol", read_solidity(s.encode())) for at, s in enumerate(sources))
    for unit in units:
        unit.imports = units
    return Program(units)


def graph(source: str, function: str = "f", contract: str = "C") -> FunctionGraph:
    """Build one function's graph in the context of one contract."""
    (context,) = (c for c in program(source).contracts if c.tree.name == contract)
    owner, declared = context.functions[function][0]
    return build_function(context, owner, declared)


def body(statements: str, members: str = "", pragma: str = "0.8.0") -> FunctionGraph:
    """Build the graph of a function from its statements and the contract's other members."""
    return graph(
        f"pragma solidity ^{pragma}; contract C {{ {members} function f(uint a, address b)"
        f" public returns (uint r) {{ {statements} }} }}"
    )


def ops(made: FunctionGraph, kind: str) -> list[Op]:
    """Return the ops of one kind, in order."""
    return [op for op in made.ops if op.kind == kind]
