"""What a name means: a local, a state variable, a constant, a type, or a part of the machine."""

from diptych.audit.graph.builder import Builder
from diptych.audit.graph.inferred import inferred_variable
from diptych.audit.graph.lowering import yul
from diptych.audit.graph.ops import Op, Place
from diptych.audit.graph.program import ContractNode
from diptych.audit.graph.types import ADDRESS, UINT256, UNKNOWN, Type
from diptych.audit.syntax.tree import Expression, Member, Name
from diptych.audit.syntax.unit import StateVariable

__all__ = [
    "MAGIC",
    "home",
    "in_vyper",
    "inferred",
    "lower_name",
    "read_variable",
    "state_place",
    "stated",
]

MAGIC: dict[str, dict[str, Type]] = {
    "msg": {
        "sender": ADDRESS,
        "value": UINT256,
        "data": Type("bytes"),
        "sig": Type("fixed_bytes", 32),
        "gas": UINT256,
    },
    "tx": {"origin": ADDRESS, "gasprice": UINT256},
    "block": {
        "timestamp": UINT256,
        "number": UINT256,
        "coinbase": ADDRESS,
        "difficulty": UINT256,
        "prevrandao": UINT256,
        "gaslimit": UINT256,
        "basefee": UINT256,
        "blobbasefee": UINT256,
        "chainid": UINT256,
    },
}
_MACHINE = {"now": ("block.timestamp", UINT256)}
_MAX_CONSTANT_DEPTH = 8


def home(builder: Builder) -> ContractNode:
    """Return the contract whose names the running body sees."""
    return builder.scope.owner


def in_vyper(builder: Builder) -> bool:
    """Whether the running body is Vyper."""
    return builder.scope.is_vyper


def stated(builder: Builder, node: Member) -> tuple[ContractNode, StateVariable] | None:
    """Find the state variable that Vyper's `self.name` or `module.name` means."""
    if not in_vyper(builder) or not isinstance(node.base, Name):
        return None
    base, owner = node.base.text, home(builder)
    if builder.scope.find(base) is not None:
        return None
    module = owner if base == "self" else owner.program.contract(base, owner.unit)
    return None if module is None else module.variables.get(node.name)


def lower_name(builder: Builder, node: Name) -> Op:
    """Lower an identifier that stands for a value."""
    local = builder.scope.find(node.text)
    if local is not None:
        return builder.read(local)
    found = home(builder).variables.get(node.text)
    if found is not None:
        return read_variable(builder, node, *found)
    if node.text in _MACHINE:
        name, kind = _MACHINE[node.text]
        return builder.op("env", node, attribute=name, type=kind)
    if node.text == "this" or (node.text == "self" and in_vyper(builder)):
        kind = Type("contract", 160, name=builder.ask(_name_of))
        return builder.op("env", node, attribute="this", type=kind)
    for free in home(builder).program.free(home(builder).unit):
        if node.text in free.variables:
            return read_variable(builder, node, *free.variables[node.text])
    return _other_name(builder, node)


def _other_name(builder: Builder, node: Name) -> Op:
    part = yul.lower_part(builder, node) if builder.scope.in_assembly else None
    if part is not None:
        return part
    named = home(builder).named_type(node.text)
    if named is not UNKNOWN:
        return builder.op("type", node, attribute=node.text, type=Type("meta", parts=(named,)))
    meant = inferred(builder, node)
    if meant is not None:
        return read_variable(builder, node, *meant)
    return builder.op("unknown", node, attribute=node.text)


def inferred(
    builder: Builder, node: Name, *, indexed: bool = False
) -> tuple[ContractNode, StateVariable] | None:
    """Find the state variable that a name can only mean where not all source is there."""
    owner = home(builder)
    known = node.text in MAGIC or node.text in owner.functions
    if known or builder.scope.in_assembly or owner.tree.kind == "library":
        return None
    return builder.ask(_inferred, node.text, indexed)


def _name_of(contract: ContractNode) -> str:
    return contract.tree.name


def _inferred(
    contract: ContractNode, name: str, indexed: bool
) -> tuple[ContractNode, StateVariable] | None:
    if name in contract.functions:
        return None
    variable = inferred_variable(contract, name, indexed=indexed)
    return None if variable is None else (contract, variable)


def read_variable(
    builder: Builder, node: Expression, owner: ContractNode, variable: StateVariable
) -> Op:
    """Lower the use of a state variable: the value, or the reference where it is one."""
    kind = owner.type_of(variable.type)
    if variable.mutability == "constant":
        return _constant(builder, node, variable, kind)
    place = state_place(builder, node, owner, variable)
    if kind.is_reference:
        return place
    return builder.op("load", node, (place,), attribute=place.place, type=kind)


def _constant(builder: Builder, node: Expression, variable: StateVariable, kind: Type) -> Op:
    """Lower a constant to its initial value, as deep as constants may refer to constants."""
    if variable.value is None or builder.constants_open >= _MAX_CONSTANT_DEPTH:
        return builder.op("unknown", node, attribute=variable.name, type=kind)
    builder.constants_open += 1
    value = builder.value(variable.value)
    builder.constants_open -= 1
    return builder.op("cast", node, (value,), attribute=kind, type=kind)


def state_place(
    builder: Builder, node: Expression, owner: ContractNode, variable: StateVariable
) -> Op:
    """Make the reference to a state variable."""
    where = variable.mutability if variable.mutability in ("immutable", "transient") else "storage"
    kind = owner.type_of(variable.type)
    return builder.op("ref", node, attribute=Place(where, variable), type=kind)
