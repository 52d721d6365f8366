"""Calls that leave the contract, and the creation of contracts."""

from diptych.audit.graph.builder import Builder
from diptych.audit.graph.lowering import names
from diptych.audit.graph.ops import CallSite, Op
from diptych.audit.graph.program import ContractNode
from diptych.audit.graph.types import BOOL, UNKNOWN, Type
from diptych.audit.syntax.tree import Call, Member, New
from diptych.audit.syntax.unit import Function

__all__ = ["call", "create", "pointer"]

_LOW_LEVEL = frozenset({"call", "delegatecall", "staticcall", "callcode"})
_PAYMENTS = frozenset({"send", "transfer"})
_RESULT = Type("tuple", parts=(BOOL, Type("bytes")))
_VALUES = frozenset(
    {"uint", "int", "bool", "fixed_bytes", "bytes", "string", "array", "mapping", "struct", "enum"}
)


def call(builder: Builder, node: Call, member: Member, target: Op) -> Op:
    """Lower `target.member{options}(arguments)`."""
    name = member.name
    if name in _LOW_LEVEL and target.type.kind not in _VALUES | {"contract"}:
        kind, result = name, _low_level_result(builder)
        return _emit(builder, node, CallSite(kind, name, target), result)
    if name in _PAYMENTS and len(node.arguments) == 1 and _is_payable(target.type, name):
        return _payment(builder, node, name, target)
    if target.type.kind in _VALUES:
        return _emit(builder, node, CallSite("library", name, target), UNKNOWN)
    function = _declaration(target.type, name, len(node.arguments))
    site = CallSite("high_level", name, target, declaration=function)
    return _emit(builder, node, site, _result(target.type, function, name))


def _is_payable(target: Type, name: str) -> bool:
    """Whether `send` and `transfer` of a value are the built-in ones."""
    declared = target.kind == "contract" and _declaration(target, name, 1) is not None
    return target.kind not in _VALUES and not declared


def pointer(builder: Builder, node: Call, target: Op) -> Op:
    """Lower a call through a function pointer."""
    external = target.type.kind == "function" and target.type.name == "external"
    site = CallSite("high_level" if external else "internal", "", target)
    return _emit(builder, node, site, UNKNOWN)


def create(builder: Builder, node: Call, made: New) -> Op:
    """Lower `new Contract(...)`; `new T[](n)` and `new bytes(n)` make memory."""
    kind = names.home(builder).type_of(made.type)
    if kind.kind in ("array", "bytes", "string"):
        sizes = tuple(builder.value(argument) for argument in node.arguments)
        return builder.op("make", node, sizes, attribute="new", type=kind)
    return _emit(builder, node, CallSite("create", kind.name), kind)


def _emit(builder: Builder, node: Call, site: CallSite, result: Type) -> Op:
    options = {name: builder.value(value) for name, value in node.options}
    arguments = tuple(builder.value(argument) for argument in node.arguments)
    value, gas = options.get("value"), options.get("gas")
    full = site._replace(value=value, gas=gas, arguments=arguments)
    operands = tuple(op for op in (site.target, value, gas, *arguments) if op is not None)
    return builder.op("call", node, operands, attribute=full, type=result)


def _payment(builder: Builder, node: Call, name: str, target: Op) -> Op:
    amount = builder.value(node.arguments[0])
    site = CallSite(name, name, target, value=amount)
    result = BOOL if name == "send" else Type("tuple")
    return builder.op("call", node, (target, amount), attribute=site, type=result)


def _low_level_result(builder: Builder) -> Type:
    """Before 0.5 a low-level call gave only whether it worked."""
    return BOOL if names.home(builder).unit.version < (0, 5, 0) else _RESULT


def _declaration(target: Type, name: str, arguments: int) -> Function | None:
    contract = target.declaration
    if not isinstance(contract, ContractNode):
        return None
    for _, function in contract.functions.get(name, ()):
        if len(function.parameters) == arguments and function.kind == "function":
            return function
    return None


def _result(target: Type, function: Function | None, name: str) -> Type:
    contract = target.declaration
    if not isinstance(contract, ContractNode):
        return UNKNOWN
    if function is not None:
        types = tuple(contract.type_of(each.type) for each in function.returns)
        return types[0] if len(types) == 1 else Type("tuple", parts=types)
    if name in contract.variables:
        owner, variable = contract.variables[name]
        return _getter(owner.type_of(variable.type))
    return UNKNOWN


def _getter(kind: Type) -> Type:
    """Return what the getter of a public state variable gives."""
    while kind.kind in ("mapping", "array"):
        kind = kind.parts[-1]
    return kind if kind.kind != "struct" else UNKNOWN
