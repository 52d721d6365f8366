"""All source units of one scan, with names resolved between them."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final

from diptych.audit.graph.hierarchy import linearise
from diptych.audit.graph.meanings import Target
from diptych.audit.graph.source_unit import Unit
from diptych.audit.graph.types import UNKNOWN, Type, elementary_type
from diptych.audit.syntax.tree import (
    ArrayType,
    ElementaryType,
    FunctionType,
    MappingType,
    NamedType,
    Number,
    TypeName,
)
from diptych.audit.syntax.unit import (
    Contract,
    Enumeration,
    Function,
    StateVariable,
    Structure,
    ValueType,
)

__all__ = ["ContractNode", "Program", "Unit"]


class ContractNode:
    """One contract of a program: its syntax, its unit, its ancestors."""

    def __init__(self, program: "Program", unit: Unit, tree: Contract) -> None:
        self.program: Final = program
        self.unit: Final = unit
        self.tree: Final = tree
        self._meant: dict[str, Type] = {}

    @cached_property
    def bases(self) -> tuple["ContractNode", ...]:
        """The direct bases that could be found, in source order."""
        found = (self.program.contract(base.name, self.unit) for base in self.tree.bases)
        return tuple(base for base in found if base is not None and base is not self)

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Names of ancestors whose source is not there."""
        return tuple(
            base.name
            for ancestor in self.ancestry
            for base in ancestor.tree.bases
            if self.program.contract(base.name, ancestor.unit) is None
        )

    @cached_property
    def inferred(self) -> dict[str, StateVariable]:
        """Variables that names were taken for whose declaration is out of sight; see `inferred`."""
        return {}

    @cached_property
    def ancestry(self) -> tuple["ContractNode", ...]:
        """This contract and its ancestors, most derived first."""
        return linearise(self, lambda contract: contract.bases, self.program.orders)

    @cached_property
    def functions(self) -> dict[str, list[tuple["ContractNode", Function]]]:
        """Functions and modifiers by name, most derived first."""
        found: dict[str, list[tuple[ContractNode, Function]]] = {}
        for owner in self.ancestry:
            for function in owner.tree.functions:
                found.setdefault(function.name or function.kind, []).append((owner, function))
        return found

    @property
    def exported(self) -> Iterator[tuple["ContractNode", Function]]:
        """The functions of other modules that a Vyper module offers as its own."""
        for path in self.tree.exports:
            module, name = self._module(path)
            for function in () if module is None else module.tree.functions:
                if module is not None and name in (function.name, "__interface__"):
                    yield module, function

    def _module(self, path: str) -> tuple["ContractNode | None", str]:
        """Follow `module.module.name` as far as modules go."""
        *stems, name = path.split(".")
        module: ContractNode | None = self
        for stem in stems:
            module = None if module is None else self.program.contract(stem, module.unit)
        return None if module is self else module, name

    @cached_property
    def variables(self) -> dict[str, tuple["ContractNode", StateVariable]]:
        """State variables by name, the most derived one where names repeat."""
        found: dict[str, tuple[ContractNode, StateVariable]] = {}
        for owner in self.ancestry:
            for variable in owner.tree.variables:
                found.setdefault(variable.name, (owner, variable))
        return found

    @cached_property
    def own_types(self) -> dict[str, Type]:
        """Structs, enums and value types that are declared right here."""
        tree = self.tree
        items: tuple[Structure | Enumeration | ValueType, ...]
        items = (*tree.structures, *tree.enumerations, *tree.value_types)
        return {item.name: self.program.declared_type(item, self) for item in items}

    @cached_property
    def named_types(self) -> dict[str, Type]:
        """Structs, enums and value types that this contract and its ancestors declare."""
        found: dict[str, Type] = {}
        for owner in self.ancestry:
            for name, kind in owner.own_types.items():
                found.setdefault(name, kind)
        return found

    def type_of(self, written: TypeName | None) -> Type:
        """Resolve a type name as it is meant inside of this contract."""
        if isinstance(written, ElementaryType):
            return elementary_type(written.name)
        match written:
            case None:
                return UNKNOWN
            case MappingType():
                return Type(
                    "mapping", parts=(self.type_of(written.key), self.type_of(written.value))
                )
            case ArrayType():
                size = written.length.value if isinstance(written.length, Number) else None
                fixed = size if written.length is not None and not written.bounded else None
                dynamic = written.length is None or written.bounded
                length = None if dynamic else (fixed if fixed is not None else -1)
                return Type("array", parts=(self.type_of(written.item),), length=length)
            case FunctionType():
                return Type("function", name="external" if written.external else "internal")
            case NamedType():
                return self.named_type(written.name)

    def named_type(self, name: str) -> Type:
        """Resolve a type by the name that stands in this contract, `UNKNOWN` if there is none."""
        if name not in self._meant:
            self._meant[name] = self._named_type(name)
        return self._meant[name]

    def _named_type(self, name: str) -> Type:
        owner, _, last = name.rpartition(".")
        if owner:
            outer = self.program.contract(owner.rpartition(".")[2], self.unit)
            if outer is not None and outer is not self:
                return outer.named_types.get(last, UNKNOWN)
        if last in self.named_types:
            return self.named_types[last]
        contract = self.program.contract(last, self.unit)
        if contract is not None:
            return Type("contract", 160, name=last, declaration=contract)
        for free in self.program.free(self.unit):
            if free is not self and last in free.own_types:
                return free.own_types[last]
        return UNKNOWN


