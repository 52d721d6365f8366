"""A number is cut to a narrower type that need not hold it."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_restricted
from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.analysis.initialisers import runs_once
from diptych.audit.analysis.ranges import range_of, type_range
from diptych.audit.analysis.taint import is_pinned
from diptych.audit.analysis.uses import reached_by, terms
from diptych.audit.analysis.values import alike, unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule, asked_for

INFO = RuleInfo(
    id="unsafe-downcast",
    title="Number is cut to a type that cannot hold it",
    category="arithmetic",
    severity="medium",
    swc="SWC-101",
    cwe="CWE-197",
    owasp="SC08:2025",
    description="A cast to a narrower integer type drops the high bits without reverting, in every "
    "version of Solidity. Nothing bounds the value, by its type, its making or a condition.",
    scenario="The caller passes a number that is small modulo the narrow type: a large sum is "
    "recorded as a small one, or a check on the cut number passes.",
    fix="Check the bound first (require(x <= type(uint128).max)) or use a SafeCast library.",
    reference="https://docs.soliditylang.org/en/latest/types.html#explicit-conversions",
)
_INTEGERS = frozenset({"uint", "int"})
_EFFECTS = frozenset({"store", "push", "call", "guard"})
_READ_ONLY = frozenset({"view", "pure"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield casts that can lose digits; those of a caller's own number weigh more.

    Vyper's `convert` reverts where a number does not fit.
    """
    if contract.node.unit.tree.language == "vyper":
        return
    for view in contract.entries:
        for op in view.ops:
            if op.kind == "cast" and _narrows(op) and _loses(view, op):
                severity = _severity(view, op)
                text = f"what does not fit into {op.type.kind}{op.type.bits} is cut off unseen"
                yield Match(asked_for(op), text, (op,), severity)


def _narrows(op: Op) -> bool:
    source = op.operands[0].type
    if op.type.kind not in _INTEGERS or source.kind not in _INTEGERS:
        return False
    return op.type.bits < source.bits or _changes_sign(op)


def _changes_sign(op: Op) -> bool:
    """Whether an argument, as it is, takes another meaning above or below the middle."""
    source = op.operands[0].type
    number = unwrapped(op.operands[0])
    return op.type.kind != source.kind and number.kind == "param"


def _loses(view: FunctionView, op: Op) -> bool:
    found, limits = range_of(view, op.operands[0], op), type_range(op.type)
    if limits.low <= found.low and found.high <= limits.high:
        return False
    return not (_is_meant(op) or _is_compared(op))


def _is_meant(op: Op) -> bool:
    """Whether bits are taken apart on purpose: of a hash, a packed word, or for an address."""
    source = op.operands[0]
    if any(user.kind == "cast" and user.type.kind not in _INTEGERS for user in op.users):
        return True
    if any(user.kind == "binary" and user.attribute == ">>" for user in source.users):
        return True
    return any(
        each.kind in ("builtin", "assembly")
        or each.type.kind in ("fixed_bytes", "bytes", "address")
        or (each.kind == "binary" and each.attribute in ("&", "|", "^", "<<", ">>"))
        for each in terms(source)
    )


def _is_compared(op: Op) -> bool:
    """Whether what came out is held against what went in."""
    source = unwrapped(op.operands[0])
    for user in reached_by(op):
        equal = user.kind == "binary" and user.attribute in ("==", "!=")
        if equal and any(alike(operand, source) for operand in user.operands):
            return True
    return False


def _severity(view: FunctionView, op: Op) -> str:
    """Rate by how the number can get too large: as passed, by a sum with it, or in the long run."""
    if _is_exploitable(view, op):
        return "medium"
    return "low" if any(each.kind == "param" for each in terms(op)) else "info"


def _is_exploitable(view: FunctionView, op: Op) -> bool:
    """Whether anybody can pass the number as it is, and it is kept or sent."""
    function = view.function
    if op.frame.function is None or function is None or function.mutability in _READ_ONLY:
        return False
    direct = unwrapped(op.operands[0])
    if not op.checked or direct.kind != "param":
        return False
    if is_restricted(view, op) or runs_once(view, op):
        return False
    if _is_place(view, direct) or is_pinned(view, direct, op):
        return False
    return any(user.kind in _EFFECTS for user in reached_by(op))


def _is_place(view: FunctionView, number: Op) -> bool:
    """Whether a number is the place of an item in a list, of which there are not that many."""
    return any(
        user.kind == "element"
        and user.place.where == "storage"
        and len(user.operands) > 1
        and unwrapped(user.operands[1]) is number
        and user.operands[0].type.kind == "array"
        for user in (*number.users, *(each for cast in number.users for each in cast.users))
    )


RULE = Rule(INFO, check)
