"""Function bodies: modifiers put round them, internal calls put in their place."""

from collections.abc import Sequence

from diptych.audit.graph.builder import MAX_DEPTH, Builder, Local, Scope
from diptych.audit.graph.lowering import locks, names, resolve
from diptych.audit.graph.ops import CallSite, Frame, Op
from diptych.audit.graph.program import ContractNode
from diptych.audit.graph.types import UNKNOWN, Type
from diptych.audit.syntax.statements import Variable
from diptych.audit.syntax.tree import Call, Expression
from diptych.audit.syntax.unit import Base, Function

__all__ = ["inline", "run_body"]

_INLINE_DEPTH = MAX_DEPTH * 2 // 3
_MAX_MODIFIERS = 32


def inline(
    builder: Builder,
    node: Call,
    found: tuple[ContractNode, Function],
    receiver: Op | None = None,
) -> Op:
    """Put a function's body in the place of a call to it, or note a call where that cannot be.

    Args:
        builder: where to.
        node: the call.
        found: the contract that declares the function, and the function, with a body.
        receiver: what stands before the dot, where it is the first argument.
    """
    owner, function = found
    values = [] if receiver is None else [receiver]
    values += [builder.value(argument) for argument in _ordered(node, function, receiver)]
    recursive = builder.scope.frame.runs(function)
    if recursive or builder.depth > _INLINE_DEPTH or builder.room <= 0:
        builder.graph.truncated = builder.graph.truncated or not recursive
        site = CallSite("internal", function.name, arguments=tuple(values), declaration=function)
        return builder.op(
            "call", node, tuple(values), attribute=site, type=_result(owner, function)
        )
    frame = Frame(owner, function, builder.scope.frame, (node.start, node.end))
    results = _run_in(builder, frame, function, values)
    if len(results) == 1:
        return results[0]
    kind = Type("tuple", parts=tuple(result.type for result in results))
    return builder.op("tuple", node, tuple(results), type=kind)


def _run_in(builder: Builder, frame: Frame, function: Function, values: Sequence[Op]) -> list[Op]:
    outer = builder.enter(Scope(frame))
    bind(builder, function.parameters, values)
    run_body(builder, function)
    results = [builder.read(local) for local in builder.scope.results]
    builder.leave(outer)
    return results


def bind(builder: Builder, parameters: Sequence[Variable], values: Sequence[Op]) -> None:
    """Give parameters their values."""
    for at, parameter in enumerate(parameters):
        kind = names.home(builder).type_of(parameter.type)
        if at < len(values):
            value = values[at]
        elif parameter.default is not None:
            value = builder.value(parameter.default)
        else:
            value = builder.op("unknown", None, type=kind)
        builder.declare(parameter.name, kind, parameter.location, value)


def run_body(builder: Builder, function: Function) -> None:
    """Lower a body with its modifiers round it, and join all the ways out of it."""
    scope = builder.scope
    builder.room -= 1  # bodies without ops count too, or empty ones could be run without end
    scope.results = tuple(_declare_result(builder, each) for each in function.returns)
    builder.graph.truncated |= len(function.modifiers) > _MAX_MODIFIERS
    _run_modifiers(builder, function, function.modifiers[:_MAX_MODIFIERS])
    builder.join_returns(scope.returns)
    scope.returns = []


def _declare_result(builder: Builder, variable: Variable) -> Local:
    kind = names.home(builder).type_of(variable.type)
    return builder.declare(variable.name, kind, variable.location)


def _run_modifiers(builder: Builder, function: Function, rest: Sequence[Base]) -> None:
    """Run the next modifier round what is left, or the body itself."""
    scope = builder.scope
    if not rest:
        _run_plain(builder, function)
        return
    first, *others = rest
    if names.in_vyper(builder):
        locks.run_locked(builder, first, lambda: _run_modifiers(builder, function, others))
        return
    found = resolve.modifier(builder, first.name)
    values = [builder.value(argument) for argument in first.arguments or ()]
    if found is None:
        if names.home(builder).program.contract(first.name, names.home(builder).unit) is None:
            builder.op("modifier", None, tuple(values), attribute=first.name)
        _run_modifiers(builder, function, others)
        return
    owner, modifier = found
    inner = Scope(Frame(owner, modifier, scope.frame, (first.start, first.end)))
    builder.scope = inner
    bind(builder, modifier.parameters, values)

    def placeholder() -> None:
        builder.room -= 1
        if builder.room <= 0:
            builder.graph.truncated = True
            return
        builder.scope = scope
        _run_modifiers(builder, function, others)
        builder.scope = inner

    inner.placeholder = placeholder
    _run_plain(builder, modifier)
    builder.scope = scope


def _run_plain(builder: Builder, function: Function) -> None:
    """Run a body alone, and join all the ways out of it."""
    scope = builder.scope
    if function.body is not None:
        builder.run(function.body)
        builder.join_returns(scope.returns)
        scope.returns = []


def _ordered(node: Call, function: Function, receiver: Op | None) -> Sequence[Expression]:
    """Put named arguments into the order of the parameters."""
    if not node.names:
        return node.arguments
    by_name = dict(zip(node.names, node.arguments, strict=True))
    wanted = [p.name for p in function.parameters[0 if receiver is None else 1 :]]
    if set(wanted) != set(by_name):
        return node.arguments
    return [by_name[name] for name in wanted]


def _result(owner: ContractNode, function: Function) -> Type:
    types = tuple(owner.type_of(each.type) for each in function.returns)
    if not types:
        return UNKNOWN
    return types[0] if len(types) == 1 else Type("tuple", parts=types)
