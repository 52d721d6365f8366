"""Vyper's built-ins that leave the contract: raw calls, payments, creation, logs, reverts."""

from collections.abc import Callable

from diptych.audit.graph.builder import Builder
from diptych.audit.graph.ops import CallSite, Op
from diptych.audit.graph.types import ADDRESS, BOOL, UNKNOWN, Type
from diptych.audit.syntax.tree import Call, Expression, Truth

__all__ = ["BY_NAME"]

_BYTES = Type("bytes")
_RESULT = Type("tuple", parts=(BOOL, _BYTES))
Options = dict[str, Op]


def _options(builder: Builder, node: Call) -> Options:
    return {name: builder.value(value) for name, value in node.options}


def _is_set(node: Call, name: str, default: bool = False) -> bool:
    found: Expression | None = dict(node.options).get(name)
    return found.value if isinstance(found, Truth) else default


def _emit(builder: Builder, node: Call, site: CallSite, result: Type) -> Op:
    parts = (site.target, site.value, site.gas, *site.arguments)
    operands = tuple(op for op in parts if op is not None)
    return builder.op("call", node, operands, attribute=site, type=result)


def _demand(builder: Builder, node: Call, test: Op) -> None:
    """Revert unless a call worked, as Vyper does by itself."""
    builder.op("guard", node, (test,), attribute="require")
    yes, no = builder.branch(test)
    builder.resume(no)
    builder.finish("revert")
    builder.resume(yes)


def _raw_call(builder: Builder, node: Call, _name: str) -> Op:
    """Lower `raw_call(target, data, ...)`: it gives whether it worked only if asked to."""
    values = [builder.value(argument) for argument in node.arguments]
    options = _options(builder, node)
    kind = "call"
    if _is_set(node, "is_delegate_call"):
        kind = "delegatecall"
    elif _is_set(node, "is_static_call"):
        kind = "staticcall"
    target = values[0] if values else None
    site = CallSite(kind, "raw_call", target, options.get("value"), options.get("gas"))
    made = _emit(builder, node, site._replace(arguments=tuple(values[1:])), _RESULT)
    outsize = options.get("max_outsize")
    gives_data = outsize is not None and not (outsize.kind == "const" and outsize.attribute == 0)
    worked = builder.op("pick", node, (made,), attribute=0, type=BOOL)
    data = builder.op("pick", node, (made,), attribute=1, type=_BYTES) if gives_data else None
    if _is_set(node, "revert_on_failure", True):
        _demand(builder, node, worked)
        return data or made
    if data is None:
        return worked
    return builder.op("tuple", node, (worked, data), type=_RESULT)


def _send(builder: Builder, node: Call, name: str) -> Op:
    """Lower `send(to, amount)`: 2,300 gas unless told otherwise, and it reverts if it fails."""
    values = [builder.value(argument) for argument in node.arguments]
    gas = _options(builder, node).get("gas")
    target = values[0] if values else None
    amount = values[1] if len(values) > 1 else None
    if gas is None or (gas.kind == "const" and gas.attribute == 0):
        return _emit(builder, node, CallSite("transfer", name, target, amount), UNKNOWN)
    made = _emit(builder, node, CallSite("call", name, target, amount, gas), _RESULT)
    worked = builder.op("pick", node, (made,), attribute=0, type=BOOL)
    _demand(builder, node, worked)
    return made


def _create(builder: Builder, node: Call, name: str) -> Op:
    """Lower the creation of a contract; a salt comes last among the arguments."""
    values = tuple(builder.value(argument) for argument in node.arguments)
    options = _options(builder, node)
    salt = (options["salt"],) if "salt" in options else ()
    label = "create2" if salt else name
    site = CallSite("create", label, value=options.get("value"), arguments=(*values, *salt))
    return _emit(builder, node, site, ADDRESS)


def _raw_log(builder: Builder, node: Call, name: str) -> Op:
    values = tuple(builder.value(argument) for argument in node.arguments)
    return builder.op("emit", node, values, attribute=name)


def _raw_revert(builder: Builder, node: Call, _name: str) -> Op:
    values = tuple(builder.value(argument) for argument in node.arguments)
    made = builder.op("revert", node, values)
    builder.finish("revert")
    return made


def _encode(builder: Builder, node: Call, _name: str) -> Op:
    """Lower `abi_encode(..., method_id=m)`: the selector comes first, as in Solidity."""
    values = tuple(builder.value(argument) for argument in node.arguments)
    selector = _options(builder, node).get("method_id")
    if selector is None:
        return builder.op("builtin", node, values, attribute="abi.encode", type=_BYTES)
    label = "abi.encodeWithSelector"
    return builder.op("builtin", node, (selector, *values), attribute=label, type=_BYTES)


_CREATIONS = (
    "create_minimal_proxy_to",
    "create_forwarder_to",
    "create_copy_of",
    "create_from_blueprint",
    "raw_create",
)
BY_NAME: dict[str, Callable[[Builder, Call, str], Op]] = {
    "raw_call": _raw_call,
    "send": _send,
    "raw_log": _raw_log,
    "raw_revert": _raw_revert,
    "abi_encode": _encode,
    "_abi_encode": _encode,
    **dict.fromkeys(_CREATIONS, _create),
}
