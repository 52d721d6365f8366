"""The words that ops are described with: closed lists, none of them a contract's own name.

The order is part of the model: adding a word anywhere but at the end asks for retraining.
"""

from functools import lru_cache
from typing import Final

from diptych.audit.graph.ops import Op, Place
from diptych.audit.graph.types import Type

__all__ = ["ATTRIBUTES", "CATEGORIES", "KINDS", "TYPES", "attribute_of", "kind_of", "type_of"]

CATEGORIES: Final = (
    *("reentrancy", "access_control", "arithmetic", "unchecked_low_level_calls"),
    *("denial_of_service", "bad_randomness", "front_running", "time_manipulation", "other"),
)
"""What the network answers for, in the order of its outputs."""

KINDS: Final = (
    *("?", "variable", "param", "env", "const", "zero", "ref", "element", "load", "store", "push"),
    *("pop", "binary", "unary", "cast", "slice", "make", "tuple", "pick", "phi", "limit"),
    *("builtin", "account", "member", "type", "assembly", "call", "guard", "return", "revert"),
    *("end", "emit", "selfdestruct", "modifier", "unknown"),
)
_OPERATORS = (
    *("+", "-", "*", "/", "%", "**", "<<", ">>", "&", "|", "^", "~", "!", "&&", "||", "==", "!="),
    *("<", ">", "<=", ">=", "delete"),
)
_ENVIRONMENT = (
    *("msg.sender", "msg.value", "msg.data", "msg.sig", "tx.origin", "tx.gasprice", "this", "now"),
    *("block.timestamp", "block.number", "block.difficulty", "block.prevrandao", "block.coinbase"),
    *("block.gaslimit", "block.chainid", "block.basefee", "gas", "returndatasize", "callvalue"),
    *("caller", "origin", "timestamp", "number", "chainid", "blockhash", "keccak256", "sha256"),
    *("sha3", "ecrecover", "abi.encode", "abi.encodePacked", "abi.encodeWithSelector"),
    *("abi.encodeWithSignature", "abi.encodeCall", "abi.decode", "addmod", "mulmod", "balance"),
    *("code", "codehash", "selector", "slot", "offset", "length", "max", "min", "new", "require"),
    *("assert", "sload", "sstore", "mload", "mstore", "calldataload", "calldatacopy", "call"),
    *("delegatecall", "staticcall", "create", "create2", "extcodesize", "returndatacopy"),
)
_CALLS = (
    *("call:call", "call:staticcall", "call:delegatecall", "call:callcode", "call:send"),
    *("call:transfer", "call:high_level", "call:create", "call:library", "call:internal"),
)
_STANDARD = (
    *("transfer", "transferFrom", "approve", "safeTransfer", "safeTransferFrom", "balanceOf"),
    *("ownerOf", "latestRoundData", "latestAnswer", "getReserves", "slot0", "mint", "burn"),
    *("onERC721Received", "onERC1155Received", "permit"),
)
"""Functions of standard interfaces; other names of functions are not told apart."""
_PLACES = tuple(
    f"{where}:{field}"
    for where in ("storage", "transient", "immutable", "memory", "calldata", "value", "unknown")
    for field in ("", "[]", "member")
)
ATTRIBUTES: Final = (
    *("?", ""),
    *_OPERATORS,
    *_ENVIRONMENT,
    *_CALLS,
    *(f"to:{name}" for name in _STANDARD),
    *_PLACES,
)
_WIDTHS = (8, 16, 32, 64, 96, 128, 160, 256)
TYPES: Final = (
    *("?", "address", "bool", "bytes", "string", "mapping", "array", "struct", "contract", "enum"),
    *("tuple", "function", "meta", "literal"),
    *(f"{kind}{bits}" for kind in ("uint", "int", "fixed_bytes") for bits in _WIDTHS),
)

_KIND_AT = {name: at for at, name in enumerate(KINDS)}
_ATTRIBUTE_AT = {name: at for at, name in enumerate(ATTRIBUTES)}
_TYPE_AT = {name: at for at, name in enumerate(TYPES)}
_STANDARD_SET = frozenset(_STANDARD)
_NAMED = frozenset(
    {
        *("binary", "unary", "env", "builtin", "account", "member", "assembly", "guard"),
        *("limit", "make"),
    }
)


def kind_of(op: Op) -> int:
    """Return the number of an op's kind."""
    return _KIND_AT.get(op.kind, 0)


def attribute_of(op: Op) -> int:
    """Return the number of what an op does, without any name of the source."""
    if op.kind == "call":
        call = op.call
        if call.kind in ("high_level", "library") and call.name in _STANDARD_SET:
            return _ATTRIBUTE_AT[f"to:{call.name}"]
        return _ATTRIBUTE_AT.get(f"call:{call.kind}", 0)
    attribute = op.attribute
    if isinstance(attribute, Place):
        return _place_at(attribute.where, attribute.field)
    if op.kind in _NAMED:
        return _ATTRIBUTE_AT.get(str(attribute), 0)
    return 1


@lru_cache(maxsize=512)
def _place_at(where: str, field: str) -> int:
    part = field if field in ("", "[]") else "member"
    return _ATTRIBUTE_AT.get(f"{where}:{part}", 0)


def type_of(kind: Type) -> int:
    """Return the number of a type, with widths rounded up to eight."""
    return _type_at(kind.kind, kind.bits)


@lru_cache(maxsize=512)
def _type_at(kind: str, bits: int) -> int:
    if kind in ("uint", "int", "fixed_bytes"):
        width = next((each for each in _WIDTHS if bits <= each), 256)
        return _TYPE_AT[f"{kind}{width}"]
    return _TYPE_AT.get(kind, 0)
