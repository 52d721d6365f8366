"""Vyper's lock round a function: tested and taken before it, given back after it."""

from collections.abc import Callable
from functools import lru_cache

from diptych.audit.graph.builder import Builder
from diptych.audit.graph.ops import Op, Place
from diptych.audit.graph.types import BOOL, UINT256
from diptych.audit.syntax.tree import ElementaryType, Text
from diptych.audit.syntax.unit import Base, StateVariable

__all__ = ["run_locked"]


@lru_cache(maxsize=256)
def _lock(key: bytes) -> StateVariable:
    """Return the lock of a key; one and the same for all modules."""
    name = "nonreentrant " + key.decode("utf-8", "replace")
    kind = ElementaryType(0, 0, "uint256")
    return StateVariable(0, 0, name.strip(), kind, "internal", "", None)


def run_locked(builder: Builder, lock: Base, body: Callable[[], None]) -> None:
    """Lower a body with its lock round it; a view only tests it."""
    argument = lock.arguments[0] if lock.arguments else None
    key = argument.value if isinstance(argument, Text) else b""
    function = builder.scope.frame.function
    place = Place("transient", _lock(key))
    target = builder.op("ref", lock, attribute=place, type=UINT256)
    zero = builder.op("const", lock, attribute=0, type=UINT256)
    held = builder.op("load", lock, (target,), attribute=place, type=UINT256)
    test = builder.op("binary", lock, (held, zero), attribute="==", type=BOOL)
    builder.op("guard", lock, (test,), attribute="require")
    yes, no = builder.branch(test)
    builder.resume(no)
    builder.finish("revert")
    builder.resume(yes)
    if function is not None and function.mutability == "view":
        body()
        return
    one = builder.op("const", lock, attribute=1, type=UINT256)
    _set(builder, lock, target, one)
    body()
    if builder.live:
        _set(builder, lock, target, zero)


def _set(builder: Builder, lock: Base, target: Op, value: Op) -> None:
    builder.op("store", lock, (target, value), attribute=target.place, type=UINT256)
