"""How many slots variables take, and orders that take fewer.

Rules of packing: Solidity documentation, "Layout of State Variables in Storage".
"""

from collections.abc import Sequence

from diptych.audit.graph.types import Type

__all__ = ["packed_order", "slots_of"]

_WORD = 32
_SIZES = {"bool": 1, "address": 20, "contract": 20, "enum": 1}


def size_of(kind: Type) -> int:
    """Return a value's size in bytes; a whole word stands for what never shares a slot."""
    if kind.kind in ("uint", "int", "fixed_bytes") and kind.bits:
        return kind.bits // 8
    return _SIZES.get(kind.kind, _WORD)


def slots_of(kinds: Sequence[Type]) -> int:
    """Return how many slots variables take in this order; each that fills one counts as one."""
    slots, used = 0, _WORD
    for kind in kinds:
        size = size_of(kind)
        if used + size > _WORD:
            slots, used = slots + 1, 0
        used += size
    return slots


def packed_order(kinds: Sequence[Type]) -> list[int] | None:
    """Return positions in an order that takes fewer slots, first fit by falling size; else None.

    Slots keep the place of their first variable, so that little moves.
    """
    sizes = [size_of(kind) for kind in kinds]
    bins: list[list[int]] = []
    for at in sorted(range(len(kinds)), key=lambda each: (-sizes[each], each)):
        fits = (one for one in bins if sum(sizes[each] for each in one) + sizes[at] <= _WORD)
        found = next(fits, None)
        if found is None:
            bins.append([at])
        else:
            found.append(at)
    for one in bins:
        one.sort()
    order = [at for one in sorted(bins) for at in one]
    return order if slots_of([kinds[at] for at in order]) < slots_of(kinds) else None
