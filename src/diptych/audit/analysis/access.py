"""Who may get as far as an op: conditions on the caller that not everybody can meet."""

from diptych.audit.analysis.contract import FunctionView, sources
from diptych.audit.analysis.dominance import Fact
from diptych.audit.graph.ops import Op

__all__ = ["caller_conditions", "is_caller", "is_keyed_by_caller", "is_restricted"]

_CALLER = frozenset({"msg.sender", "tx.origin"})
_EQUALITY = {"==": True, "!=": False}


def is_restricted(view: FunctionView, op: Op) -> bool:
    """Whether only some callers can reach an op, as far as the source shows.

    A caller is held against a value that the caller does not choose, is looked up in a mapping to
    a truth value, or is judged by another contract. A modifier whose source is missing is taken to
    restrict, for nothing speaks against it.
    """
    if any(caller_conditions(fact) for fact in view.flow.facts(op)):
        return True
    unseen = (each for each in view.ops if each.kind == "modifier")
    return any(view.flow.dominates(each, op) for each in unseen)


def caller_conditions(fact: Fact) -> bool:
    """Whether a condition restricts who the caller is; of alternatives, each one must."""
    test, holds = fact
    if test.kind == "unary" and test.attribute == "!":
        return caller_conditions(Fact(test.operands[0], not holds))
    if test.kind == "binary" and test.attribute in ("||", "&&"):
        wanted = all if (test.attribute == "||") is holds else any
        return wanted(caller_conditions(Fact(each, holds)) for each in test.operands)
    return _is_condition(test, holds)


def _is_condition(test: Op, holds: bool) -> bool:
    if test.kind == "binary" and _EQUALITY.get(str(test.attribute)) is holds:
        left, right = test.operands
        return (is_caller(left) and not _is_chosen(right)) or (
            is_caller(right) and not _is_chosen(left)
        )
    if test.kind == "call":
        return any(is_caller(argument) for argument in test.call.arguments)
    if test.kind == "binary" and _EQUALITY.get(str(test.attribute)) is not holds:
        return any(_names_caller(operand) for operand in test.operands)
    return holds and test.kind == "load" and is_keyed_by_caller(test)


def _names_caller(op: Op) -> bool:
    """Whether a value is what a mapping holds for the caller: an address or a role, no amount."""
    return op.kind == "load" and not op.type.is_number and is_keyed_by_caller(op)


def is_caller(op: Op) -> bool:
    """Whether a value is the caller's address, or its hash or encoding."""
    found = list(sources(op))
    return any(each.kind == "env" and each.attribute in _CALLER for each in found) and not any(
        each.kind in ("load", "call") for each in found
    )


def _is_chosen(op: Op) -> bool:
    """Whether the caller decides a value: an argument, or the caller's own address."""
    return any(
        each.kind == "param" or (each.kind == "env" and each.attribute in _CALLER)
        for each in sources(op)
        if each.kind != "load"
    ) and not any(each.kind == "load" for each in sources(op))


def is_keyed_by_caller(load: Op) -> bool:
    """Whether a read is of the caller's own entry in a mapping."""
    place = load.operands[0] if load.operands else load
    while place.kind == "element":
        if len(place.operands) > 1 and is_caller(place.operands[1]):
            return True
        place = place.operands[0]
    return False
