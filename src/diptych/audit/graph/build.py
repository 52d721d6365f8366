"""Builds the program graph of one function, in the context of one contract."""

from diptych.audit.graph.builder import Builder, Lowering, Scope
from diptych.audit.graph.evm.functions import lift_function
from diptych.audit.graph.lowering import expressions, functions, names, statements
from diptych.audit.graph.ops import Frame, FunctionGraph, Place
from diptych.audit.graph.program import ContractNode
from diptych.audit.graph.prune import prune
from diptych.audit.syntax.evm.code import Bytecode
from diptych.audit.syntax.unit import Function

__all__ = ["MAX_OPS", "build_function"]

MAX_OPS = 6000
_LOWERING = Lowering(values=expressions.LOWERINGS, run=statements.run)


def build_function(
    contract: ContractNode, owner: ContractNode, function: Function, max_ops: int = MAX_OPS
) -> FunctionGraph:
    """Build the graph of a function with modifiers and internal calls inlined.

    Args:
        contract: the contract whose overrides and state count.
        owner: the contract or library that declares the function.
        function: what to build; a constructor includes initial values and base constructors.
        max_ops: size after which further internal calls are left as calls.
    """
    frame = Frame(owner, function)
    code = owner.unit.tree.code
    if isinstance(code, Bytecode):
        return lift_function(contract, frame, code, max_ops)
    graph = FunctionGraph(contract, frame)
    builder = Builder(graph, _LOWERING, max_ops)
    if function.kind == "constructor":
        _before_constructor(builder, contract, function)
    parameters = []
    for each in function.parameters:
        kind = owner.type_of(each.type)
        where = each.location or ("memory" if kind.is_reference else "value")
        made = builder.op("param", each, attribute=Place(where, None, each.name), type=kind)
        builder.declare(each.name, kind, each.location, made)
        parameters.append(made)
    graph.parameters = tuple(parameters)
    functions.run_body(builder, function)
    results = tuple(builder.read(local) for local in builder.scope.results)
    if builder.live:
        builder.op("end", None, results)
        builder.finish("return")
    prune(graph)
    graph.work = max_ops - builder.room
    return graph


def _before_constructor(builder: Builder, contract: ContractNode, function: Function) -> None:
    """Lower initial values and the constructors of bases, most base-like first."""
    outer = builder.scope
    for owner in reversed(contract.ancestry):
        builder.scope = Scope(Frame(owner, None, outer.frame))
        for variable in owner.tree.variables:
            if variable.value is not None and variable.mutability != "constant":
                place = names.state_place(builder, variable.value, owner, variable)
                value = builder.value(variable.value)
                builder.op(
                    "store",
                    variable.value,
                    (place, value),
                    attribute=place.place,
                    type=value.type,
                )
        for base in owner.tree.functions:
            if base.kind == "constructor" and base is not function and base.body is not None:
                builder.scope = Scope(Frame(owner, base, outer.frame))
                functions.bind(builder, base.parameters, ())
                functions.run_body(builder, base)
    builder.scope = outer
