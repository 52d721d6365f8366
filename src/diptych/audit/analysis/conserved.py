"""Sums that cannot wrap because what they are part of was checked: balances and their total."""

from collections.abc import Iterator

from diptych.audit.analysis.cells import cell_of, keys_of
from diptych.audit.analysis.contract import FunctionView
from diptych.audit.analysis.values import alike, is_bounded, unwrapped
from diptych.audit.graph.ops import Op

__all__ = ["is_conserved"]

_PASSED = frozenset({"memory", "calldata"})
_SIGNS = frozenset({"+", "-"})


def is_conserved(view: FunctionView, op: Op) -> bool:
    """Whether the same amount is checked where it leaves another entry, or enters the total.

    Holds as long as entries of a mapping add up to no more than fits, as balances do: a credit
    after a checked debit of the same mapping, a credit beside a checked rise of a total, a fall of
    a total beside a checked debit.
    """
    mine = _written(op)
    if mine is None or op.attribute not in _SIGNS:
        return False
    for other in _changes(view):
        theirs = _written(other)
        if other is op or theirs is None or not _shares(op, other):
            continue
        if not (other.checked or is_bounded(view, other)):
            continue
        if _backs(op, mine, (other, theirs)) and _meet(view, op, other):
            return True
    return False


def _changes(view: FunctionView) -> tuple[Op, ...]:
    return view.analysis(_sums)


def _sums(view: FunctionView) -> tuple[Op, ...]:
    sums = (op for op in view.ops if op.kind == "binary" and op.attribute in _SIGNS)
    return tuple(op for op in sums if _written(op) is not None)


def _written(op: Op) -> Op | None:
    """Return the write of stored state that takes a value, if there is one."""
    return next(_stores(op), None)


def _stores(op: Op) -> Iterator[Op]:
    for user in op.users:
        if user.kind == "cast":
            yield from _stores(user)
        elif user.kind == "store" and user.place.where == "storage" and user.operands[-1] is op:
            yield user


def _shares(op: Op, other: Op) -> bool:
    """Whether two sums take the same amount, which stands last."""
    amount = unwrapped(op.operands[1])
    return any(alike(amount, each) or _is_same_item(amount, each) for each in other.operands)


def _is_same_item(first: Op, second: Op) -> bool:
    """Whether two amounts are items of one list, or one is in the list that the other is of.

    Loops over the same list are taken to go over all of it.
    """
    lists = [_list_of(unwrapped(each)) for each in (first, second)]
    if lists[0] is not None and lists[0] is lists[1]:
        return True
    return any(
        found is not None and found.kind == "make" and any(alike(e, other) for e in found.operands)
        for found, other in zip(lists, (second, first), strict=True)
    )


def _list_of(op: Op) -> Op | None:
    """Return the list in memory that a value is an item of."""
    if op.kind != "load" or op.place.field != "[]" or op.place.where not in _PASSED:
        return None
    place = op.operands[0]
    return place.operands[0] if place.kind == "element" else None


def _backs(op: Op, mine: Op, found: tuple[Op, Op]) -> bool:
    other, theirs = found
    same = _is_same(mine, theirs)
    keyed, theirs_keyed = bool(keys_of(mine)), bool(keys_of(theirs))
    if op.attribute == "-":
        return other.attribute == "-" and not same and not keyed and theirs_keyed
    if other.attribute == "-":
        return same and keyed
    return not same and keyed and len(keys_of(theirs)) < len(keys_of(mine))


def _is_same(first: Op, second: Op) -> bool:
    """Whether two writes change the same variable, or the same member of a struct in a slot."""
    if first.place.variable is None and second.place.variable is None:
        return cell_of(first) == cell_of(second)
    return first.place.variable is second.place.variable


def _meet(view: FunctionView, op: Op, other: Op) -> bool:
    return view.flow.reaches(other, op) or view.flow.reaches(op, other)
