"""A signature is accepted again and again."""

from collections.abc import Iterator

from diptych.audit.analysis.access import caller_conditions
from diptych.audit.analysis.authority import is_order, may_be_counted
from diptych.audit.analysis.cells import cell_of, keys_of, overlap
from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.signatures import (
    Recovery,
    digest_sources,
    has_effect,
    is_unseen,
    marked,
    recoveries,
)
from diptych.audit.analysis.uses import tests
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule, asked_for

INFO = RuleInfo(
    id="signature-replay",
    title="Signature can be used again",
    category="access_control",
    severity="high",
    swc="SWC-121",
    cwe="CWE-294",
    owasp="SC01:2025",
    description="A function acts on a signature and nothing makes it count once: the digest has no "
    "nonce that is used up, and no record of used signatures is kept.",
    scenario="The receiver of a signed payment order submits the same order until the balance of "
    "the signer is gone.",
    fix="Sign a nonce and count it up on use, or record the digest as used before acting on it.",
    reference="https://swcregistry.io/docs/SWC-121/",
)

# Functions of OpenZeppelin's tokens and of SafeERC20, which keep no record of signatures.
_PLAIN = frozenset(
    {
        "_mint",
        "_safeMint",
        "_burn",
        "_transfer",
        "_approve",
        "safeTransfer",
        "safeTransferFrom",
        "safeApprove",
        "forceApprove",
        "sendValue",
    }
)


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield recoveries after which something happens that could happen again."""
    for view in contract.entries:
        for recovery in recoveries(view):
            if has_effect(view, recovery) and _repeats(view, recovery):
                text = "nothing makes this signature count only once"
                order = is_order(view, recovery, digest_sources(view, recovery))
                grade = "" if order and not may_be_counted(view) else "low"
                yield Match(asked_for(recovery.op, entry=True), text, (recovery.op,), grade)


def _repeats(view: FunctionView, recovery: Recovery) -> bool:
    digest = digest_sources(view, recovery)
    if any(is_unseen(each, domain=False) for each in digest):
        return False  # the nonce may come from there
    if next(marked(view, digest), None) is not None:
        return False
    if any(_may_count(call) for call in view.calls) or any(_is_entered(view, digest)):
        return False
    return not any(caller_conditions(fact) for fact in view.flow.facts(recovery.op))


def _is_entered(view: FunctionView, digest: tuple[Op, ...]) -> Iterator[bool]:
    """Yield whether an entry is made under a signed key, and a condition looks at that entry."""
    signed = {id(each) for each in digest if each.kind == "param"}
    asked = {cell_of(load) for test in tests(view) for load in sources(test) if load.kind == "load"}
    for write in view.writes:
        keys = {id(each) for key in keys_of(write) for each in sources(key)}
        if write.kind == "store" and write.operands[-1].kind == "make" and keys & signed:
            yield any(overlap(cell_of(write), each) for each in asked)


def _may_count(call: Op) -> bool:
    """Whether a function of a base or library that is not there may keep the record."""
    site = call.call
    return site.kind in ("internal", "library") and not call.users and site.name not in _PLAIN


RULE = Rule(INFO, check)
