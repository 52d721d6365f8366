"""Whether a parameter in memory is only read: what is copied to memory can be changed there.

In memory, arrays and structs are handed on by reference, from calldata by copy. A rewrite to
calldata is the same only where nobody gets hold of such a reference within the contract.
"""

from typing import Final

from diptych.audit.fixes.walk import Node, inside, names_in, parents_in
from diptych.audit.gas.site import GasSite, root_name
from diptych.audit.syntax.statements import Emit, Return, Revert, Variable
from diptych.audit.syntax.tree import (
    ArrayType,
    Assign,
    Call,
    ElementaryType,
    Index,
    Member,
    Name,
    TypeExpression,
)
from diptych.audit.syntax.unit import Function

__all__ = ["is_only_read"]

_READERS: Final = frozenset({"keccak256", "sha256", "ripemd160"})
_LENGTHS: Final = frozenset({"string", "bytes"})


def is_only_read(site: GasSite, function: Function, parameter: Variable) -> bool:
    """Whether no reference to a parameter, or to a part of it, is kept or handed on inside."""
    if names_in(function.modifiers) & {parameter.name} or parameter.name in site.assigned(function):
        return False
    parents = parents_in(function.body)
    return all(
        _is_harmless(site, parameter, each, parents)
        for each in inside(function.body)
        if isinstance(each, Name) and each.text == parameter.name
    )


def _is_harmless(site: GasSite, parameter: Variable, name: Name, parents: dict[int, Node]) -> bool:
    node: Node = name
    kind: Node = parameter.type
    holder = parents.get(id(node))
    while isinstance(holder, Index | Member) and holder.base is node:
        if isinstance(holder, Member) and holder.name == "length":
            return True
        is_text = isinstance(kind, ElementaryType) and kind.name in _LENGTHS
        if is_text and isinstance(holder, Index):
            return True  # one byte
        kind = kind.item if isinstance(kind, ArrayType) and isinstance(holder, Index) else None
        node, holder = holder, parents.get(id(holder))
    if isinstance(kind, ElementaryType) and kind.name not in _LENGTHS:
        return True
    return _is_copied(site, node, parents)


def _is_copied(site: GasSite, node: Node, parents: dict[int, Node]) -> bool:
    """Whether what uses a reference reads it and lets it go."""
    holder = parents.get(id(node))
    while isinstance(holder, Call) and isinstance(holder.function, TypeExpression):
        node, holder = holder, parents.get(id(holder))  # bytes(text), string(data)
    if isinstance(holder, Index | Member):  # a byte or the length of what was converted
        return holder.base is node and (isinstance(holder, Index) or holder.name == "length")
    if isinstance(holder, Return) or _is_stored(site, node, holder):
        return True
    return isinstance(holder, Call) and _is_let_go(site, holder, parents)


def _is_let_go(site: GasSite, holder: Call, parents: dict[int, Node]) -> bool:
    """Whether a call copies its arguments."""
    if isinstance(holder.function, Name) and _is_stored(site, holder, parents.get(id(holder))):
        return holder.function.text not in site.contract.functions  # a struct, made and stored
    if isinstance(parents.get(id(holder)), Emit | Revert):
        return True
    return _reads(site, holder)


def _is_stored(site: GasSite, node: Node, holder: Node) -> bool:
    """Whether something is copied to storage: assigned or pushed to a state variable."""
    if isinstance(holder, Assign):
        return holder.right is node and root_name(holder.left) in site.variables
    if isinstance(holder, Call) and isinstance(holder.function, Member):
        return holder.function.name == "push" and root_name(holder.function.base) in site.variables
    return False


def _reads(site: GasSite, call: Call) -> bool:
    """Whether a call encodes or hashes its arguments, or takes them out of the contract."""
    called = call.function
    if isinstance(called, Name):
        return called.text in _READERS
    if not isinstance(called, Member):
        return False
    base = called.base
    if isinstance(base, Name) and base.text in ("abi", "this"):
        return True
    if isinstance(base, TypeExpression):
        return True  # bytes.concat
    if isinstance(base, Name):  # a library takes references
        variable = site.variables.get(base.text)
        cast = variable is not None and site.type_of(variable).kind == "contract"
    else:
        cast = isinstance(base, Call) and isinstance(base.function, Name | TypeExpression)
    return cast and not any(owner.tree.usings for owner in site.contract.ancestry)
