"""The contract makes any call that anybody asks it to make."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.counted import facts_behind
from diptych.audit.analysis.initialisers import may_be_checked
from diptych.audit.analysis.reach import anybody_reaches
from diptych.audit.analysis.syntax import way_in
from diptych.audit.analysis.values import unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="arbitrary-call",
    title="Anybody chooses target and data of a call",
    category="access_control",
    severity="high",
    swc="",
    cwe="CWE-441",
    owasp="SC01:2025",
    description="A low-level call takes both its target and its data from arguments, and anybody "
    "can call the function.",
    scenario="Users approved the contract for their tokens. The attacker lets it call "
    "`transferFrom(user, attacker, amount)` on the token: the contract is who the token trusts.",
    fix="Call only listed targets and selectors, or keep the contract that holds approvals apart "
    "from the one that makes free calls.",
    reference="https://cwe.mitre.org/data/definitions/441.html",
)
_FUNDED = frozenset({"receive", "fallback"})
_MOVES = frozenset({"transfer", "transferFrom", "safeTransfer", "safeTransferFrom", "approve"})
_DECODERS = frozenset({"ecrecover"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield calls whose target and data the caller chooses."""
    for view in contract.entries:
        for call in view.calls:
            if call.call.kind != "call" or not _is_free(call):
                continue
            if (
                not anybody_reaches(view, call)
                or may_be_checked(view, call)
                or _is_vetted(view, call)
            ):
                continue
            grade = "low" if _is_empty_handed(contract) else ""
            spots = way_in(view, call)
            text = "anybody can make this contract call anything"
            if spots and call.frame.owner.tree.kind == "library":
                yield Match(spots[0], text, (call,), grade)
            else:
                yield Match(call, text, spots, grade)


def _is_free(call: Op) -> bool:
    target, arguments = call.call.target, call.call.arguments
    return (
        target is not None and _is_chosen(target) and any(_is_raw(each) for each in arguments[:1])
    )


def _is_chosen(op: Op) -> bool:
    found = list(sources(op))
    return any(each.kind == "param" for each in found) and not any(
        each.kind == "call" or (each.kind == "load" and each.place.where in _STORED)
        for each in found
    )


_STORED = frozenset({"storage", "immutable", "transient"})


def _is_raw(op: Op) -> bool:
    """Whether call data is an argument itself, selector and all."""
    if op.type.kind not in ("bytes", "unknown"):
        return False
    while op.kind in ("cast", "load", "element", "slice") and op.operands:
        if op.kind == "load" and op.place.where in _STORED:
            return False
        op = op.operands[0]
    return op.kind == "param" and op.type.kind in ("bytes", "array", "struct", "unknown")


def _is_vetted(view: FunctionView, call: Op) -> bool:
    """Whether a condition looks the target or the data up in state, or at a signature."""
    for fact in facts_behind(view, call):
        for each in _weighed(fact.test):
            if each.kind == "builtin" and each.attribute in _DECODERS:
                return True
            if each.kind == "call" and _hears_of(each, call):
                return True
            is_stored = each.kind == "load" and each.place.where in _STORED
            if is_stored and (_is_keyed(each) or _is_barred(fact.test, call)):
                return True
            if each.kind == "env" and each.attribute == "this":
                return True
    return any(_is_record(load) and view.flow.dominates(load, call) for load in view.reads)


def _weighed(test: Op) -> Iterator[Op]:
    """Yield what a condition is made of, but not what calls in it are told."""
    pending = [test]
    seen: set[int] = set()
    while pending:
        each = pending.pop()
        if id(each) not in seen:
            seen.add(id(each))
            yield each
            pending.extend(() if each.kind == "call" else each.operands)


def _hears_of(judge: Op, call: Op) -> bool:
    """Whether another contract or library is asked about the target or the data of a call."""
    if judge.call.kind not in ("library", "internal", "high_level"):
        return False
    chosen = {id(each) for each in _arguments(call.operands)}
    told = (*judge.operands, *judge.call.arguments)
    return any(id(each) in chosen for each in _arguments(told))


def _arguments(values: tuple[Op, ...]) -> Iterator[Op]:
    """Yield the function's own arguments that go into some values."""
    return (each for value in values for each in sources(value) if each.kind == "param")


def _is_record(load: Op) -> bool:
    """Whether a read is of what is stored for the hash of arguments: a proposal, an operation."""
    found = list(sources(load))
    hashed = any(each.kind == "builtin" and each.attribute == "keccak256" for each in found)
    return hashed and any(each.kind == "param" for each in found)


def _is_barred(test: Op, call: Op) -> bool:
    """Whether a target is held against what is stored, such as the token that is kept here."""
    sides = [unwrapped(each) for each in test.operands]
    return len(sides) == 2 and any(side is unwrapped(call.operands[0]) for side in sides)


def _is_keyed(load: Op) -> bool:
    return any(each.kind == "param" for each in sources(load))


def _is_empty_handed(contract: ContractGraph) -> bool:
    """Whether a contract keeps nothing and moves nobody's tokens, so that its calls can do no harm.

    As contracts do that only bundle questions.
    """
    if any(owner.tree.variables for owner in contract.node.ancestry):
        return False
    views = contract.functions
    if any(each.function is not None and each.function.kind in _FUNDED for each in views):
        return False
    return contract.node.tree.kind == "contract" and not any(
        op.call.name in _MOVES for view in views for op in view.calls
    )


RULE = Rule(INFO, check)
