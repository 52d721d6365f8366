"""Storage by source variable: the compiler's own layout, or the same rules applied by us.

Rules of packing: Solidity documentation, "Layout of State Variables in Storage". Compilers before
0.5.13 do not write the layout down, so it is computed from our syntax tree for them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from diptych.audit.graph.program import ContractNode
from diptych.audit.graph.types import Type

__all__ = ["Layout", "StorageType", "StorageVariable", "read_layout", "source_layout"]

_WORD = 32
_MAX_DEPTH = 8
_SIZES = {"bool": 1, "address": 20, "enum": 1, "contract": 20}


@dataclass(frozen=True)
class StorageVariable:
    """A state variable or a member of a struct; `type` names an entry of the layout's types."""

    name: str
    slot: int
    offset: int
    type: str


@dataclass(frozen=True)
class StorageType:
    """How a type lies in storage.

    Attributes:
        label: as the source writes it.
        encoding: inplace, mapping, dynamic_array or bytes.
        size: in bytes.
        key: a mapping's key type.
        item: a mapping's value type or an array's item type.
        members: of a struct.
    """

    label: str
    encoding: str
    size: int
    key: str = ""
    item: str = ""
    members: tuple[StorageVariable, ...] = ()


@dataclass(frozen=True)
class Layout:
    """A contract's state variables in order, and their types."""

    variables: tuple[StorageVariable, ...]
    types: dict[str, StorageType] = field(default_factory=dict)

    def described(self) -> tuple[tuple[str, int, int, str], ...]:
        """Return name, slot, offset and full type of each variable, comparable between builds."""
        return tuple((v.name, v.slot, v.offset, self.description(v.type)) for v in self.variables)

    def description(self, name: str, depth: int = 0) -> str:
        """Return a type in words that know no compiler's numbering."""
        kind = self.types.get(name)
        if kind is None or depth > _MAX_DEPTH:
            return "?"
        inner = [self.description(part, depth + 1) for part in (kind.key, kind.item) if part]
        inner += [
            f"{m.name}@{m.slot}.{m.offset}:{self.description(m.type, depth + 1)}"
            for m in kind.members
        ]
        return f"{kind.label}/{kind.encoding}/{kind.size}({','.join(inner)})"


def read_layout(written: dict[str, Any]) -> Layout:
    """Read the compiler's `storageLayout`.

    Raises:
        ValueError: it has another shape.
    """
    try:
        types = {
            name: StorageType(
                label=str(each["label"]),
                encoding=str(each["encoding"]),
                size=int(each["numberOfBytes"]),
                key=str(each.get("key", "")),
                item=str(each.get("value", each.get("base", ""))),
                members=tuple(_variable(member) for member in each.get("members", ())),
            )
            for name, each in (written.get("types") or {}).items()
        }
        return Layout(tuple(_variable(each) for each in written["storage"]), types)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no storage layout: {error!r}") from error


def _variable(each: dict[str, Any]) -> StorageVariable:
    return StorageVariable(
        str(each["label"]), int(each["slot"]), int(each["offset"]), str(each["type"])
    )


def source_layout(contract: ContractNode) -> Layout:
    """Lay a contract's variables out as the compiler does, most base-like contract first.

    Raises:
        ValueError: a type is not known, for its source is missing.
    """
    made = _Maker()
    fields = [
        (variable.name, owner.type_of(variable.type))
        for owner in reversed(contract.ancestry)
        for variable in owner.tree.variables
        if not variable.mutability
    ]
    variables, _ = made.place(fields)
    return Layout(tuple(variables), made.types)


class _Maker:
    def __init__(self) -> None:
        self.types: dict[str, StorageType] = {}

    def place(self, fields: list[tuple[str, Type]]) -> tuple[list[StorageVariable], int]:
        """Give each field its slot and offset; returns them and the number of slots."""
        placed: list[StorageVariable] = []
        slot = offset = 0
        for name, kind in fields:
            key = self.add(kind)
            size = self.types[key].size
            alone = kind.kind in ("struct", "array") or size > _WORD
            if offset and (alone or offset + size > _WORD):
                slot, offset = slot + 1, 0
            placed.append(StorageVariable(name, slot, offset, key))
            if alone:
                slot += -(-size // _WORD)
            else:
                offset += size
        return placed, slot + bool(offset)

    def add(self, kind: Type) -> str:
        """Note a type; returns the name that it goes by."""
        key = f"{kind.kind}:{kind.bits}:{kind.name}:{kind.length}:{id(kind.declaration)}"
        key += "".join(f"<{each}>" for each in self._parts(kind))
        if key not in self.types:
            label = kind.name or f"{kind.kind}{kind.bits or ''}"
            self.types[key] = StorageType(label, "inplace", _WORD)  # a struct may hold itself
            self.types[key] = self._made(kind, label)
        return key

    def _parts(self, kind: Type) -> Iterator[str]:
        if kind.kind in ("mapping", "array"):
            yield from (self.add(part) for part in kind.parts)

    def _made(self, kind: Type, label: str) -> StorageType:
        match kind.kind:
            case "mapping":
                parts = [self.add(part) for part in kind.parts]
                return StorageType(label, "mapping", _WORD, key=parts[0], item=parts[1])
            case "array":
                return self._array(kind, label)
            case "bytes" | "string":
                return StorageType(label, "bytes", _WORD)
            case "struct":
                members = getattr(kind.declaration, "members", None)
                if members is None:
                    raise ValueError(f"struct {label} is not known")
                placed, slots = self.place(list(members.items()))
                return StorageType(label, "inplace", slots * _WORD, members=tuple(placed))
        return StorageType(label, "inplace", _value_size(kind))

    def _array(self, kind: Type, label: str) -> StorageType:
        item = self.add(kind.parts[0])
        if kind.length is None:
            return StorageType(label, "dynamic_array", _WORD, item=item)
        if kind.length < 0:
            raise ValueError("an array's length is not known")
        size = self.types[item].size
        per_slot = max(1, _WORD // size)
        slots = kind.length * -(-size // _WORD) if size > _WORD else -(-kind.length // per_slot)
        return StorageType(f"{label}[{kind.length}]", "inplace", slots * _WORD, item=item)


def _value_size(kind: Type) -> int:
    if kind.kind in ("uint", "int", "fixed_bytes"):
        return kind.bits // 8
    if kind.kind == "function":
        return 24 if kind.name == "external" else 8
    if kind.kind in _SIZES:
        return _SIZES[kind.kind]
    raise ValueError(f"type {kind.kind} is not known")