class Program:
    """The units of a scan and how they refer to each other."""

    def __init__(self, units: tuple[Unit, ...]) -> None:
        self.units: Final = units
        self.contracts: Final = tuple(
            ContractNode(self, unit, tree) for unit in units for tree in unit.tree.contracts
        )
        self.orders: Final[dict[ContractNode, tuple[ContractNode, ...]]] = {}
        self._visible: dict[str, dict[str, ContractNode]] = {}
        self._frees: dict[str, tuple[ContractNode, ...]] = {}

    def contract(self, name: str, near: Unit) -> ContractNode | None:
        """Find a contract by name: in the same unit first, then in what it imports."""
        return self._names(near).get(name.rpartition(".")[2])

    def _names(self, near: Unit) -> dict[str, ContractNode]:
        if near.path not in self._visible:
            found: dict[str, ContractNode] = {}
            for name, module in near.modules.items():
                found.update((name, contract) for contract in self._by_unit[module.path][:1])
            for unit in near.visible:
                for contract in self._by_unit.get(unit.path, ()):
                    found.setdefault(contract.tree.name, contract)
            self._visible[near.path] = found
        return self._visible[near.path]

    @cached_property
    def _by_unit(self) -> dict[str, list[ContractNode]]:
        found: dict[str, list[ContractNode]] = {}
        for contract in self.contracts:
            found.setdefault(contract.unit.path, []).append(contract)
        return found

    def free(self, near: Unit) -> tuple[ContractNode, ...]:
        """Return what stands outside of contracts: of this unit first, then of its imports.

        A unit where nothing does is left out.
        """
        if near.path not in self._frees:
            parts = [self._free[unit.path] for unit in near.visible if unit.path in self._free]
            self._frees[near.path] = tuple(part for part in parts if not part.tree.is_empty)
        return self._frees[near.path]

    def declared_at(self, target: Target) -> tuple[ContractNode, Function] | None:
        """Return the function that stands at a place, with the contract that declares it."""
        return self._declared.get(target)

    @cached_property
    def _declared(self) -> dict[Target, tuple[ContractNode, Function]]:
        return {
            Target(owner.unit.path, function.start - owner.unit.tree.shift): (owner, function)
            for owner in (*self.contracts, *self._free.values())
            for function in owner.tree.functions
        }

    def free_of(self, path: str) -> Iterator[ContractNode]:
        """Yield the free part of one unit, if it declares functions."""
        node = self._free.get(path)
        if node is not None and node.tree.functions:
            yield node

    @cached_property
    def _free(self) -> dict[str, ContractNode]:
        return {unit.path: ContractNode(self, unit, unit.tree.free) for unit in self.units}

    def declared_type(self, item: Structure | Enumeration | ValueType, owner: ContractNode) -> Type:
        """Return the type that a declaration makes."""
        match item:
            case Structure():
                return Type("struct", name=item.name, declaration=_Struct(owner, item))
            case Enumeration():
                return Type("enum", 8, name=item.name, declaration=_Enum(item))
            case ValueType():
                return owner.type_of(item.underlying)


class _Enum:
    """An enum's values; compared by identity, so types stay cheap to compare."""

    def __init__(self, tree: Enumeration) -> None:
        self.tree: Final = tree


class _Struct:
    """A struct where it is declared; its member types are resolved when asked for."""

    def __init__(self, owner: ContractNode, tree: Structure) -> None:
        self.owner: Final = owner
        self.tree: Final = tree

    @cached_property
    def members(self) -> dict[str, Type]:
        """The type of each member by name."""
        return {member.name: self.owner.type_of(member.type) for member in self.tree.members}
