"""Calls: casts, built-ins, internal functions (inlined) and calls that leave the contract."""

from diptych.audit.graph.builder import Builder
from diptych.audit.graph.lowering import builtins, external, functions, names, resolve, vyper
from diptych.audit.graph.ops import CallSite, Op
from diptych.audit.graph.types import Type
from diptych.audit.syntax.tree import Call, Member, Name, New, TypeExpression

__all__ = ["lower_call"]


def lower_call(builder: Builder, node: Call) -> Op:
    """Lower any call expression."""
    if builder.scope.in_assembly and isinstance(node.function, Name):
        return builtins.instruction(builder, node, node.function.text)
    match node.function:
        case TypeExpression():
            return _cast(builder, node, names.home(builder).type_of(node.function.type))
        case New():
            return external.create(builder, node, node.function)
        case Name():
            return _by_name(builder, node, node.function.text)
        case Member():
            return _by_member(builder, node, node.function)
        case _:
            target = builder.value(node.function)
            return external.pointer(builder, node, target)


def _cast(builder: Builder, node: Call, kind: Type) -> Op:
    """Lower `T(value)`, or a struct or array made from its parts."""
    values = tuple(builder.value(argument) for argument in node.arguments)
    if kind.kind == "struct" or len(values) != 1:
        return builder.op("make", node, values, attribute=kind.name, type=kind)
    return builder.op("cast", node, values, attribute=kind, type=kind)


def _by_name(builder: Builder, node: Call, name: str) -> Op:
    local = builder.scope.find(name)
    if local is not None:
        return external.pointer(builder, node, builder.read(local))
    if names.in_vyper(builder):
        return vyper.by_name(builder, node, name)
    found = resolve.internal(builder, name, node)
    if found is not None:
        return functions.inline(builder, node, found)
    named = names.home(builder).named_type(name)
    if named.kind != "unknown":
        return _cast(builder, node, named)
    if name in builtins.BY_NAME:
        return builtins.BY_NAME[name](builder, node, name)
    if resolve.is_event(builder, name):
        values = tuple(builder.value(argument) for argument in node.arguments)
        return builder.op("emit", node, values, attribute=name)
    values = tuple(builder.value(argument) for argument in node.arguments)
    site = CallSite("internal", name, arguments=values)
    return builder.op("call", node, values, attribute=site)


def _by_member(builder: Builder, node: Call, member: Member) -> Op:
    base = member.base
    if isinstance(base, TypeExpression):
        return builtins.encode(builder, node, f"bytes.{member.name}")
    if isinstance(base, Name) and builder.scope.find(base.text) is None:
        keyword = vyper.by_member if names.in_vyper(builder) else _of_keyword
        made = keyword(builder, node, base.text, member.name)
        if made is not None:
            return made
    target = builder.value(base)
    if target.kind == "type":
        return _of_type(builder, node, member, target)
    attached = resolve.attached(builder, target.type, member.name, node)
    if attached is not None:
        return functions.inline(builder, node, attached, receiver=target)
    if member.name in builtins.BY_MEMBER and builtins.has_items(target):
        return builtins.BY_MEMBER[member.name](builder, node, target)
    return external.call(builder, node, member, target)


def _of_keyword(builder: Builder, node: Call, base: str, name: str) -> Op | None:
    """Lower `super.f(...)`, `abi.encode(...)` and the like; None for any other base."""
    if base == "super":
        found = resolve.above(builder, name, node)
        if found is None:
            return _unresolved(builder, node, name)
        return functions.inline(builder, node, found)
    if base in ("abi", "bytes", "string"):
        return builtins.encode(builder, node, f"{base}.{name}")
    if base == "block" and name == "blockhash":
        return builtins.BY_NAME[name](builder, node, name)
    return None


def _of_type(builder: Builder, node: Call, member: Member, target: Op) -> Op:
    """Lower `Library.f(...)`, `Base.f(...)`, `Value.wrap(...)` and `Contract.Struct(...)`."""
    named = target.type.parts[0] if target.type.parts else Type("unknown")
    found = resolve.qualified(builder, named, member.name, node)
    if found is not None:
        return functions.inline(builder, node, found)
    inner = getattr(named.declaration, "named_types", {}).get(member.name)
    if inner is not None:
        return _cast(builder, node, inner)
    if member.name in ("wrap", "unwrap"):
        return _cast(builder, node, named)
    return _unresolved(builder, node, member.name)


def _unresolved(builder: Builder, node: Call, name: str) -> Op:
    """Lower a call to code that is not there: a base's or a library's."""
    values = tuple(builder.value(argument) for argument in node.arguments)
    return builder.op("call", node, values, attribute=CallSite("library", name, arguments=values))
