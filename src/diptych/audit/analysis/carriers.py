"""Text and bytes that a contract keeps for readers outside and has no use for itself."""

from collections.abc import Iterator
from typing import NamedTuple

from diptych.audit.analysis.access import is_restricted
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.payments import in_loop
from diptych.audit.graph.ops import Op
from diptych.audit.graph.types import Type
from diptych.audit.syntax.unit import StateVariable

__all__ = ["Carrier", "carriers", "decoders", "endpoint", "is_mere_store"]

_BLOBS = frozenset({"string", "bytes"})
_USES = frozenset({"guard", "call", "selfdestruct"})
_READ_ONLY = frozenset({"view", "pure"})
# Functions of ERC-20, 721, 1155, 4626, 7572, ENS resolvers (ERC-137, 634, 1577): contracts with
# these keep text that wallets and markets know what to do with.
_STANDARD = frozenset(
    {
        "balanceOf", "ownerOf", "tokenURI", "uri", "contractURI", "baseURI", "baseTokenURI",
        "setBaseURI", "transferFrom", "approve", "allowance", "totalSupply", "symbol", "decimals",
        "supportsInterface", "resolver", "text", "addr", "contenthash", "royaltyInfo",
        "eip712Domain", "isValidSignature",
    }
)  # fmt: skip


class Carrier(NamedTuple):
    """A stored text: the variable, where it is set by few, and where anybody reads it."""

    variable: StateVariable
    kind: Type
    setters: tuple[Op, ...]
    readers: tuple[FunctionView, ...]


def carriers(contract: ContractGraph) -> Iterator[Carrier]:
    """Yield strings and bytes that are read from outside and used by nothing on chain."""
    for owner in contract.node.ancestry:
        for variable in owner.tree.variables:
            kind = owner.type_of(variable.type)
            wanted = _is_blob(kind) and not _is_registry(kind) and variable.mutability == ""
            if wanted and not _is_used(contract, variable):
                readers = tuple(_readers(contract, variable))
                if readers or variable.visibility == "public":
                    yield Carrier(variable, kind, tuple(_setters(contract, variable)), readers)


def is_mere_store(contract: ContractGraph) -> bool:
    """Whether a contract does nothing but give out and replace text or bytes that it holds.

    It follows no standard, pays nothing, calls nobody, and keeps no numbers and no accounts.
    """
    if not _is_idle(contract):
        return False
    kept = _kept(contract)
    shown = any(variable.visibility == "public" and _is_blob(kind) for variable, kind in kept)
    if not shown and not any(_gives(contract, view) for view in contract.entries):
        return False
    return all(
        variable.mutability != "" or _is_blob(kind) or kind.kind == "address"
        for variable, kind in kept
    )


def endpoint(contract: ContractGraph) -> Op | None:
    """Return where an IPv4 address and a port are set by few, in a contract of little else.

    That is a value of 32 bits and one of 16, set in the same function, used by nothing.
    """
    kinds = [kind for _, kind in _kept(contract) if kind.kind != "address"]
    if sorted(kind.bits for kind in kinds if not _is_blob(kind)) != [16, 32]:
        return None
    if not _is_idle(contract) or any(kind.kind == "int" for kind in kinds):
        return None
    for view in contract.entries:
        set_here = {write.type.bits: write for write in view.writes if _is_given(write)}
        if {16, 32} <= set_here.keys() and is_restricted(view, set_here[32]):
            return set_here[32]
    return None


def _is_idle(contract: ContractGraph) -> bool:
    """Whether a contract follows no standard, has no functions for pictures, and calls nobody."""
    node = contract.node
    if node.tree.kind != "contract" or not node.functions or _STANDARD & node.functions.keys():
        return False
    if any("uri" in name.lower() for name in node.functions):
        return False
    return not any(view.calls for view in contract.functions)


