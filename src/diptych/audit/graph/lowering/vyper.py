"""What only Vyper has: its built-ins, `self`, modules, membership, values in place of references.

What other languages have too is lowered where it is lowered for them.
"""

from diptych.audit.graph.builder import Builder
from diptych.audit.graph.lowering import builtins, functions, names, resolve, vyper_calls
from diptych.audit.graph.ops import CallSite, Op, Place
from diptych.audit.graph.types import BOOL, UINT256, UNKNOWN, Type
from diptych.audit.syntax.tree import Binary, Call
from diptych.audit.syntax.unit import Function

__all__ = ["by_member", "by_name", "copied", "marked_static", "membership"]

_PLAIN = {
    "concat": ("bytes.concat", Type("bytes")),
    "abi_decode": ("abi.decode", UNKNOWN),
    "_abi_decode": ("abi.decode", UNKNOWN),
    "uint256_addmod": ("addmod", UINT256),
    "uint256_mulmod": ("mulmod", UINT256),
    "sqrt": ("sqrt", Type("int", 168)),
    "isqrt": ("isqrt", UINT256),
    "extract32": ("extract32", Type("fixed_bytes", 256)),
    "method_id": ("method_id", Type("fixed_bytes", 32)),
    "pow_mod256": ("pow_mod256", UINT256),
    "uint2str": ("uint2str", Type("string")),
    "ecadd": ("ecadd", Type("array", parts=(UINT256,), length=2)),
    "ecmul": ("ecmul", Type("array", parts=(UINT256,), length=2)),
    "print": ("print", UNKNOWN),
    "range": ("range", UNKNOWN),
}
_LIKE_FIRST = frozenset({"min", "max", "abs", "floor", "ceil", "epsilon"})
_UNCHECKED = {"unsafe_add": "+", "unsafe_sub": "-", "unsafe_mul": "*", "unsafe_div": "/"}
_LITERAL = Type("literal", 256)
_STATIC = Function(0, 0, "function", "", (), (), "external", "view", (), None)


def _values(builder: Builder, node: Call) -> tuple[Op, ...]:
    return tuple(builder.value(argument) for argument in node.arguments)


def by_name(builder: Builder, node: Call, name: str) -> Op:
    """Lower a call of a bare name: a built-in, a struct or an interface."""
    named = names.home(builder).named_type(name)
    if named is not UNKNOWN:
        return _cast(builder, node, named)
    if name in vyper_calls.BY_NAME:
        return vyper_calls.BY_NAME[name](builder, node, name)
    if name in _UNCHECKED and len(node.arguments) == 2:
        return _unchecked(builder, node, name)
    if name in _PLAIN:
        label, kind = _PLAIN[name]
        return builder.op("builtin", node, _values(builder, node), attribute=label, type=kind)
    if name in _LIKE_FIRST and node.arguments:
        values = _values(builder, node)
        kind = next((v.type for v in values if v.type.kind != "literal"), UINT256)
        return builder.op("builtin", node, values, attribute=name, type=kind)
    if name == "slice":
        return builder.op("slice", node, _values(builder, node), type=Type("bytes"))
    if name in builtins.BY_NAME:
        return builtins.BY_NAME[name](builder, node, name)
    return _cast(builder, node, Type("contract", 160, name=name))


def _cast(builder: Builder, node: Call, kind: Type) -> Op:
    """Lower `Interface(address)` and `Struct(...)`, declared or not."""
    values = _values(builder, node)
    if kind.kind == "struct" or len(values) != 1 or node.names:
        return builder.op("make", node, values, attribute=kind.name, type=kind)
    return builder.op("cast", node, values, attribute=kind, type=kind)


def _unchecked(builder: Builder, node: Call, name: str) -> Op:
    left, right = _values(builder, node)
    kind = right.type if left.type.kind == "literal" else left.type
    made = builder.op("binary", node, (left, right), attribute=_UNCHECKED[name], type=kind)
    made.checked = False
    return made


def by_member(builder: Builder, node: Call, base: str, name: str) -> Op | None:
    """Lower `self.f(...)` and calls into modules; None for any other base."""
    home = names.home(builder)
    if base == "self":
        found = resolve.own(home, name, node)
        if found is not None:
            return functions.inline(builder, node, found)
        return _unresolved(builder, node, name, "internal")
    module = home.program.contract(base, home.unit)
    if module is None:
        if any(each.alias == base for each in home.unit.tree.imports):
            return _missing(builder, node, name)
        return None
    found = resolve.own(module, name, node)
    if found is not None and module.tree.kind != "interface":
        return functions.inline(builder, node, found)
    inner = module if name == "__interface__" else None
    named = Type("contract", 160, name=base, declaration=inner) if inner else UNKNOWN
    named = module.named_type(name) if named is UNKNOWN else named
    if named is not UNKNOWN:
        return _cast(builder, node, named)
    return _unresolved(builder, node, name, "library")


def _unresolved(builder: Builder, node: Call, name: str, kind: str) -> Op:
    values = _values(builder, node)
    return builder.op("call", node, values, attribute=CallSite(kind, name, arguments=values))


def _missing(builder: Builder, node: Call, name: str) -> Op:
    """Lower a call into a module whose source is not there.

    One that gets nothing but the caller and constants can only be a check, or bring the module
    into its first state; it is noted as a modifier of unknown source is.
    """
    values = _values(builder, node)
    made = builder.op("call", node, values, attribute=CallSite("library", name, arguments=values))
    if all(value.kind in ("env", "const", "cast") for value in values) and name != "__init__":
        builder.op("modifier", node, values, attribute=name)
    return made


def membership(builder: Builder, node: Binary) -> Op:
    """Lower `a in b`: of a list an equality with its items, of a flag the flags themselves."""
    left, right = builder.value(node.left), builder.value(node.right)
    if right.type.kind != "array":
        shared = builder.op("binary", node, (right, left), attribute="&", type=right.type)
        none = builder.op("const", node, attribute=0, type=_LITERAL)
        return builder.op("binary", node, (shared, none), attribute="!=", type=BOOL)
    place = Place(right.place.where, right.place.variable, "[]")
    kind = right.type.parts[0]
    item = builder.op("element", node, (right,), attribute=place, type=kind)
    value = builder.op("load", node, (item,), attribute=place, type=kind)
    return builder.op("binary", node, (left, value), attribute="==", type=BOOL)


def marked_static(made: Op) -> Op:
    """Note that a call was made with `staticcall`, where no declaration says what it may do."""
    if made.kind == "call" and made.call.kind == "high_level" and made.call.declaration is None:
        name = made.call.name
        made.attribute = made.call._replace(declaration=_STATIC._replace(name=name))
    return made


def copied(builder: Builder, value: Op) -> Op:
    """Read a whole struct or array, as Vyper does wherever one is assigned or passed on."""
    if value.kind not in ("ref", "element") or not value.type.is_reference:
        return value
    if value.place.where not in ("storage", "transient"):
        return value
    made = builder.op("load", None, (value,), attribute=value.place, type=value.type)
    made.start, made.end = value.start, value.end
    return made
