"""A struct that points to the first storage slots overwrites what the prize depends on."""

from collections.abc import Iterator
from itertools import islice

from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.lures import nodes, payouts, reads
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.program import ContractNode
from diptych.audit.graph.types import Type
from diptych.audit.rules.rule import Match, Rule, declared
from diptych.audit.syntax.statements import Declare
from diptych.audit.syntax.tree import Assign, Member, Name
from diptych.audit.syntax.unit import StateVariable

INFO = RuleInfo(
    id="uninitialised-struct",
    title="Honeypot: writing a struct changes the secret",
    category="honeypot",
    severity="high",
    swc="SWC-109",
    cwe="CWE-506",
    owasp="",
    description="A local struct without a value points, before 0.5, to storage slot 0. Writing its "
    "members overwrites the state variables there, and a payout depends on those.",
    scenario="The victim guesses the number that storage shows; the function first writes the "
    "victim's address over it and then compares.",
    fix="Do not send ether to it. Where it is an accident, declare the struct in memory.",
    reference="https://www.usenix.org/conference/usenixsecurity19/presentation/ferreira",
)
_FORBIDDEN = (0, 5, 0)  # from here on, compilers refuse pointers that may be unset
_SLOT_BITS = 256
_MAX_SLOTS = 64


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield uninitialised structs whose members overwrite what payouts depend on."""
    wanted: set[int] | None = None
    for view in contract.functions:
        for owner, node, slots in _pointers(view):
            wanted = _deciding(contract) if wanted is None else wanted
            hit = [each for each in _first(contract.node, slots) if id(each) in wanted]
            if hit:
                text = f"this struct lies over '{hit[0].name}', which a payout depends on"
                yield Match(declared(owner, node, view.function), text)


def _pointers(view: FunctionView) -> Iterator[tuple[ContractNode, Declare, int]]:
    """Yield local structs in storage without a value whose members are written, with their size."""
    function, owner = view.function, view.graph.frame.owner
    if function is None or function.body is None:
        return
    if owner.unit.version >= _FORBIDDEN and not owner.unit.is_undated:
        return
    written: set[str] | None = None
    for node in nodes(function.body):
        if not isinstance(node, Declare) or node.value is not None or len(node.variables) != 1:
            continue
        variable = node.variables[0]
        if variable is None or variable.location not in ("", "storage"):
            continue
        kind = owner.type_of(variable.type)
        if kind.kind == "struct":
            written = _written(function.body) if written is None else written
            if variable.name in written:
                yield owner, node, len(list(_layout(_members(kind))))


def _written(body: object) -> set[str]:
    return {
        node.left.base.text
        for node in nodes(body)
        if isinstance(node, Assign)
        and isinstance(node.left, Member)
        and isinstance(node.left.base, Name)
    }


def _members(kind: Type) -> list[Type]:
    members: dict[str, Type] = getattr(kind.declaration, "members", {})
    return list(members.values())


def _first(node: ContractNode, slots: int) -> Iterator[StateVariable]:
    """Yield the state variables in the first slots, in the order of the storage layout."""
    known = [
        (variable, owner.type_of(variable.type))
        for owner in reversed(node.ancestry)
        for variable in owner.tree.variables
        if variable.mutability == ""
    ]
    places = _layout([kind for _, kind in known])
    owners = iter(known)
    for held in islice(places, slots):
        for _ in range(held):
            yield next(owners)[0]


def _layout(kinds: list[Type]) -> Iterator[int]:
    """Yield for each slot how many values start in it.

    Values share a slot as long as they fit. Source: Solidity documentation, "Layout of State
    Variables in Storage".
    """
    held = used = 0
    for kind in kinds[:_MAX_SLOTS]:
        bits = kind.bits if kind.bits and kind.kind != "struct" else _SLOT_BITS
        if used + bits > _SLOT_BITS and held:
            yield held
            held = used = 0
        held, used = held + 1, used + bits
        for _ in range(_extra_slots(kind)):
            yield held
            held, used = 0, 0
    if held:
        yield held


def _extra_slots(kind: Type) -> int:
    """Return how many slots a value takes beyond its first."""
    if kind.kind == "struct":
        return min(max(len(list(_layout(_members(kind)))) - 1, 0), _MAX_SLOTS)
    if kind.kind == "array" and kind.length is not None:
        return min(max(kind.length - 1, 0), _MAX_SLOTS)
    return 0


def _deciding(contract: ContractGraph) -> set[int]:
    """Return the variables that conditions of payouts are made from, through what stores them."""
    found: set[int] = set()
    for payout in payouts(contract):
        for fact in payout.view.flow.facts(payout.op):
            found.update(id(read.place.variable) for read in reads(fact.test))
        if payout.amount is not None:
            found.update(id(each.place.variable) for each in sources(payout.amount))
    return found


RULE = Rule(INFO, check)
