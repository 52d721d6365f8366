"""Order of inheritance: Solidity's C3 linearisation, most derived first."""

from collections.abc import Callable, Sequence
from typing import TypeVar

__all__ = ["linearise"]

_T = TypeVar("_T")
_MAX_CONTRACTS = 256


def linearise(contract: _T, bases_of: Callable[[_T], Sequence[_T]]) -> tuple[_T, ...]:
    """Return a contract and all its ancestors, most derived first.

    Solidity lists bases from "most base-like" to "most derived", so the last base comes first.
    Where no consistent order exists (the compiler refuses such code), or bases form a circle,
    the ancestors come in depth-first order, each once.

    Args:
        contract: the contract to start from.
        bases_of: direct bases of one contract, in source order.
    """
    order = _depth_first(contract, bases_of)
    known: dict[_T, list[_T]] = {}
    for each in reversed(order):
        bases = [base for base in reversed(bases_of(each)) if base in known]
        merged = _merge([*(list(known[base]) for base in bases), list(bases)])
        if merged is None:
            return tuple(order)
        known[each] = [each, *merged]
    return tuple(known[contract])


def _depth_first(contract: _T, bases_of: Callable[[_T], Sequence[_T]]) -> list[_T]:
    """List ancestors so that every contract stands before all of its bases, circles cut."""
    done: list[_T] = []
    state: dict[_T, bool] = {contract: False}
    pending: list[tuple[_T, list[_T]]] = [(contract, list(bases_of(contract)))]
    while pending:
        current, rest = pending[-1]
        if not rest:
            pending.pop()
            state[current] = True
            done.append(current)
            continue
        base = rest.pop()
        if base not in state and len(state) < _MAX_CONTRACTS:
            state[base] = False
            pending.append((base, list(bases_of(base))))
    return done[::-1]


def _merge(lists: list[list[_T]]) -> list[_T] | None:
    """Merge as C3 does: take a head that stands in no other list's tail."""
    result: list[_T] = []
    lists = [each for each in lists if each]
    while lists:
        for each in lists:
            head = each[0]
            if not any(head in other[1:] for other in lists):
                break
        else:
            return None
        result.append(head)
        lists = [rest for each in lists if (rest := [x for x in each if x != head])]
    return result
