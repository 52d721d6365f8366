"""What the caller sends is held against a balance that contains it already."""

from collections.abc import Iterator

from diptych.audit.analysis.access import is_restricted
from diptych.audit.analysis.contract import ContractGraph
from diptych.audit.analysis.lures import Payout, is_own_balance, is_paid_in, payouts
from diptych.audit.analysis.values import unwrapped
from diptych.audit.finding import RuleInfo
from diptych.audit.graph.ops import Op
from diptych.audit.rules.rule import Match, Rule

INFO = RuleInfo(
    id="balance-disorder",
    title="Honeypot: the balance counts the payment already",
    category="honeypot",
    severity="high",
    swc="",
    cwe="CWE-506",
    owasp="",
    description="A payout to the caller needs msg.value to be at least the contract's balance, or "
    "pays balance plus msg.value. The balance contains msg.value from the first instruction on.",
    scenario="The victim sends more than the contract shows to hold, to get both back; the "
    "condition cannot hold unless the contract was empty, and the owner takes the payment.",
    fix="Do not send ether to it. Where it is meant, compare with balance - msg.value.",
    reference="https://www.usenix.org/conference/usenixsecurity19/presentation/ferreira",
)
_AT_LEAST = {">=": 0, ">": 0, "<=": 1, "<": 1}
_OPPOSITE = {">=": "<", ">": "<=", "<=": ">", "<": ">="}


def check(contract: ContractGraph) -> Iterator[Match]:
    """Yield payouts to the caller that a payment of as much as the balance seems to open."""
    for payout in payouts(contract):
        if not payout.to_choice or is_restricted(payout.view, payout.op):
            continue
        test = _condition(payout)
        if test is not None:
            yield Match(test, "the balance contains msg.value: this cannot hold", (payout.op,))
        elif payout.amount is not None and _counts_twice(payout.amount):
            yield Match(payout.op, "the balance contains msg.value: this is more than there is")


def _condition(payout: Payout) -> Op | None:
    """Return the condition on a payout that msg.value is at least the balance."""
    for test, holds in payout.view.flow.facts(payout.op):
        sign = str(test.attribute)
        if test.kind != "binary" or sign not in _AT_LEAST:
            continue
        larger = _AT_LEAST[sign if holds else _OPPOSITE[sign]]
        if is_paid_in(test.operands[larger]) and is_own_balance(test.operands[1 - larger]):
            return test
    return None


def _counts_twice(amount: Op) -> bool:
    amount = unwrapped(amount)
    if amount.kind != "binary" or amount.attribute != "+":
        return False
    left, right = amount.operands
    return (is_own_balance(left) and is_paid_in(right)) or (
        is_own_balance(right) and is_paid_in(left)
    )


RULE = Rule(INFO, check)
