"""Which function a call means."""

from collections.abc import Iterable
from typing import NamedTuple

from diptych.audit.graph.builder import Builder
from diptych.audit.graph.lowering import names
from diptych.audit.graph.program import ContractNode
from diptych.audit.graph.types import Type
from diptych.audit.syntax.tree import Call
from diptych.audit.syntax.unit import Function, Using

__all__ = ["above", "attached", "internal", "is_event", "modifier", "own", "qualified"]

Found = tuple[ContractNode, Function]


class _Called(NamedTuple):
    """A call: the name, how many arguments it gives, and what the compiler says is meant."""

    name: str
    arguments: int
    meant: Found | None

    @classmethod
    def of(cls, name: str, node: Call, meant: Found | None) -> "_Called":
        return cls(name, len(node.arguments), meant)


def internal(builder: Builder, name: str, node: Call) -> Found | None:
    """Find the function that a bare name calls: virtual ones as the derived contract has them."""
    meant = _meant(builder, node)
    found = builder.ask(_overriding, names.home(builder), _Called.of(name, node, meant))
    if found is not None:
        return found
    unit = names.home(builder).unit
    for free in names.home(builder).program.free(unit):
        found = _matching(free.functions.get(name, ()), len(node.arguments), meant)
        if found is not None:
            return found
    return None


def own(module: ContractNode, name: str, node: Call) -> Found | None:
    """Find the function of a Vyper module; nothing overrides it."""
    functions = ((module, f) for f in module.tree.functions if f.name == name)
    return _matching(functions, len(node.arguments))


def modifier(builder: Builder, name: str) -> Found | None:
    """Find the modifier of a name, as the derived contract has it."""
    return builder.ask(_modifying, names.home(builder), name.rpartition(".")[2])


def above(builder: Builder, name: str, node: Call) -> Found | None:
    """Find what `super.name(...)` calls: the next in the order of inheritance."""
    called = _Called.of(name, node, _meant(builder, node))
    return builder.ask(_next_above, names.home(builder), called)


def qualified(builder: Builder, named: Type, name: str, node: Call) -> Found | None:
    """Find what `Library.name(...)` or `Base.name(...)` calls."""
    owner = named.declaration
    if not isinstance(owner, ContractNode) or owner.tree.kind == "interface":
        return None
    if owner.tree.kind != "library" and not builder.ask(_inherits, names.home(builder), owner):
        return None
    functions = owner.functions.get(name, ())
    return _matching(functions, len(node.arguments), _meant(builder, node))


def attached(builder: Builder, receiver: Type, name: str, node: Call) -> Found | None:
    """Find the library function that `using ... for` attaches to a value."""
    home = names.home(builder)
    meant = _meant(builder, node)
    if meant is not None and meant[0].tree.kind in ("library", "free"):
        return meant if meant[1].body is not None else None
    places = (*home.ancestry, *home.program.free(home.unit))
    for place in places:
        for using in place.tree.usings:
            found = _used(place, using, name, node)
            if found is not None and _accepts(found, receiver):
                return found
    return None


def is_event(builder: Builder, name: str) -> bool:
    """Whether a name is that of an event that the running body sees."""
    home = names.home(builder)
    return any(
        signature.kind == "event" and signature.name == name
        for owner in home.ancestry
        for signature in owner.tree.signatures
    )


def _context(contract: ContractNode, home: ContractNode) -> ContractNode:
    """Return the contract whose overrides count: the entry's, if the body is one of its own."""
    return contract if home in contract.ancestry else home


def _virtual(contract: ContractNode, home: ContractNode, name: str) -> list[Found]:
    return _context(contract, home).functions.get(name) or home.functions.get(name, [])


def _overriding(contract: ContractNode, home: ContractNode, called: _Called) -> Found | None:
    return _matching(_virtual(contract, home, called.name), called.arguments, called.meant)


def _modifying(contract: ContractNode, home: ContractNode, name: str) -> Found | None:
    for owner, function in _virtual(contract, home, name):
        if function.kind == "modifier" and function.body is not None:
            return owner, function
    return None


def _next_above(contract: ContractNode, home: ContractNode, called: _Called) -> Found | None:
    ancestry = _context(contract, home).ancestry
    after = ancestry[ancestry.index(home) + 1 :] if home in ancestry else home.ancestry[1:]
    candidates = ((base, f) for base in after for f in base.tree.functions if f.name == called.name)
    return _matching(candidates, called.arguments, called.meant)


def _inherits(contract: ContractNode, home: ContractNode, base: ContractNode) -> bool:
    return base in home.ancestry or base in _context(contract, home).ancestry


def _meant(builder: Builder, node: Call) -> Found | None:
    """Return the function that the compiler says is called, where one was asked."""
    owner = names.home(builder)
    if owner.unit.meanings is None:
        return None
    target = owner.unit.meanings.targets.get((node.function.start, node.function.end))
    return None if target is None else owner.program.declared_at(target)


def _matching(
    candidates: Iterable[Found], arguments: int, meant: Found | None = None
) -> Found | None:
    """Take the first function with a body and that many parameters, of the types that are meant."""
    first: Found | None = None
    for owner, function in candidates:
        if function.kind == "modifier" or function.body is None:
            continue
        least = sum(parameter.default is None for parameter in function.parameters)
        if least <= arguments <= len(function.parameters):
            if meant is None or _signature((owner, function)) == _signature(meant):
                return owner, function
            first = first or (owner, function)
    return first


def _signature(found: Found) -> list[Type]:
    owner, function = found
    return [owner.type_of(parameter.type) for parameter in function.parameters]


def _used(place: ContractNode, using: Using, name: str, node: Call) -> Found | None:
    count = len(node.arguments) + 1
    if using.library:
        library = place.program.contract(using.library, place.unit)
        return None if library is None else _matching(library.functions.get(name, ()), count)
    for path in using.functions:
        owner, _, last = path.rpartition(".")
        if last != name:
            continue
        library = place.program.contract(owner, place.unit) if owner else None
        sources = [library] if library is not None else place.program.free(place.unit)
        for source in sources:
            found = _matching(source.functions.get(name, ()), count)
            if found is not None:
                return found
    return None


def _accepts(found: Found, receiver: Type) -> bool:
    """Whether a value of a type can be the first argument; unknown types are let through."""
    owner, function = found
    wanted = owner.type_of(function.parameters[0].type)
    if "unknown" in (wanted.kind, receiver.kind):
        return True
    if wanted.kind == receiver.kind:
        return wanted.kind not in ("struct", "contract", "enum") or wanted.name == receiver.name
    if receiver.kind == "literal":
        return wanted.is_number
    return {wanted.kind, receiver.kind} <= {"address", "contract"} or (
        {wanted.kind, receiver.kind} <= {"bytes", "string"}
    )
