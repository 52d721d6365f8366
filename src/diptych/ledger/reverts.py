"""Revert data turned into named rules: `Anchor.SizeMustGrow` instead of four bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eth_hash.auto import keccak

from diptych.core.errors import JsonValue
from diptych.ledger.errors import Reverted
from diptych.ledger.masking import clean_text

_ERROR_STRING = keccak(b"Error(string)")[:4]
_PANIC = keccak(b"Panic(uint256)")[:4]
_PANICS = {
    0x01: "assertion failed",
    0x11: "arithmetic overflow",
    0x12: "division by zero",
    0x21: "bad enum value",
    0x31: "pop from an empty array",
    0x32: "index out of bounds",
    0x41: "out of memory",
    0x51: "call of an unset function",
}

AbiItem = Mapping[str, JsonValue]


@dataclass(frozen=True)
class _Rule:
    name: str
    parameters: tuple[str, ...]
    types: tuple[str, ...]


class RevertDecoder:
    """Knows the custom errors of some contracts by selector.

    Two contracts that declare the same error share its selector; the first one named wins.
    """

    def __init__(self, abis: Mapping[str, Sequence[AbiItem]] | None = None) -> None:
        """Collect the errors.

        Args:
            abis: contract name to its ABI (Solidity JSON).
        """
        self._rules: dict[bytes, _Rule] = {}
        for contract, abi in (abis or {}).items():
            for item in abi:
                if item.get("type") == "error":
                    rule = _rule(contract, item)
                    self._rules.setdefault(_selector(item, rule.types), rule)

    def decode(self, data: bytes) -> Reverted:
        """Return the error that the revert data names."""
        from eth_abi.abi import decode
        from eth_abi.exceptions import DecodingError

        selector, body = data[:4], data[4:]
        try:
            if selector == _ERROR_STRING:
                (text,) = decode(["string"], body)
                return Reverted(f"the contract refused: {clean_text(text)}", data=data)
            if selector == _PANIC:
                (number,) = decode(["uint256"], body)
                reason = _PANICS.get(number, f"panic {number:#x}")
                return Reverted(f"the contract failed: {reason}", data=data)
            rule = self._rules.get(selector)
            if rule is not None:
                return _named(rule, decode(list(rule.types), body), data)
        except (DecodingError, UnicodeDecodeError, OverflowError):
            pass
        if not data:
            return Reverted("the contract refused without a reason")
        return Reverted(f"the contract refused with {data[:36].hex()}", data=data)

    def explain(self, error: Reverted) -> Reverted:
        """Return the error with the contract's own rule as its code, where it is known."""
        return self.decode(error.data) if error.data else error


def _rule(contract: str, item: AbiItem) -> _Rule:
    inputs = item.get("inputs")
    fields = [i for i in inputs if isinstance(i, dict)] if isinstance(inputs, list) else []
    return _Rule(
        name=f"{contract}.{item.get('name')}",
        parameters=tuple(str(i.get("name") or n) for n, i in enumerate(fields)),
        types=tuple(_abi_type(i) for i in fields),
    )


def _abi_type(field: Mapping[str, JsonValue]) -> str:
    declared = str(field.get("type"))
    if not declared.startswith("tuple"):
        return declared
    parts = field.get("components")
    inner = [_abi_type(p) for p in parts if isinstance(p, dict)] if isinstance(parts, list) else []
    return f"({','.join(inner)}){declared.removeprefix('tuple')}"


def _selector(item: AbiItem, types: Sequence[str]) -> bytes:
    return keccak(f"{item.get('name')}({','.join(types)})".encode())[:4]


def _named(rule: _Rule, values: Sequence[object], data: bytes) -> Reverted:
    arguments: dict[str, JsonValue] = {
        name: _shown(value) for name, value in zip(rule.parameters, values, strict=True)
    }
    told = ", ".join(f"{name} = {value}" for name, value in arguments.items())
    return Reverted(
        f"the contract refused: {rule.name}({told})", data=data, rule=rule.name, arguments=arguments
    )


def _shown(value: object) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return clean_text(str(value))
