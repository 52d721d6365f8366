"""Where a value goes: what it decides, and what it is written, sent or returned as."""

import re
from collections.abc import Iterator

from diptych.audit.analysis.arithmetic import arithmetic
from diptych.audit.analysis.contract import FunctionView, sources
from diptych.audit.graph.ops import Op

__all__ = ["compared", "is_instruction", "made_from", "reached_by", "terms", "tests"]

_RELATIONS = frozenset({"<", ">", "<=", ">=", "==", "!="})
_CARRIERS = frozenset(
    {"binary", "unary", "cast", "phi", "pick", "tuple", "builtin", "make", "slice"}
)
_COMPUTED = frozenset({"binary", "unary", "cast", "phi", "tuple"})
_MAX_USES = 300
_INSTRUCTION = re.compile(rb"[a-z]+\s*\(")
_OPEN, _CLOSE = b"()"


def reached_by(op: Op) -> Iterator[Op]:
    """Yield the ops that take a value or one made from it, nearest first, up to a bound.

    Calls, stores and the like are yielded and not followed: what they give is another value.
    """
    seen = {id(op)}
    pending = [op]
    while pending and len(seen) < _MAX_USES:
        current = pending.pop()
        for user in current.users:
            if id(user) not in seen:
                seen.add(id(user))
                yield user
                if user.kind in _CARRIERS or arithmetic(user) is not None:
                    pending.append(user)


def terms(op: Op, closed: frozenset[str] = frozenset()) -> Iterator[Op]:
    """Yield a number and the numbers it is computed from, nearest first.

    Reads and calls are yielded and not followed: their keys and arguments are other values. Nor
    are operators in `closed`.
    """
    seen = {id(op)}
    pending = [op]
    for current in pending:
        yield current
        for operand in _computed(current, closed):
            if id(operand) not in seen and len(seen) < _MAX_USES:
                seen.add(id(operand))
                pending.append(operand)


def _computed(op: Op, closed: frozenset[str]) -> tuple[Op, ...]:
    """Return what a value is computed from, nothing for what is read or called."""
    if op.kind in _COMPUTED:
        return () if op.attribute in closed else op.operands
    found = arithmetic(op) if op.kind == "call" else None
    return () if found is None or found.sign in closed else (found.left, found.right)


def tests(view: FunctionView) -> tuple[Op, ...]:
    """Return the conditions that a function branches on."""
    return view.shared(_tests)


def _tests(view: FunctionView) -> tuple[Op, ...]:
    return tuple(block.test for block in view.graph.blocks if block.test is not None)


def compared(view: FunctionView) -> tuple[Op, ...]:
    """Return the comparisons that a function's branches depend on."""
    return view.shared(_compared)


def _compared(view: FunctionView) -> tuple[Op, ...]:
    found = {
        id(each): each
        for test in tests(view)
        for each in sources(test)
        if each.kind == "binary" and each.attribute in _RELATIONS
    }
    return tuple(found.values())


def is_instruction(op: Op) -> bool:
    """Whether an arithmetic op is an instruction of inline assembly, such as `mul(x, y)`."""
    unit = op.frame.owner.unit
    shift = unit.tree.shift
    text = unit.text[op.start - shift : op.end - shift]
    if _INSTRUCTION.match(text) is None or not text.endswith(b")"):
        return False
    depth = 0
    for at, byte in enumerate(text):
        depth += (byte == _OPEN) - (byte == _CLOSE)
        if byte == _CLOSE and depth == 0:
            return at == len(text) - 1
    return False


def made_from(op: Op, *others: Op) -> bool:
    """Whether a value is made from one of others."""
    wanted = {id(other) for other in others}
    return any(id(each) in wanted for each in sources(op))
