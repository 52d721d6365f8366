"""What entitles a caller to be paid: a record of his, ether he sends, a chance, an answer."""

from diptych.audit.analysis.access import (
    free_blocks,
    is_caller,
    is_keyed_by_caller,
    restricting,
)
from diptych.audit.analysis.arithmetic import arithmetic
from diptych.audit.analysis.cells import keys_of
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.counted import facts_behind
from diptych.audit.analysis.dominance import Fact
from diptych.audit.analysis.paths import all_facts
from diptych.audit.analysis.values import alike
from diptych.audit.graph.ops import Op

__all__ = ["equals_caller", "is_entitled", "is_passage", "takes_from_caller"]

_PLAIN = frozenset({"receive", "fallback"})
_GOOD = frozenset({"return", "stop"})
_STORED = frozenset({"storage", "transient"})


def is_entitled(view: FunctionView, op: Op) -> bool:
    """Whether something that not everybody has at will stands between a caller and an op.

    Switches, deadlines and totals that hold for all do not count.
    """
    facts = (*all_facts(view, op), *facts_behind(view, op))
    if any(_entitles(fact) for fact in facts if op not in sources(fact.test)):
        return True
    return takes_from_caller(view) or any(_gives(call) for call in view.calls if call is not op)


def _entitles(fact: Fact) -> bool:
    test = fact.test
    if fact.holds and test.kind == "load" and test.place.where == "transient":
        return True  # within what somebody opened in this transaction, and must settle
    found = list(sources(test))
    equal = test.kind == "binary" and test.attribute in ("==", "!=")
    stored = False
    for each in found:
        if each.kind in ("call", "builtin", "assembly", "unknown"):
            return True
        if each.kind == "env" and (
            each.attribute == "msg.value" or str(each.attribute).startswith("block.n")
        ):
            return True
        if each.kind == "load" and each.place.where in _STORED:
            if each.place.field:
                return True
            stored = True
    return equal and stored and any(each.kind == "param" for each in found)


def equals_caller(view: FunctionView, at: Op, value: Op) -> bool:
    """Whether a condition says that a value is the caller, wherever an op has an effect."""
    for test, holds in all_facts(view, at):
        if test.kind == "binary" and (test.attribute, holds) in (("==", True), ("!=", False)):
            left, right = test.operands
            if is_caller(left) and alike(right, value):
                return True
            if is_caller(right) and alike(left, value):
                return True
    return False


def _is_own(view: FunctionView, write: Op) -> bool:
    """Whether what is written is recorded for the caller."""
    return is_keyed_by_caller(write) or any(
        equals_caller(view, write, key) for key in keys_of(write)
    )


def takes_from_caller(view: FunctionView) -> bool:
    """Whether a function makes a record of its caller smaller, or clears it."""
    for write in view.writes:
        if write.kind == "store" and _is_own(view, write):
            value = write.operands[-1]
            if value.kind in ("zero", "const"):
                return True
            if any(_lessens(each) for each in sources(value)):
                return True
    return False


def _gives(call: Op) -> bool:
    """Whether a call of another contract takes something from the caller, or hears of him."""
    site = call.call
    return site.kind in ("high_level", "library", "internal") and any(
        is_caller(argument) for argument in site.arguments
    )


def _lessens(op: Op) -> bool:
    found = arithmetic(op)
    return found is not None and found.sign in ("-", "/")


def is_passage(contract: ContractGraph) -> bool:
    """Whether a contract is not meant to hold ether: it takes plain payments of some senders only.

    As routers do, which unwrap and hand on; what is left over is anybody's.
    """
    return contract.analysis(_is_passage)


def _is_passage(contract: ContractGraph) -> bool:
    plain = [view for view in contract.functions if _takes_plain(view)]
    return bool(plain) and all(_is_for_some(view) for view in plain)


def _takes_plain(view: FunctionView) -> bool:
    function = view.function
    if function is None or function.kind not in _PLAIN or function.mutability != "payable":
        return False
    return any(block.ending in _GOOD for block in view.graph.blocks)


def _is_for_some(view: FunctionView) -> bool:
    free = free_blocks(view, restricting(view))
    return not any(block.index in free for block in view.graph.blocks if block.ending in _GOOD)
