"""Places: where values are read from and written to."""

from dataclasses import dataclass

from diptych.audit.graph.builder import Builder, Local
from diptych.audit.graph.lowering import names
from diptych.audit.graph.ops import Op, Place
from diptych.audit.graph.types import UINT256, UNKNOWN, Type
from diptych.audit.syntax.tree import Expression, Index, Member, Name

__all__ = ["LocalPlace", "element", "element_of", "load", "member_type", "place", "store"]

_BYTE = Type("fixed_bytes", 8)


@dataclass(frozen=True, slots=True)
class LocalPlace:
    """A local variable as the target of an assignment."""

    local: Local

    @property
    def type(self) -> Type:
        """The local's type."""
        return self.local.type


def place(builder: Builder, node: Expression) -> Op | LocalPlace:
    """Lower the target of an assignment."""
    if isinstance(node, Name):
        local = builder.scope.find(node.text)
        if local is not None:
            return LocalPlace(local)
        found = names.home(builder).variables.get(node.text) or names.inferred(builder, node)
        if found is not None:
            return names.state_place(builder, node, *found)
    if isinstance(node, Member):
        found = names.stated(builder, node)
        if found is not None:
            return names.state_place(builder, node, *found)
    if isinstance(node, Index | Member):
        return element(builder, node)
    value = builder.value(node)
    return builder.op("element", node, (value,), attribute=value.place, type=value.type)


def element(builder: Builder, node: Index | Member) -> Op:
    """Lower `base[key]` or `base.member` to a reference."""
    base = builder.value(node.base)
    if base.kind == "unknown" and isinstance(node, Index) and isinstance(node.base, Name):
        found = names.inferred(builder, node.base, indexed=True)
        if found is not None:
            base = names.state_place(builder, node.base, *found)
    return element_of(builder, node, base)


def element_of(builder: Builder, node: Index | Member, base: Op) -> Op:
    """Make the reference to a member or item of a base that is lowered already."""
    base = _kept(base)
    root = base.place
    if base.type.is_reference and (root.where == "unknown" or base.kind == "load"):
        root = Place("memory")
    if isinstance(node, Member):
        where = Place(root.where, root.variable, node.name)
        kind = member_type(base.type, node.name)
        return builder.op("element", node, (base,), attribute=where, type=kind)
    operands = (base,) if node.key is None else (base, builder.value(node.key))
    where = Place(root.where, root.variable, "[]")
    return builder.op("element", node, operands, attribute=where, type=item_type(base.type))


def _kept(base: Op) -> Op:
    """Return the place in storage of what has members or items, its type being unknown.

    Of a variable that a missing base declares, `x[a][b]` is one place with two keys.
    """
    if base.kind != "load" or base.type.kind != "unknown" or base.place.where != "storage":
        return base
    place = base.operands[0]
    return place if place.kind in ("ref", "element") else base


def member_type(base: Type, name: str) -> Type:
    """Return the type of a struct's member, or of an array's length."""
    members = getattr(base.declaration, "members", None) if base.kind == "struct" else None
    if members is not None:
        found: Type = members.get(name, UNKNOWN)
        return found
    return UINT256 if name == "length" else UNKNOWN


def item_type(base: Type) -> Type:
    """Return what indexing a value of a type gives."""
    if base.kind == "mapping":
        return base.parts[1]
    if base.kind == "array":
        return base.parts[0]
    return _BYTE if base.kind in ("bytes", "fixed_bytes", "string") else UNKNOWN


def load(builder: Builder, node: Expression, target: Op | LocalPlace) -> Op:
    """Read a place; a reference type stays a reference."""
    if isinstance(target, LocalPlace):
        return builder.read(target.local)
    if target.type.is_reference:
        return target
    return builder.op("load", node, (target,), attribute=target.place, type=target.type)


def store(builder: Builder, node: Expression, target: Op | LocalPlace, value: Op) -> Op:
    """Write a place and return what was written."""
    if isinstance(target, LocalPlace):
        builder.env[target.local.key] = value
        return value
    return builder.op("store", node, (target, value), attribute=target.place, type=target.type)
