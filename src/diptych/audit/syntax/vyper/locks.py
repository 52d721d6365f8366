"""Vyper's `@nonreentrant`: which lock a function takes, by compiler version."""

from diptych.audit.syntax.tree import Text
from diptych.audit.syntax.unit import Base, Function
from diptych.audit.syntax.vyper.versions import Version, allowed

__all__ = ["BROKEN", "LOCK", "with_locks"]

LOCK = "nonreentrant"
# Each function got a lock of its own, whatever its key (GHSA-5824-cm3x-3c38).
BROKEN = ((0, 2, 15), (0, 3, 0))
_GLOBAL: Version = (0, 4, 0)
_EXEMPT = frozenset({"pure"})


def with_locks(function: Function, pragmas: tuple[str, ...]) -> Function:
    """Give a function the lock that its compiler would, by the key it is shared under.

    From 0.4 one lock stands for all, and `# pragma nonreentrancy on` takes it for every external
    function that is not `@reentrant`. Before, functions share a lock by its key.
    """
    versions = allowed(pragmas)
    if not function.modifiers:
        return _by_default(function, pragmas)
    (first, *_) = function.modifiers
    if first.name == "reentrant":
        return function._replace(modifiers=())
    key = _key(first)
    if versions is not None and versions.lowest >= _GLOBAL:
        key = b""
    elif versions is not None and versions.within(*BROKEN):
        key += b" of " + function.name.encode()
    return function._replace(modifiers=(_lock(first.start, first.end, key),))


def _key(base: Base) -> bytes:
    argument = base.arguments[0] if base.arguments else None
    return argument.value if isinstance(argument, Text) else b""


def _lock(start: int, end: int, key: bytes) -> Base:
    return Base(start, end, LOCK, (Text(start, end, key),))


def _by_default(function: Function, pragmas: tuple[str, ...]) -> Function:
    on = any(pragma.split()[-2:] == ["nonreentrancy", "on"] for pragma in pragmas)
    outside = function.kind != "constructor" and function.visibility == "external"
    if not on or not outside or function.mutability in _EXEMPT:
        return function
    return function._replace(modifiers=(_lock(function.start, function.start, b""),))
