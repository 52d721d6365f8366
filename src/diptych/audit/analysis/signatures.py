"""Recovered signers: of what digest, from what signature, and what follows from them."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from diptych.audit.analysis.arithmetic import arithmetic
from diptych.audit.analysis.cells import cell_of
from diptych.audit.analysis.contract import FunctionView, sources
from diptych.audit.analysis.payments import is_payment
from diptych.audit.analysis.tokens import is_zero
from diptych.audit.analysis.uses import tests
from diptych.audit.analysis.values import unwrapped
from diptych.audit.graph.ops import Op

__all__ = ["Recovery", "digest_sources", "has_effect", "is_unseen", "marked", "recoveries"]

# Where the digest stands among the arguments of well-known libraries and of ERC-1271.
_LIBRARY = {
    "recover": 0,
    "tryRecover": 0,
    "recoverCalldata": 0,
    "isValidSignatureNow": 1,
    "isValidSignature": 0,
}
# Functions of well-known libraries that hash what they are given, without and with a domain.
_PREFIXING = frozenset({"toEthSignedMessageHash"})
_TYPED = frozenset({"toTypedDataHash", "_hashTypedDataV4", "hashTypedDataV4", "_domainSeparatorV4"})
_UNSEEN = frozenset({"library", "internal", "high_level"})
_READ_ONLY = frozenset({"view", "pure"})
_MARKS = frozenset({"|", "&", "^"})


class Recovery(NamedTuple):
    """One place where a signer is recovered or a signature judged.

    `digest` is what was signed, `signature` its parts. `raw` says that the machine's own function
    is called right here, so that what it does not check nobody checks.
    """

    op: Op
    digest: Op
    signature: tuple[Op, ...]
    raw: bool


def recoveries(view: FunctionView) -> tuple[Recovery, ...]:
    """Return the recoveries of one function whose result something depends on."""
    return view.analysis(_all)


def _all(view: FunctionView) -> tuple[Recovery, ...]:
    found = (_read(op) for op in view.ops if op.kind in ("builtin", "call"))
    return tuple(each for each in found if each is not None and each.op.users)


def _read(op: Op) -> Recovery | None:
    if op.kind == "builtin":
        if op.attribute == "ecrecover" and len(op.operands) == 4:
            return Recovery(op, op.operands[0], op.operands[1:], True)
        return None
    site = op.call
    at = _LIBRARY.get(site.name)
    if at is None or site.kind not in _UNSEEN:
        return None
    given = site.arguments
    attached = site.kind == "library" or "ecover" in site.name
    if attached and site.target is not None and site.target.kind != "unknown":
        given = (site.target, *given)  # `digest.recover(signature)`
    if at >= len(given) - 1:
        return None
    return Recovery(op, given[at], given[at + 1 :], False)


def digest_sources(view: FunctionView, recovery: Recovery) -> tuple[Op, ...]:
    """Return what a digest is made from, as far as it can be seen.

    Inline assembly hashes memory: what it wrote there in the same function counts.
    """
    found = {id(each): each for each in sources(recovery.digest)}
    frames = {id(each.frame) for each in found.values() if each.kind == "assembly"}
    if frames:
        for op in view.ops:
            if op.kind == "assembly" and op.attribute == "mstore" and id(op.frame) in frames:
                found.update((id(each), each) for each in sources(op))
    return tuple(found.values())


def is_unseen(op: Op, *, domain: bool) -> bool:
    """Whether a part of a digest comes from code that is not there and may add to it.

    Args:
        op: the part.
        domain: whether a domain counts as an addition; else only a nonce does.
    """
    if op.kind != "call":
        return op.kind == "unknown" and bool(op.users) and op.attribute in ("limit", "unread")
    known = _PREFIXING if domain else _PREFIXING | _TYPED
    return op.call.name not in known


def has_effect(view: FunctionView, recovery: Recovery) -> bool:
    """Whether doing the same again does more: ether or tokens move, or a stored number grows.

    An argument that is stored counts too: it undoes what was stored since. A constant that is
    stored twice changes nothing.
    """
    function = view.function
    if function is None or function.mutability in _READ_ONLY:
        return False
    for call in view.calls:
        if call is recovery.op or not view.flow.reaches(recovery.op, call):
            continue
        kinds = ("call", "delegatecall", "send", "transfer", "callcode")
        if call.call.kind in kinds or is_payment(call) or _is_open(call):
            return True
    hashes = _hashes(sources(recovery.digest))
    return any(
        _accumulates(write) or (_replaces(write) and not _is_under(write, hashes))
        for write in view.writes
    )


def _is_open(call: Op) -> bool:
    """Whether a call to another contract, or to code that is not there, may change state."""
    if call.call.kind == "internal":
        return not call.users
    if call.call.kind != "high_level":
        return False
    declared = call.call.declaration
    return declared is None or declared.mutability not in _READ_ONLY


def _accumulates(write: Op) -> bool:
    if write.kind == "push":
        return True
    value = unwrapped(write.operands[-1])
    change = arithmetic(value)
    if change is None or change.sign not in ("+", "-"):
        return False
    own = any(each.kind == "load" and _same(each, write) for each in sources(value))
    return own and unwrapped(change.right).kind != "const"


def _replaces(write: Op) -> bool:
    value = unwrapped(write.operands[-1])
    return write.kind == "store" and value.kind == "param" and not value.type.is_reference


def _hashes(digest: Iterable[Op]) -> set[int]:
    """Return the hashes that a digest is made of, itself among them."""
    return {id(each) for each in digest if each.kind == "builtin"}


def _is_under(write: Op, hashes: set[int]) -> bool:
    """Whether something is stored under a hash of what was signed."""
    place = write.operands[0]
    while place.kind == "element":
        if any(id(unwrapped(key)) in hashes for key in place.operands[1:2]):
            return True
        place = place.operands[0]
    return False


def _same(first: Op, second: Op) -> bool:
    variable = first.place.variable
    return variable is not None and variable is second.place.variable


def marked(view: FunctionView, digest: tuple[Op, ...]) -> Iterator[Op]:
    """Yield writes that make a signature count once.

    What is written, a variable or a struct in a slot of its own (ERC-7201), is part of the digest
    or of a condition, and the function sets it to a constant, counts it up, flips a bit of it, or
    replaces it by an argument or the time; or it keeps how much of a signed order is filled, under
    the order's hash.
    """
    hashes = _hashes(digest)
    asked = {cell_of(each).variable for each in digest if each.kind == "load"}
    for test in tests(view):
        asked.update(cell_of(each).variable for each in sources(test) if each.kind == "load")
    asked.discard(-1)  # a slot that is computed
    for write in view.writes:
        if cell_of(write).variable not in asked:
            continue
        if _is_mark(write) or _is_under(write, hashes):
            yield write


def _is_mark(write: Op) -> bool:
    if write.kind != "store":
        return True
    value = unwrapped(write.operands[-1])
    if is_zero(value) or value.kind in ("const", "param", "env"):
        return True
    change = arithmetic(value)
    return change is not None and (change.sign in _MARKS or unwrapped(change.right).kind == "const")
