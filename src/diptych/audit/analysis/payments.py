"""Payments: to whom, how much, in a loop or not."""

from diptych.audit.analysis.contract import FunctionView, sources
from diptych.audit.graph.ops import Op

__all__ = ["in_loop", "is_payment", "paid_from"]

_ALWAYS = frozenset({"send", "transfer"})


def is_payment(op: Op) -> bool:
    """Whether a call moves ether: `send`, `transfer`, or a call with a value that is not zero."""
    if op.kind != "call":
        return False
    value = op.call.value
    if value is None or (value.kind == "const" and value.attribute == 0):
        return False
    return op.call.kind in _ALWAYS or op.call.kind in ("call", "high_level")


def in_loop(view: FunctionView, op: Op) -> bool:
    """Whether an op can run again after itself."""
    return view.flow.reaches(op, op)


def paid_from(op: Op) -> list[Op]:
    """Return the storage reads that a payment's amount is made from."""
    value = op.call.value
    found = () if value is None else sources(value)
    return [each for each in found if each.kind == "load" and each.place.where == "storage"]
