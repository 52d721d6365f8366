"""Functions that the language and the machine give."""

from collections.abc import Callable

from diptych.audit.graph.builder import Builder
from diptych.audit.graph.lowering import yul
from diptych.audit.graph.ops import CallSite, Op, Place
from diptych.audit.graph.types import ADDRESS, BOOL, UINT256, UNKNOWN, Type
from diptych.audit.syntax.tree import Call

__all__ = ["BY_MEMBER", "BY_NAME", "encode", "has_items", "instruction"]

_WORD = Type("fixed_bytes", 256)
_BYTES = Type("bytes")
_PURE = {
    "keccak256": _WORD,
    "sha3": _WORD,
    "sha256": _WORD,
    "ripemd160": Type("fixed_bytes", 160),
    "ecrecover": ADDRESS,
    "addmod": UINT256,
    "mulmod": UINT256,
    "blockhash": _WORD,
    "blobhash": _WORD,
    "gasleft": UINT256,
}


def _arguments(builder: Builder, node: Call) -> tuple[Op, ...]:
    return tuple(builder.value(argument) for argument in node.arguments)


def _pure(builder: Builder, node: Call, name: str) -> Op:
    label = "keccak256" if name == "sha3" else name
    return builder.op("builtin", node, _arguments(builder, node), attribute=label, type=_PURE[name])


def encode(builder: Builder, node: Call, name: str) -> Op:
    """Lower `abi.encode...`, `bytes.concat` and `string.concat`."""
    kind = UNKNOWN if name == "abi.decode" else _BYTES
    return builder.op("builtin", node, _arguments(builder, node), attribute=name, type=kind)


def _require(builder: Builder, node: Call, name: str) -> Op:
    """End the block: go on if the condition holds, else revert."""
    values = _arguments(builder, node)
    test = values[0] if values else builder.op("const", node, attribute=True, type=BOOL)
    guard = builder.op("guard", node, (test,), attribute=name)
    yes, no = builder.branch(test)
    builder.resume(no)
    builder.finish("revert")
    builder.resume(yes)
    return guard


def _revert(builder: Builder, node: Call, _name: str) -> Op:
    made = builder.op("revert", node, _arguments(builder, node))
    builder.finish("revert")
    return made


def _destroy(builder: Builder, node: Call, _name: str) -> Op:
    made = builder.op("selfdestruct", node, _arguments(builder, node))
    builder.finish("stop")
    return made


def _legacy_event(builder: Builder, node: Call, name: str) -> Op:
    return builder.op("emit", node, _arguments(builder, node), attribute=name)


BY_NAME: dict[str, Callable[[Builder, Call, str], Op]] = {
    **dict.fromkeys(_PURE, _pure),
    "require": _require,
    "assert": _require,
    "revert": _revert,
    "selfdestruct": _destroy,
    "suicide": _destroy,
    **dict.fromkeys(("log0", "log1", "log2", "log3", "log4"), _legacy_event),
}


def _push(builder: Builder, node: Call, target: Op) -> Op:
    item = target.type.parts[0] if target.type.kind == "array" else Type("fixed_bytes", 8)
    values = _arguments(builder, node)
    place = Place(target.place.where, target.place.variable, "[]")
    return builder.op("push", node, (target, *values), attribute=place, type=item)


def _pop(builder: Builder, node: Call, target: Op) -> Op:
    place = Place(target.place.where, target.place.variable, "[]")
    return builder.op("pop", node, (target,), attribute=place)


BY_MEMBER: dict[str, Callable[[Builder, Call, Op], Op]] = {"push": _push, "pop": _pop}


def has_items(target: Op) -> bool:
    """Whether `push` and `pop` are the built-in ones of an array."""
    return target.type.kind in ("array", "bytes", "unknown")


# --- inline assembly ----------------------------------------------------------------------------

