"""Values for ABI types: boundaries, what the run has seen, and seeded chance."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Pool", "abi_type", "keys_of", "value_of"]

_SIZED = re.compile(r"(u?int|bytes)(\d+)\Z")
_ARRAY = re.compile(r"(.*)\[(\d*)\]\Z")
_MAX_DEPTH = 5
_MAX_LENGTH = 3
_WORD = 32
_ETHER = 10**18
_TEXTS = (b"", b"a", b"name", b"the quick brown fox jumps over the lazy dog")


@dataclass(frozen=True)
class Pool:
    """What values are drawn from.

    Attributes:
        addresses: accounts and contracts of the run, `0x` text; earlier ones come up more often.
        numbers: numbers worth trying, such as the constants in the source.
        texts: texts worth trying.
    """

    addresses: tuple[str, ...]
    numbers: tuple[int, ...] = ()
    texts: tuple[bytes, ...] = field(default=_TEXTS)


def abi_type(parameter: dict[str, Any]) -> str:
    """Return a parameter's type as the codec wants it, tuples spelled out."""
    kind = str(parameter.get("type", ""))
    if not kind.startswith("tuple"):
        return kind
    inner = ",".join(abi_type(each) for each in parameter.get("components", ()))
    return f"({inner}){kind.removeprefix('tuple')}"


def value_of(kind: str, chance: random.Random, pool: Pool, depth: int = 0) -> Any:
    """Return a value of an ABI type.

    Raises:
        ValueError: the type is not known.
    """
    array = _ARRAY.match(kind)
    if array is not None and depth < _MAX_DEPTH:
        length = int(array[2]) if array[2] else chance.randrange(_MAX_LENGTH + 1)
        return [value_of(array[1], chance, pool, depth + 1) for _ in range(min(length, 64))]
    if kind.startswith("(") and depth < _MAX_DEPTH:
        return tuple(value_of(each, chance, pool, depth + 1) for each in _members(kind[1:-1]))
    return _simple(kind, chance, pool)


def _simple(kind: str, chance: random.Random, pool: Pool) -> Any:
    if kind == "address":
        near = chance.random() < 0.7
        return chance.choice(pool.addresses[:4] if near else pool.addresses)
    if kind == "bool":
        return chance.random() < 0.5
    if kind == "string":
        return chance.choice(pool.texts).decode("utf-8", "replace")
    if kind == "bytes":
        return chance.choice((*pool.texts, chance.randbytes(36)))
    if kind == "function":
        return chance.randbytes(24)
    sized = _SIZED.match(kind)
    if sized is None:
        raise ValueError(f"type {kind} is not known")
    size = int(sized[2])
    if sized[1] == "bytes":
        return chance.choice((bytes(size), chance.randbytes(size)))
    return _number(sized[1] == "int", size, chance, pool)


def _number(signed: bool, bits: int, chance: random.Random, pool: Pool) -> int:
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    kind = chance.random()
    if kind < 0.45:
        value = chance.choice((0, 1, 2, 3, 5, 10, 100))
    elif kind < 0.7:
        value = chance.choice((*pool.numbers, 1000, _ETHER, _ETHER // 100, 1 << (bits // 2)))
    elif kind < 0.85:
        value = chance.choice((low, high, high - 1, high // 2 + 1))
    else:
        value = chance.getrandbits(chance.randrange(1, bits + 1))
    return max(low, min(high, value))


def _members(text: str) -> Sequence[str]:
    """Split the types of a tuple at the commas that stand outside of inner tuples."""
    parts: list[str] = []
    depth, start = 0, 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if char == "," and not depth:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]] if text else []


def keys_of(value: Any) -> list[bytes]:
    """Return what a mapping could be indexed with: a value's words and texts."""
    if isinstance(value, bool | int):
        return [(int(value) % (1 << 256)).to_bytes(_WORD, "big")]
    if isinstance(value, str) and value.startswith("0x") and len(value) == 42:
        return [bytes.fromhex(value[2:]).rjust(_WORD, b"\0"), value.encode()]
    if isinstance(value, str):
        return [value.encode()]
    if isinstance(value, bytes):
        return [value, value[:_WORD].ljust(_WORD, b"\0")]
    return [key for each in value for key in keys_of(each)]
