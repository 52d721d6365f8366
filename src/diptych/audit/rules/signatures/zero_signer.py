"""No signer at all passes for a signer."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView
from diptych.audit.analysis.reach import is_privileged
from diptych.audit.analysis.signatures import recoveries
from diptych.audit.analysis.tokens import is_zero
from diptych.audit.analysis.uses import compared, reached_by
from diptych.audit.analysis.values import alike, unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule, asked_for

INFO = RuleInfo(
    id="zero-signer",
    title="Failed recovery of a signer is not refused",
    category="access_control",
    severity="medium",
    swc="SWC-122",
    cwe="CWE-347",
    owasp="SC01:2025",
    description="ecrecover gives the zero address for a signature that is none. The result is held "
    "against an address that may be zero, or is used as it is.",
    scenario="The attacker passes a broken signature: ecrecover gives zero, the account named in "
    "the arguments or a mapping's empty entry is zero too, and the check passes.",
    fix="require(signer != address(0)), or use a library that does it (OpenZeppelin's ECDSA).",
    reference="https://docs.soliditylang.org/en/latest/units-and-global-variables.html#ecrecover",
)
_READ_ONLY = frozenset({"view", "pure"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield recovered signers that are compared or used without a look at zero."""
    for view in contract.entries:
        for recovery in recoveries(view):
            if recovery.raw and not _is_refused(view, recovery.op):
                severity = _severity(view, recovery.op)
                if severity:
                    text = "gives zero for a broken signature"
                    yield Match(
                        asked_for(recovery.op),
                        text,
                        (asked_for(recovery.op, entry=True),),
                        severity,
                    )


def _is_refused(view: FunctionView, signer: Op) -> bool:
    """Whether the signer, or what it must equal, is held against zero."""
    wanted = [signer]
    for other in _expected(view, signer):
        wanted.append(other)
    for test in compared(view):
        left, right = test.operands
        for value, zero in ((left, right), (right, left)):
            if is_zero(zero) and any(_is_same(value, each) for each in wanted):
                return True
    return False


def _is_same(value: Op, wanted: Op) -> bool:
    value = unwrapped(value)
    if value.kind in ("phi", "pick", "tuple"):
        return any(unwrapped(each) is wanted for each in value.operands)
    return alike(value, wanted)


def _expected(view: FunctionView, signer: Op) -> Iterator[Op]:
    """Yield what the signer is compared with."""
    for test in compared(view):
        if test.attribute in ("==", "!="):
            left, right = (unwrapped(operand) for operand in test.operands)
            if _is_same(left, signer):
                yield right
            elif _is_same(right, signer):
                yield left


def _severity(view: FunctionView, signer: Op) -> str:
    """Rate by what a zero would be taken for; empty where it can be nobody."""
    expected = list(_expected(view, signer))
    reading = view.function is None or view.function.mutability in _READ_ONLY
    reading = reading or is_privileged(view, signer)
    if any(_may_be_zero(each) for each in expected):
        return "low" if reading else "medium"
    if expected:
        return "low" if any(each.kind == "load" for each in expected) else ""
    kept = any(_is_kept(user) for user in reached_by(signer))
    return "medium" if kept and not reading else "low"


def _is_kept(user: Op) -> bool:
    """Whether a user stores the signer, or something under it."""
    written = user.kind == "element" and any(each.kind == "store" for each in user.users)
    return written or user.kind in ("store", "push")


def _may_be_zero(op: Op) -> bool:
    """Whether a caller can make an address zero: an argument, or an entry never set."""
    return op.kind == "param" or (op.kind == "load" and op.place.field != "")


RULE = Rule(INFO, check)
