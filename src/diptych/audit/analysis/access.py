"""Who may get as far as an op: conditions on the caller that not everybody can meet."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from diptych.audit.analysis.contract import FunctionView, sources
from diptych.audit.analysis.dominance import Fact
from diptych.audit.analysis.quorum import kept_loops, reached
from diptych.audit.graph.ops import BasicBlock, CallSite, Op
from diptych.audit.graph.program import ContractNode

__all__ = [
    "caller_conditions",
    "free_blocks",
    "is_caller",
    "is_keyed_by_caller",
    "is_restricted",
    "is_signed",
    "restricting",
    "restricting_tests",
    "restricts",
]

_CALLER = frozenset({"msg.sender", "tx.origin"})
_CALLER_FUNCTIONS = frozenset({"_msgSender", "msgSender"})  # ERC-2771
_EQUALITY = {"==": True, "!=": False}
# Modifiers of the libraries in common use that say nothing about who calls, by name, for where
# their source is not there.
_FOR_ANYBODY = frozenset({"nonReentrant", "whenNotPaused", "whenPaused", "lock", "payable"})
# Where ERC-20 and its common wrappers take the receiver.
_RECEIVER = {"transfer": 0, "safeTransfer": 0, "transferFrom": 1, "safeTransferFrom": 1}
# Checks of a signature or a proof whose source is not there.
_PROOFS = frozenset(
    {"recover", "tryRecover", "isValidSignature", "isValidSignatureNow", "verify", "verifyCalldata"}
)


def is_restricted(view: FunctionView, op: Op) -> bool:
    """Whether only some callers can reach an op and have it stand, as far as the source shows.

    On every way from the start over the op to an end that is no revert, a caller is held against a
    value that the caller does not choose, is looked up in a mapping to a truth value, or is judged
    by another contract; or somebody else signed for it. A modifier whose source is missing, and a
    function that a derived contract has yet to write, are taken to restrict, for nothing speaks
    against it.
    """
    return op.block not in view.analysis(_free)


def _free(view: FunctionView) -> frozenset[int]:
    return free_blocks(view, restricting(view))


def restricting(view: FunctionView) -> Callable[[Fact], bool]:
    """Return `restricts` with a memory, for a condition is met again on every way after it."""
    return view.shared(_remembered)


def _remembered(view: FunctionView) -> Callable[[Fact], bool]:
    known: dict[Fact, bool] = {}

    def ask(fact: Fact) -> bool:
        if fact not in known:
            known[fact] = restricts(fact)
        return known[fact]

    return ask


def free_blocks(view: FunctionView, restricts: Callable[[Fact], bool]) -> frozenset[int]:
    """Return the blocks that lie on some way through a function that no condition restricts."""
    blocks = view.graph.blocks
    shut = {op.block for op in view.shared(_opaque) if _is_unseen(view, op)}
    onward: dict[int, list[int]] = {block.index: [] for block in blocks}
    back: dict[int, list[int]] = {block.index: [] for block in blocks}
    for at, successor, facts in view.shared(_edges):
        if shut.isdisjoint((at, successor)) and not any(restricts(fact) for fact in facts):
            onward[at].append(successor)
            back[successor].append(at)
    for at, out in kept_loops(view, onward):
        onward[at].remove(out)
        back[out].remove(at)
    starts = [0] if 0 not in shut else []
    ends = [b.index for b in blocks if b.ending in ("return", "stop") and b.index not in shut]
    return frozenset(reached(onward, starts) & reached(back, ends))


class _Edge(NamedTuple):
    """A way from a block to a successor, and what holds on it."""

    block: int
    successor: int
    facts: tuple[Fact, ...]


def _edges(view: FunctionView) -> tuple[_Edge, ...]:
    """Return the ways between blocks, without those that are plainly never taken."""
    found: list[_Edge] = []
    for block in view.graph.blocks:
        for at, successor in enumerate(block.successors):
            facts = tuple(_facts_on(view, block, at))
            if not any(_never(fact) for fact in facts):
                found.append(_Edge(block.index, successor, facts))
    return tuple(found)


def _facts_on(view: FunctionView, block: BasicBlock, at: int) -> Iterator[Fact]:
    if block.test is None or len(block.successors) != 2:
        return iter(())
    return view.flow.apart(Fact(block.test, at == 0))


def restricting_tests(view: FunctionView) -> frozenset[Op]:
    """Return the tests that, as they come out on some way, restrict who calls."""
    return view.shared(_restricting_tests)


def _restricting_tests(view: FunctionView) -> frozenset[Op]:
    restricts = restricting(view)
    edges = view.shared(_edges)
    return frozenset(fact.test for edge in edges for fact in edge.facts if restricts(fact))


def _never(fact: Fact) -> bool:
    """Whether a condition is plainly not met, such as a switch that is off."""
    test, holds = fact
    while test.kind == "cast":
        test = test.operands[0]
    if test.kind == "zero":
        return holds
    return test.kind == "const" and bool(test.attribute) is not holds


def restricts(fact: Fact) -> bool:
    """Whether a condition keeps some callers out, or asks for a signature."""
    return caller_conditions(fact) or is_signed(fact) or _is_lent(fact)


def _is_lent(fact: Fact) -> bool:
    """Whether code runs only by delegatecall: for a contract that is not the one deployed here."""
    test, holds = fact
    if test.kind != "binary" or _EQUALITY.get(str(test.attribute)) is not (not holds):
        return False
    sides = [_below_casts(each) for each in test.operands]
    own = [each for each in sides if each.kind == "env" and each.attribute == "this"]
    kept = [each for each in sides if each.kind == "load" and each.place.where == "immutable"]
    return len(own) == 1 and len(kept) == 1


def _below_casts(op: Op) -> Op:
    while op.kind == "cast" and op.operands:
        op = op.operands[0]
    return op


def is_signed(fact: Fact) -> bool:
    """Whether a condition looks at who signed, or at a proof."""
    for each in sources(fact.test):
        if each.kind == "builtin" and each.attribute == "ecrecover":
            return True
        if each.kind == "call" and each.call.name in _PROOFS:
            return True
    return False


def _opaque(view: FunctionView) -> tuple[Op, ...]:
    """Return what may run source that is out of sight."""
    return tuple(op for op in view.ops if op.kind in ("modifier", "call"))


def _is_unseen(view: FunctionView, op: Op) -> bool:
    if op.kind == "modifier":
        return str(op.attribute) not in _FOR_ANYBODY
    if op.kind != "call" or op.users:
        return False
    return _is_unwritten(op, view.graph.contract) or _is_proof(op)


def _is_proof(op: Op) -> bool:
    """Whether a library that is not there checks a proof, and reverts where it is none."""
    return op.call.kind in ("library", "internal") and op.call.name in _PROOFS


def _is_unwritten(op: Op, contract: ContractNode | None = None) -> bool:
    """Whether a call is of a function that a derived contract has yet to write."""
    if op.call.kind != "internal":
        return False
    found = (contract or op.frame.owner).functions.get(op.call.name, ())
    return bool(found) and all(function.body is None for _, function in found)


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
    if test.kind == "call":
        return _is_unwritten(test) or (
            test.call.kind != "send"
            and any(is_caller(each) for each in test.call.arguments)
            and not _moves_tokens(test.call)
        )
    if test.kind == "binary" and str(test.attribute) in _EQUALITY:
        left, right = test.operands
        if _EQUALITY[str(test.attribute)] is holds:
            return _is_pinned(left, right) or _is_pinned(right, left)
        return _names_caller(left) or _names_caller(right) or _is_role(left, right)
    if test.kind == "binary" and test.attribute in ("-", "^") and not holds:
        left, right = test.operands  # as assembly compares
        return _is_pinned(left, right) or _is_pinned(right, left)
    return holds and is_keyed_by_caller(test)


def _moves_tokens(call: CallSite) -> bool:
    """Whether a call moves tokens to the caller or from him, as anybody can let it do (ERC-20).

    Of nothing at least: an amount may be nothing, and the token may be the caller's own.
    """
    place = _RECEIVER.get(call.name)
    given = call.arguments[: None if place is None else place + 1]
    return place is not None and any(is_caller(each) for each in given)


def _is_pinned(caller: Op, other: Op) -> bool:
    """Whether equality of two values leaves only some callers, or only callers of some role."""
    if is_caller(caller):
        return not _is_chosen(other)
    return is_keyed_by_caller(caller) and _number(other) not in (0, None)


def _number(op: Op) -> object:
    while op.kind == "cast":
        op = op.operands[0]
    return op.attribute if op.kind == "const" else None


def _is_role(left: Op, right: Op) -> bool:
    """Whether a caller's own entry is held not to be nothing, as rights in bits are."""
    return (
        _number(right) == 0
        and left.kind == "binary"
        and left.attribute == "&"
        and any(is_keyed_by_caller(each) for each in left.operands)
    )


