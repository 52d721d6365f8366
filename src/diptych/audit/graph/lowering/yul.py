"""What only inline assembly has: slots of variables, and functions declared in a block."""

from diptych.audit.graph.builder import MAX_DEPTH, Builder, Local, Scope
from diptych.audit.graph.lowering import names
from diptych.audit.graph.ops import CallSite, Op, Place
from diptych.audit.graph.types import UINT256, Type
from diptych.audit.syntax.statements import Assembly, AssemblyFunction
from diptych.audit.syntax.tree import Call, Name

__all__ = ["declared", "lower_function", "lower_part", "point", "run_assembly", "slot_of"]

_PARTS = ("slot", "offset", "length", "address", "selector")
_INLINE_DEPTH = MAX_DEPTH * 2 // 3


def run_assembly(builder: Builder, node: Assembly) -> None:
    """Lower an `assembly { ... }` statement."""
    scope = builder.scope
    known, scope.functions = scope.functions, {each.name: each for each in node.functions}
    scope.in_assembly = True
    builder.run(node.body)
    scope.in_assembly = False
    scope.functions = known


def declared(builder: Builder, name: str) -> AssemblyFunction | None:
    """Return the function of a name that the running assembly block declares."""
    return builder.scope.functions.get(name)


def lower_function(
    builder: Builder, node: Call, function: AssemblyFunction, values: tuple[Op, ...]
) -> Op:
    """Put the body of a function of assembly in the place of its call; recursion stays a call."""
    outer = builder.scope
    if function.name in outer.running or builder.depth > _INLINE_DEPTH or builder.room <= 0:
        site = CallSite("internal", function.name, arguments=values)
        return builder.op("call", node, values, attribute=site, type=UINT256)
    scope = Scope(outer.frame)
    scope.in_assembly, scope.functions = True, outer.functions
    scope.running = outer.running | {function.name}
    caller = builder.enter(scope)
    for at, name in enumerate(function.parameters):
        builder.declare(name, UINT256, "", values[at] if at < len(values) else None)
    results = [builder.declare(name, UINT256) for name in function.returns]
    builder.run(function.body)
    builder.join_returns(scope.returns)
    made = tuple(builder.read(local) for local in results)
    builder.leave(caller)
    if len(made) == 1:
        return made[0]
    return builder.op("tuple", node, made, type=Type("tuple", parts=(UINT256,) * len(made)))


def _split(node: Name) -> tuple[str, str] | None:
    """Split `x.slot`, before 0.7 `x_slot`, into the variable and the part."""
    for sign in (".", "_"):
        base, found, part = node.text.rpartition(sign)
        if found and base and part in _PARTS:
            return base, part
    return None


def lower_part(builder: Builder, node: Name) -> Op | None:
    """Lower `x.slot` and the like to a member of the variable; None for any other name."""
    parts = _split(node)
    if parts is None:
        return None
    base, part = parts
    local = builder.scope.find(base)
    if local is not None:
        target = builder.read(local)
    else:
        found = names.home(builder).variables.get(base)
        if found is None:
            return None
        target = names.state_place(builder, node, *found)
    return builder.op("member", node, (target,), attribute=part, type=UINT256)


def point(builder: Builder, node: Name, value: Op) -> Op | None:
    """Let a local point to the slot that `x.slot := value` gives; None for any other target."""
    parts = _split(node)
    local: Local | None = None if parts is None else builder.scope.find(parts[0])
    if parts is None or local is None or builder.scope.find(node.text) is not None:
        return None
    if parts[1] == "slot":
        made = builder.op("ref", node, (value,), attribute=Place("storage"), type=local.type)
        builder.env[local.key] = made
    return value


def slot_of(op: Op) -> Op | None:
    """Return the reference whose slot a value is: that of `sload(x.slot)`."""
    if op.kind == "member" and op.attribute == "slot" and op.operands[0].place.where == "storage":
        return op.operands[0]
    return None
