"""Entries that belong to what their key names: a token and its settings, an account and its rights.

Anybody can be the keeper of some key; nobody can write the entry of another.
"""

from diptych.audit.analysis.access import free_blocks, is_caller, restricting
from diptych.audit.analysis.cells import cell_of, keys_of
from diptych.audit.analysis.contract import FunctionView, sources
from diptych.audit.analysis.dominance import Fact
from diptych.audit.analysis.paths import all_facts
from diptych.audit.analysis.values import alike
from diptych.audit.graph.ops import Op

__all__ = ["is_kept_by_another", "is_known"]

_EQUALITY = {"==": True, "!=": False}
_FIXED = frozenset({"const", "zero"})


def is_kept_by_another(view: FunctionView, write: Op) -> bool:
    """Whether only whom the key names, or who that one says, writes an entry.

    Of several keys, the first says whose entries they are.
    """
    keys = keys_of(write)
    named = {id(each) for key in keys[:1] for each in sources(key) if each.kind == "param"}
    if not named:
        return False
    others = restricting(view)
    free = free_blocks(view, lambda fact: others(fact) or _is_keepers(fact, named))
    return write.block not in free


def _is_keepers(fact: Fact, named: set[int]) -> bool:
    """Whether a condition holds the caller against a key, or asks whom the key names about him."""
    test, holds = fact
    if test.kind == "binary" and _EQUALITY.get(str(test.attribute)) is holds:
        left, right = test.operands
        for one, other in ((left, right), (right, left)):
            if is_caller(one) and _is_made_of(other, named):
                return True
    return holds and any(_asks(each, named) for each in sources(test) if each.kind == "call")


def _is_made_of(value: Op, named: set[int]) -> bool:
    """Whether a value comes of a key, be it by a question to the contract that it names."""
    return any(id(each) in named for each in sources(value))


def _asks(call: Op, named: set[int]) -> bool:
    target = call.call.target
    if target is None or not _is_made_of(target, named):
        return False
    return any(is_caller(each) for each in call.call.arguments) or any(
        each.kind == "env" and each.attribute == "msg.sender"
        for argument in call.call.arguments
        for each in sources(argument)
    )


def is_known(view: FunctionView, write: Op) -> bool:
    """Whether what an entry held must equal what the call shows, so that it goes from step to step.

    A plain constant shows nothing: any entry that is still empty equals it.
    """
    cell, keys = cell_of(write), keys_of(write)
    for test, holds in all_facts(view, write):
        if test.kind != "binary" or _EQUALITY.get(str(test.attribute)) is not holds:
            continue
        left, right = test.operands
        for one, other in ((left, right), (right, left)):
            if one.kind == "load" and cell_of(one) == cell and other.kind not in _FIXED:
                found = keys_of(one)
                if len(found) == len(keys) and all(map(_is_same, found, keys)):
                    return True
    return False


def _is_same(first: Op, second: Op) -> bool:
    return first is second or alike(first, second)
