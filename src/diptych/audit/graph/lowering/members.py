"""`base.member` where it is not called."""

from diptych.audit.graph.builder import Builder
from diptych.audit.graph.lowering import names, places
from diptych.audit.graph.ops import Op
from diptych.audit.graph.types import UINT256, Type
from diptych.audit.syntax.tree import Call, Member, Name

__all__ = ["lower_member"]

_ACCOUNT = {
    "balance": UINT256,
    "code": Type("bytes"),
    "codehash": Type("fixed_bytes", 256),
}
_SELECTOR = Type("fixed_bytes", 32)


def lower_member(builder: Builder, node: Member) -> Op:
    """Lower a member access to the value it gives."""
    known = _of_machine(builder, node)
    if known is not None:
        return known
    if isinstance(node.base, Call) and _is_type_query(node.base):
        return _of_type(builder, node, node.base)
    base = builder.value(node.base)
    if base.kind == "type":
        return _of_name(builder, node, base)
    if node.name in ("selector", "address") and base.type.kind in ("function", "unknown"):
        kind = _SELECTOR if node.name == "selector" else Type("address", 160)
        return builder.op("member", node, (base,), attribute=node.name, type=kind)
    if node.name in _ACCOUNT and base.type.kind in ("address", "contract", "literal", "unknown"):
        kind = _ACCOUNT[node.name]
        return builder.op("account", node, (base,), attribute=node.name, type=kind)
    if base.type.kind == "contract":
        kind = Type("function", name="external")
        return builder.op("member", node, (base,), attribute=node.name, type=kind)
    return places.load(builder, node, places.element_of(builder, node, base))


def _of_machine(builder: Builder, node: Member) -> Op | None:
    """Lower `msg.sender` and the like, and the state variables that Vyper names as members."""
    if isinstance(node.base, Name) and builder.scope.find(node.base.text) is None:
        magic = names.MAGIC.get(node.base.text, {})
        if node.name in magic:
            label = f"{node.base.text}.{node.name}"
            return builder.op("env", node, attribute=label, type=magic[node.name])
    found = names.stated(builder, node)
    return None if found is None else names.read_variable(builder, node, *found)


def _is_type_query(node: Call) -> bool:
    return isinstance(node.function, Name) and node.function.text == "type"


def _of_type(builder: Builder, node: Member, query: Call) -> Op:
    """Lower `type(T).min`, `.max`, `.interfaceId` and the like."""
    argument = builder.value(query.arguments[0]) if query.arguments else None
    named = argument.type.parts[0] if argument is not None and argument.type.parts else UINT256
    kind = named if node.name in ("min", "max") else Type("unknown")
    return builder.op("limit", node, attribute=node.name, type=kind)


def _of_name(builder: Builder, node: Member, base: Op) -> Op:
    """Lower `Contract.member`, `Enum.Value` and `Library.CONSTANT`."""
    named = base.type.parts[0] if base.type.parts else Type("unknown")
    if named.kind == "enum":
        values = getattr(getattr(named.declaration, "tree", None), "values", ())
        at = values.index(node.name) if node.name in values else None
        return builder.op("const", node, attribute=at, type=named)
    variables = getattr(named.declaration, "variables", {})
    if node.name in variables:
        return names.read_variable(builder, node, *variables[node.name])
    inner = getattr(named.declaration, "named_types", {}).get(node.name)
    if inner is not None:
        return builder.op("type", node, attribute=node.name, type=Type("meta", parts=(inner,)))
    kind = Type("function", name="internal")
    return builder.op("member", node, (base,), attribute=node.name, type=kind)
