"""Anybody can write any storage slot."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.initialisers import may_be_checked
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.syntax import way_in
from diptych.audit.analysis.values import alike, unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="arbitrary-storage-write",
    title="Anybody can write any storage slot",
    category="access_control",
    severity="high",
    swc="SWC-124",
    cwe="CWE-123",
    owasp="SC01:2025",
    description="A slot that an argument names is written by inline assembly, or the length of an "
    "array (before Solidity 0.6) is set from an argument or lowered below zero, so that its items "
    "cover all of storage.",
    scenario="The attacker makes the array as long as storage itself and writes the item that lies "
    "in the owner's slot.",
    fix="Take slots from constants or hashes; use push and pop; check a length before it shrinks.",
    reference="https://swcregistry.io/docs/SWC-124/",
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield writes to slots that the caller chooses, and lengths without bound."""
    for view in contract.entries:
        for write in view.writes:
            if write.kind != "store":
                continue
            slot, length = _is_free_slot(write), _is_free_length(view, write)
            if (
                not (slot or length)
                or not anybody_reaches(view, write)
                or may_be_checked(view, write)
            ):
                continue
            if slot and not _was_compared(view, write):
                text = "the caller chooses the slot that is written"
                yield Match(write, text, way_in(view, write))
            elif length:
                text = "the array can become as long as storage: its items are all slots"
                yield Match(write, text, (), "high" if _fills(contract, write) else "low")


def _is_free_slot(write: Op) -> bool:
    """Whether an sstore goes to a slot made from an argument without a hash."""
    if write.place.variable is not None or write.operands[0].kind in ("ref", "element"):
        return False
    pending, chosen = [write.operands[0]], False
    while pending:
        op = pending.pop()
        if op.kind in ("param", "assembly") and (op.kind == "param" or op.attribute in _CALLDATA):
            chosen = True
        elif op.kind == "assembly" and op.attribute in _HASHES:
            return False  # who adds to a hash still cannot tell where he gets
        elif op.kind in ("cast", "binary", "unary"):
            pending.extend(op.operands)
    return chosen and write.operands[0].type.kind not in ("struct", "array", "mapping")


_CALLDATA = frozenset({"calldataload"})
_HASHES = frozenset({"keccak256", "sha3"})


def _was_compared(view: FunctionView, write: Op) -> bool:
    slot = unwrapped(write.operands[0])
    return any(any(each is slot for each in sources(fact.test)) for fact in view.flow.facts(write))


def _is_free_length(view: FunctionView, write: Op) -> bool:
    if write.place.field != "length":
        return False
    value = unwrapped(write.operands[-1])
    if value.kind == "param":
        return True
    if value.kind != "binary":
        return False
    if any(unwrapped(each).kind == "param" for each in value.operands):
        return True
    if value.attribute != "-" or value.checked:
        return False
    before = value.operands[0]
    if before.kind != "load" or before.place.field != "length":
        return False
    compared = (each for fact in view.flow.facts(write) for each in sources(fact.test))
    indexed = (
        each
        for op in view.ops
        if op.kind == "element" and len(op.operands) > 1 and view.flow.dominates(op, write)
        for each in sources(op.operands[1])
    )
    return not any(alike(each, before) for found in (compared, indexed) for each in found)


def _fills(contract: ContractGraph, length: Op) -> bool:
    """Whether anybody can write an item of the array at an index of his choice."""
    return any(
        write.kind == "store"
        and write.place.variable is length.place.variable
        and write.operands[0].kind == "element"
        and any(each.kind == "param" for each in sources(write.operands[0]))
        for view in contract.entries
        for write in view.writes
    )


RULE = Rule(INFO, check)