def _names_caller(op: Op) -> bool:
    """Whether a value is what a mapping holds for the caller: an address or a role, no amount."""
    return op.kind == "load" and not op.type.is_number and is_keyed_by_caller(op)


def is_caller(op: Op) -> bool:
    """Whether a value is the caller's address, or its hash or encoding."""
    found = False
    for each in sources(op):
        if each.kind == "env" and each.attribute in _CALLER:
            found = True
        elif each.kind == "call":
            if each.call.name not in _CALLER_FUNCTIONS:
                return False
            found = True
        elif each.kind == "load":
            return False
    return found


def _is_chosen(op: Op) -> bool:
    """Whether the caller decides a value: an argument, or the caller's own address."""
    chosen = False
    for each in sources(op):
        if each.kind == "load" and each.place.where not in ("memory", "calldata"):
            return False
        chosen = (
            chosen or each.kind == "param" or (each.kind == "env" and each.attribute in _CALLER)
        )
    return chosen


def is_keyed_by_caller(load: Op) -> bool:
    """Whether a read is of the caller's own entry in a mapping."""
    return load.kind in ("load", "store", "push", "pop") and any(
        is_caller(key) for key in _keys(load)
    )


def _keys(op: Op) -> Iterator[Op]:
    place = op.operands[0] if op.operands else op
    while place.kind == "element":
        yield from place.operands[1:2]
        place = place.operands[0]
