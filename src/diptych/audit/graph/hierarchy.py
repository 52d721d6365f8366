"""Order of inheritance: Solidity's C3 linearisation, most derived first."""

from collections import Counter, deque
from collections.abc import Callable, Container, MutableMapping, Sequence
from typing import TypeVar

__all__ = ["linearise"]

_T = TypeVar("_T")
_MAX_CONTRACTS = 256


def linearise(
    contract: _T,
    bases_of: Callable[[_T], Sequence[_T]],
    known: MutableMapping[_T, tuple[_T, ...]] | None = None,
) -> tuple[_T, ...]:
    """Return a contract and all its ancestors, most derived first.

    Solidity lists bases from "most base-like" to "most derived", so the last base comes first.
    Where no consistent order exists (the compiler refuses such code), or bases form a circle,
    the ancestors come in depth-first order, each once. At most 256 are returned.

    Args:
        contract: the contract to start from.
        bases_of: direct bases of one contract, in source order.
        known: orders that were found before; grows.
    """
    known = {} if known is None else known
    order = _depth_first(contract, bases_of, known)
    for each in reversed(order):
        if each not in known:
            bases = [base for base in reversed(bases_of(each)) if base in known]
            merged = _merge([*(known[base] for base in bases), bases])
            if merged is None:
                return tuple(order)
            known[each] = (each, *merged)[:_MAX_CONTRACTS]
    return known[contract]


def _depth_first(
    contract: _T, bases_of: Callable[[_T], Sequence[_T]], known: Container[_T]
) -> list[_T]:
    """List ancestors so that every contract stands before all of its bases, circles cut.

    Below a contract whose order is known nothing is looked for.
    """
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
            pending.append((base, [] if base in known else list(bases_of(base))))
    return done[::-1]


def _merge(lists: Sequence[Sequence[_T]]) -> list[_T] | None:
    """Merge as C3 does: take a head that stands in no other list's tail."""
    result: list[_T] = []
    queues = [deque(each) for each in lists if each]
    behind = Counter(item for each in lists for item in each[1:])
    while queues:
        head = next((each[0] for each in queues if not behind[each[0]]), None)
        if head is None:
            return None
        result.append(head)
        for each in queues:
            if each[0] == head:
                each.popleft()
                if each:
                    behind[each[0]] -= 1
        queues = [each for each in queues if each]
    return result
