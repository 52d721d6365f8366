"""A signed allowance or payment never ends."""

from collections.abc import Iterator

from diptych.audit.analysis.contract import ContractGraph, FunctionView, sources
from diptych.audit.analysis.payments import is_payment
from diptych.audit.analysis.signatures import digest_sources, is_unseen, recoveries
from diptych.audit.analysis.tokens import token_calls
from diptych.audit.analysis.uses import compared
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule, asked_for

INFO = RuleInfo(
    id="signature-without-deadline",
    title="Signed allowance or payment never expires",
    category="access_control",
    severity="low",
    swc="",
    cwe="CWE-613",
    owasp="SC01:2025",
    description="A signature lets somebody set an allowance or move money, and no signed time is "
    "held against the clock.",
    scenario="A signature that was handed out and forgotten is submitted years later, when the "
    "price or the signer's mind has changed.",
    fix="Sign a deadline and require(block.timestamp <= deadline), as ERC-2612 does.",
    reference="https://eips.ethereum.org/EIPS/eip-2612",
)
_CLOCK = frozenset({"block.timestamp", "block.number"})


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield recoveries that move money at any time."""
    for view in contract.entries:
        for recovery in recoveries(view):
            if _moves_money(view) and not _is_timed(view, digest_sources(view, recovery)):
                text = "this signature can be used at any time from now on"
                severity = "low" if any(map(_is_allowance, view.writes)) else "info"
                yield Match(asked_for(recovery.op, entry=True), text, (), severity)


def _moves_money(view: FunctionView) -> bool:
    if any(is_payment(call) for call in view.calls) or token_calls(view):
        return True
    return any(_is_allowance(write) for write in view.writes)


def _is_allowance(write: Op) -> bool:
    """Whether a number is stored under two accounts."""
    if write.kind != "store" or not write.type.is_number:
        return False
    place, keys = write.operands[0], 0
    while place.kind == "element":
        keys += sum(key.type.kind == "address" for key in place.operands[1:2])
        place = place.operands[0]
    return keys == 2


def _is_timed(view: FunctionView, digest: tuple[Op, ...]) -> bool:
    """Whether something that was signed is compared with the time, or cannot be seen."""
    if any(is_unseen(each, domain=False) or each.kind == "assembly" for each in digest):
        return True
    signed = {id(each) for each in digest if each.kind in ("param", "load")}
    for test in compared(view):
        found = list(sources(test))
        clock = any(each.kind == "env" and each.attribute in _CLOCK for each in found)
        if clock and any(id(each) in signed for each in found):
            return True
    return False


RULE = Rule(INFO, check)