_ENVIRONMENT = {
    "caller": ("msg.sender", ADDRESS),
    "callvalue": ("msg.value", UINT256),
    "origin": ("tx.origin", ADDRESS),
    "timestamp": ("block.timestamp", UINT256),
    "number": ("block.number", UINT256),
    "coinbase": ("block.coinbase", ADDRESS),
    "difficulty": ("block.difficulty", UINT256),
    "prevrandao": ("block.prevrandao", UINT256),
    "gasprice": ("tx.gasprice", UINT256),
    "chainid": ("block.chainid", UINT256),
    "address": ("this", ADDRESS),
    "calldatasize": ("calldatasize", UINT256),
    "returndatasize": ("returndatasize", UINT256),
    "gas": ("gas", UINT256),
}
_OPERATORS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "sdiv": "/",
    "mod": "%",
    "smod": "%",
    "exp": "**",
    "lt": "<",
    "slt": "<",
    "gt": ">",
    "sgt": ">",
    "eq": "==",
    "and": "&",
    "or": "|",
    "xor": "^",
}
_COMPARISONS = frozenset({"<", ">", "=="})
_CALLS = {
    "call": ("call", True),
    "callcode": ("callcode", True),
    "delegatecall": ("delegatecall", False),
    "staticcall": ("staticcall", False),
}
_ENDINGS = {
    "revert": "revert",
    "invalid": "revert",
    "return": "return",
    "stop": "return",
    "selfdestruct": "stop",
    "suicide": "stop",
}


def instruction(builder: Builder, node: Call, name: str) -> Op:
    """Lower an EVM instruction of inline assembly, or a call of a function declared there."""
    arguments = tuple(reversed([builder.value(a) for a in reversed(node.arguments)]))
    function = yul.declared(builder, name)
    if function is not None:
        return yul.lower_function(builder, node, function, arguments)
    if name in _ENVIRONMENT:
        label, kind = _ENVIRONMENT[name]
        return builder.op("env", node, attribute=label, type=kind)
    if name in _OPERATORS and len(arguments) == 2:
        sign = _OPERATORS[name]
        kind = BOOL if sign in _COMPARISONS else UINT256
        return builder.op("binary", node, arguments, attribute=sign, type=kind)
    if name in ("shl", "shr", "sar") and len(arguments) == 2:
        sign = "<<" if name == "shl" else ">>"
        return builder.op("binary", node, arguments[::-1], attribute=sign, type=UINT256)
    if name in ("iszero", "not") and len(arguments) == 1:
        sign = "!" if name == "iszero" else "~"
        kind = BOOL if sign == "!" else UINT256
        return builder.op("unary", node, arguments, attribute=sign, type=kind)
    return _effect(builder, node, name, arguments)


def _effect(builder: Builder, node: Call, name: str, arguments: tuple[Op, ...]) -> Op:
    if name in ("sload", "tload") and arguments:
        place, arguments = _slot(name, arguments)
        return builder.op("load", node, arguments, attribute=place, type=UINT256)
    if name in ("sstore", "tstore") and len(arguments) == 2:
        place, arguments = _slot(name, arguments)
        return builder.op("store", node, arguments, attribute=place, type=UINT256)
    if name in _CALLS and len(arguments) >= 6:
        return _call(builder, node, name, arguments)
    if name in ("create", "create2") and arguments:
        site = CallSite("create", name, value=arguments[0], arguments=arguments[1:])
        return builder.op("call", node, arguments, attribute=site, type=ADDRESS)
    if name in _ENDINGS:
        kind = {"stop": "selfdestruct"}.get(_ENDINGS[name], "assembly")
        made = builder.op(kind, node, arguments, attribute=name)
        builder.finish(_ENDINGS[name])
        return made
    return builder.op("assembly", node, arguments, attribute=name, type=UINT256)


def _slot(name: str, arguments: tuple[Op, ...]) -> tuple[Place, tuple[Op, ...]]:
    """Return where an instruction reads or writes: a variable, if the slot is one's."""
    target = yul.slot_of(arguments[0]) if name[0] == "s" else None
    if target is None:
        return Place("storage" if name[0] == "s" else "transient"), arguments
    return target.place, (target, *arguments[1:])


def _call(builder: Builder, node: Call, name: str, arguments: tuple[Op, ...]) -> Op:
    kind, pays = _CALLS[name]
    gas, target = arguments[:2]
    value = arguments[2] if pays else None
    site = CallSite(kind, name, target, value, gas, arguments[3 if pays else 2 :])
    return builder.op("call", node, arguments, attribute=site, type=BOOL)
