"""What a stranger seems to be able to take: payments to the caller, of all there is."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from diptych.audit.analysis.access import is_caller
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.payments import is_payment
from diptych.audit.analysis.values import unwrapped
from diptych.audit.graph.ops import Op

__all__ = ["Payout", "is_own_balance", "is_paid_in", "nodes", "payouts", "reads"]

_STATE = frozenset({"storage", "immutable"})


class Payout(NamedTuple):
    """Ether that leaves: where, by which op, to whom; `amount` is None where it is all there is."""

    view: FunctionView
    op: Op
    target: Op
    amount: Op | None

    @property
    def is_all(self) -> bool:
        """Whether the amount is made from the contract's whole balance."""
        return self.amount is None or any(is_own_balance(each) for each in sources(self.amount))

    @property
    def to_choice(self) -> bool:
        """Whether the caller, or whom the caller names, is paid."""
        found = list(sources(self.target))
        if any(each.kind == "load" for each in found):
            return False
        return is_caller(self.target) or any(each.kind == "param" for each in found)


def payouts(contract: ContractGraph) -> Iterator[Payout]:
    """Yield every payment and self-destruction that a call from outside can reach."""
    for view in contract.entries:
        for call in view.calls:
            if is_payment(call) and call.call.target is not None:
                yield Payout(view, call, call.call.target, call.call.value)
        for op in view.ops:
            if op.kind == "selfdestruct" and op.operands:
                yield Payout(view, op, op.operands[0], None)


def is_own_balance(op: Op) -> bool:
    """Whether a value is the contract's own balance."""
    op = unwrapped(op)
    if op.kind == "assembly":
        return op.attribute == "selfbalance"
    if op.kind != "account" or op.attribute != "balance":
        return False
    return any(each.kind == "env" and each.attribute == "this" for each in sources(op))


def is_paid_in(op: Op) -> bool:
    """Whether a value is what the caller sent along."""
    op = unwrapped(op)
    return op.kind == "env" and op.attribute == "msg.value"


def reads(op: Op) -> Iterator[Op]:
    """Yield the reads of state variables, immutable ones too, that a value is made from."""
    return (each for each in sources(op) if each.kind == "load" and each.place.where in _STATE)


def nodes(tree: Any) -> Iterator[Any]:
    """Yield a node of the syntax tree and all below it."""
    pending = [tree]
    while pending:
        current = pending.pop()
        if isinstance(current, tuple):
            if hasattr(current, "_fields"):
                yield current
            pending.extend(current)
