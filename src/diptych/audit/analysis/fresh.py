"""Entries that cannot be somebody else's: under a new number, or under a hash of what they say."""

from diptych.audit.analysis.cells import Cell, cell_of, keys_of
from diptych.audit.analysis.contract import FunctionView, sources
from diptych.audit.analysis.values import unwrapped
from diptych.audit.graph.ops import Op

__all__ = ["is_named_by_hash", "is_new_entry", "is_numbered"]

_HASHES = frozenset({"keccak256", "sha256"})
_SET = frozenset({"param", "make", "pick"})


def is_new_entry(view: FunctionView, write: Op) -> bool:
    """Whether one key of an entry is a number that the same function counts up."""
    return any(_is_of_counter(view, key) for key in keys_of(write))


def is_numbered(view: FunctionView, call: Op) -> bool:
    """Whether a call is told a number that the same function counts up."""
    return any(_is_of_counter(view, each) for each in call.call.arguments)


def _is_of_counter(view: FunctionView, value: Op) -> bool:
    counters = view.shared(_counters)
    return bool(counters) and any(
        each.kind == "load" and cell_of(each) in counters for each in sources(value)
    )


def _counters(view: FunctionView) -> frozenset[Cell]:
    """Return the cells that a function counts up by a constant."""
    return frozenset(cell_of(write) for write in view.writes if _counts_up(write))


def _counts_up(write: Op) -> bool:
    value = unwrapped(write.operands[-1])
    if write.kind != "store" or value.kind != "binary" or value.attribute != "+":
        return False
    left, right = (unwrapped(each) for each in value.operands)
    return right.kind == "const" and left.kind == "load" and cell_of(left) == cell_of(write)


def is_named_by_hash(write: Op) -> bool:
    """Whether an entry stands under a hash of all arguments that go into it, or only says yes.

    Who enters the same again changes nothing. What is cleared is somebody's entry all the same.
    """
    value = unwrapped(write.operands[-1])
    hashed = [
        each
        for key in map(unwrapped, keys_of(write))
        if key.kind == "builtin" and key.attribute in _HASHES
        for each in sources(key)
    ]
    if not hashed:
        return False
    if value.kind == "const":
        return bool(value.attribute)
    given = {id(each) for each in sources(value) if each.kind == "param"}
    return value.kind in _SET and given <= {id(each) for each in hashed}