def _kept(contract: ContractGraph) -> list[tuple[StateVariable, Type]]:
    return [
        (variable, owner.type_of(variable.type))
        for owner in contract.node.ancestry
        for variable in owner.tree.variables
    ]


def _gives(contract: ContractGraph, view: FunctionView) -> bool:
    """Whether a function gives out text or bytes, as its result or in an event."""
    returns = view.function.returns if view.function is not None else ()
    return any(_is_blob(contract.node.type_of(each.type)) for each in returns) or any(
        op.kind == "emit" and any(_is_blob_value(each) for each in op.operands) for op in view.ops
    )


def _is_blob_value(op: Op) -> bool:
    return isinstance(op.attribute, bytes) or op.type.kind in _BLOBS


def decoders(contract: ContractGraph) -> Iterator[tuple[FunctionView, Op]]:
    """Yield functions that only read, and give out bytes with each XORed in a loop."""
    for view in contract.entries:
        function = view.function
        if function is None or function.mutability not in _READ_ONLY or not function.returns:
            continue
        if contract.node.type_of(function.returns[0].type).kind not in _BLOBS:
            continue
        stores = (op for op in view.ops if op.kind == "store" and op.place.field == "[]")
        for op in stores:
            if in_loop(view, op) and any(_is_mask(each) for each in sources(op.operands[1])):
                yield view, op
                break


def _is_mask(op: Op) -> bool:
    """Whether an op XORs an item of some bytes that are not the caller's."""
    if op.kind != "binary" or op.attribute != "^":
        return False
    found = [each for operand in op.operands for each in sources(operand)]
    return any(each.kind == "load" and each.place.field == "[]" for each in found) and not any(
        each.kind == "param" and each.type.kind in _BLOBS for each in found
    )


def _is_blob(kind: Type) -> bool:
    while kind.kind in ("array", "mapping"):
        kind = kind.parts[-1]
    return kind.kind in _BLOBS


def _is_registry(kind: Type) -> bool:
    """Whether text is kept by name, node or account, not by number."""
    while kind.kind in ("array", "mapping"):
        if kind.kind == "mapping" and kind.parts[0].kind != "uint":
            return True
        kind = kind.parts[-1]
    return False


def _of(variable: StateVariable, op: Op) -> bool:
    return op.place.variable is variable


def _is_used(contract: ContractGraph, variable: StateVariable) -> bool:
    """Whether a condition or a call depends on a variable's content, or other text is added."""
    for view in contract.functions:
        if not any(_of(variable, op) for op in view.ops if op.kind == "ref"):
            continue
        writes = any(_of(variable, write) for write in view.writes)
        if not writes and any(_is_blob(each.type) for each in view.graph.parameters):
            return True
        if any(_takes(op, variable) for op in view.ops if op.kind in _USES):
            return True
    return False


def _takes(op: Op, variable: StateVariable) -> bool:
    """Whether an op depends on a variable's content, not its length."""
    return any(
        each.kind in ("ref", "load", "element") and _of(variable, each) and not _is_length(each)
        for each in sources(op)
    )


def _is_length(op: Op) -> bool:
    return op.place.field == "length" or (
        op.kind == "ref" and all(user.place.field == "length" for user in op.users)
    )


def _setters(contract: ContractGraph, variable: StateVariable) -> Iterator[Op]:
    for view in contract.entries:
        for write in view.writes:
            if _of(variable, write) and _is_given(write) and is_restricted(view, write):
                yield write


def _is_given(write: Op) -> bool:
    """Whether an argument is written."""
    return any(each.kind == "param" for value in write.operands[1:] for each in sources(value))


def _readers(contract: ContractGraph, variable: StateVariable) -> Iterator[FunctionView]:
    for view in contract.entries:
        if view.function is None or view.function.mutability not in _READ_ONLY:
            continue
        ends = [op for op in view.ops if op.kind in ("return", "end")]
        if any(_of(variable, each) for op in ends for each in sources(op)):
            yield view
