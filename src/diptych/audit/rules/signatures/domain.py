"""A signature is valid for other contracts and other chains as well."""

from collections.abc import Iterator

from diptych.audit.analysis.authority import is_order
from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.analysis.payments import is_payment
from diptych.audit.analysis.signatures import (
    Recovery,
    digest_sources,
    has_effect,
    is_unseen,
    marked,
    recoveries,
)
from diptych.audit.analysis.uses import compared
from diptych.audit.analysis.values import unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule, asked_for

INFO = RuleInfo(
    id="signature-without-domain",
    title="Signature does not say for which contract and chain",
    category="access_control",
    severity="medium",
    swc="SWC-121",
    cwe="CWE-347",
    owasp="SC01:2025",
    description="The signed digest holds neither the contract's address nor the chain's id, nor a "
    "stored domain separator.",
    scenario="An order signed for one deployment is submitted to another one: on a second chain, "
    "or to the next version of the contract, where its nonce is still unused.",
    fix="Sign EIP-712 data: a domain with chainId and verifyingContract in front of the message.",
    reference="https://eips.ethereum.org/EIPS/eip-712",
)
_HASH_BITS = 256
_ORDERS = frozenset({"call", "delegatecall", "callcode", "send", "transfer"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield recoveries of digests without a domain."""
    for view in contract.entries:
        for recovery in _signed(view):
            digest = digest_sources(view, recovery)
            if not any(each.kind in ("builtin", "call") for each in digest) or _has_domain(
                view, digest
            ):
                continue
            if not has_effect(view, recovery) and next(marked(view, digest), None) is None:
                continue
            named = {str(each.attribute) for each in digest if each.kind == "env"}
            place = asked_for(recovery.op, entry=True)
            if "this" not in named and "block.chainid" not in named:
                order = is_order(view, recovery, digest) and not _is_report(view, recovery)
                grade = "" if order else "low"
                yield Match(place, "valid for any contract, on any chain", (recovery.op,), grade)
            elif "this" not in named:
                yield Match(place, "valid for any contract on this chain", (), "low")
            elif "block.chainid" not in named:
                yield Match(place, "valid on any chain with this address", (), "low")


def _signed(view: FunctionView) -> Iterator[Recovery]:
    yield from (each for each in recoveries(view) if not _is_of_curve(each.digest))


def _is_of_curve(digest: Op) -> bool:
    """Whether the machine's recovery only multiplies a point, as proofs of randomness need it."""
    value = unwrapped(digest)
    if value.kind == "binary":
        return value.attribute in ("-", "%", "*")
    return value.kind == "builtin" and value.attribute in ("mulmod", "addmod")


def _is_report(view: FunctionView, recovery: Recovery) -> bool:
    """Whether many sign in turn and nothing is paid or called freely: a report of a committee."""
    if not view.flow.reaches(recovery.op, recovery.op):
        return False
    return not any(call.call.kind in _ORDERS or is_payment(call) for call in view.calls)


def _has_domain(view: FunctionView, digest: tuple[Op, ...]) -> bool:
    """Whether a stored hash goes into the digest, or something that cannot be seen."""
    if any(_is_domain(each) for each in digest):
        return True
    given = [each for each in digest if each.kind in ("param", "load", "env")]
    if len(given) == 1 and _is_hash(given[0]):
        return True  # a digest made elsewhere, with a prefix put before it
    signed = {id(each) for each in digest}
    for test in compared(view):
        left, right = (unwrapped(operand) for operand in test.operands)
        for value, other in ((left, right), (right, left)):
            if other.kind == "load" and _is_hash(other) and _is_part(value, signed):
                return True
    return False


def _is_part(value: Op, signed: set[int]) -> bool:
    """Whether a value is signed, or is an item or a member of what is."""
    while id(value) not in signed and value.kind in ("load", "element", "cast") and value.operands:
        value = value.operands[0]
    return id(value) in signed


def _is_domain(op: Op) -> bool:
    if op.kind == "load":
        return _is_hash(op) and op.place.where in ("storage", "immutable", "memory")
    return is_unseen(op, domain=True) or (op.kind == "assembly" and op.attribute == "chainid")


def _is_hash(op: Op) -> bool:
    return op.type.kind == "fixed_bytes" and op.type.bits == _HASH_BITS


RULE = Rule(INFO, check)
