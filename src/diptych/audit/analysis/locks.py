"""Locks against coming back in: variables that are tested, taken and given back in one function."""

from collections import defaultdict

from diptych.audit.analysis.contract import FunctionView, sources
from diptych.audit.graph.ops import Op

__all__ = ["is_lock_test", "locks_of"]

_STORED = frozenset({"storage", "transient"})


def locks_of(view: FunctionView) -> frozenset[int]:
    """Return the variables, by identity, that a function sets to one constant and then another."""
    return view.analysis(_locks)


def _locks(view: FunctionView) -> frozenset[int]:
    stores: dict[int, list[Op]] = defaultdict(list)
    for op in view.ops:
        place = op.place
        if op.kind == "store" and place.variable is not None and not place.field:
            stores[id(place.variable)].append(op)
    return frozenset(
        variable
        for variable, found in stores.items()
        if len(found) > 1
        and all(each.place.where in _STORED and _is_constant(each.operands[-1]) for each in found)
    )


def _is_constant(op: Op) -> bool:
    return all(each.kind in ("const", "cast") for each in sources(op))


def is_lock_test(view: FunctionView, test: Op) -> bool:
    """Whether a condition looks at nothing but a lock."""
    loads = [each for each in sources(test) if each.kind == "load"]
    others = any(each.kind in ("call", "env", "param") for each in sources(test))
    locks = locks_of(view)
    return bool(loads) and not others and all(id(each.place.variable) in locks for each in loads)
